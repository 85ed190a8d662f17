/** Attacks by users of the application on what only its backend, or nobody, may do. */

import { signed } from "../../support/attack-signer";
import { cognitoCall, deployTarget, type Target } from "../../support/attack-target";
import { refusalIn, type WireRequest } from "../../support/wire";

let target: Target;

beforeAll(async () => {
  target = await deployTarget();
});

afterAll(() => target.stop());

type Caller = "user" | "backend" | "nobody";

interface Call {
  readonly service: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: WireRequest["headers"];
  readonly body?: string;
}

function request(
  caller: Caller,
  { service, method = "POST", path = "/", headers = [], body }: Call,
): WireRequest {
  const host = `127.0.0.1:${target.aws.port}`;
  if (caller === "nobody") {
    return { method, path, headers: [["Host", host], ...headers], body };
  }
  const credentials = caller === "user" ? target.alice.credentials : target.aws.credentials;
  return signed({ ...credentials, at: target.now(), host, service, method, path, headers, body });
}

const cognito = (operation: string, input: object): Call => ({
  service: "cognito-identity",
  headers: [
    ["Content-Type", "application/x-amz-json-1.1"],
    ["X-Amz-Target", `AWSCognitoIdentityService.${operation}`],
  ],
  body: JSON.stringify(input),
});
const form = (service: "iam" | "sts", Version: string, parameters: Record<string, string>): Call => ({
  service,
  headers: [["Content-Type", "application/x-www-form-urlencoded"]],
  body: new URLSearchParams({ Version, ...parameters }).toString(),
});
const iam = (parameters: Record<string, string>) => form("iam", "2010-05-08", parameters);
const sts = (parameters: Record<string, string>) => form("sts", "2011-06-15", parameters);
const rest = (service: "lambda" | "apigateway", line: string, input?: object): Call => {
  const [method, path] = line.split(" ");
  return {
    service,
    method,
    path,
    headers: [["Content-Type", "application/json"]],
    body: input && JSON.stringify(input),
  };
};
const logs = (operation: string): Call => ({
  service: "logs",
  headers: [["X-Amz-Target", `Logs_20140328.${operation}`]],
  body: "{}",
});

const apiId = () => target.host.split(".")[0] as string;
const poolId = () => target.outputs.identity_pool_id;
const mint = (user: string) => ({
  IdentityPoolId: poolId(),
  Logins: { [target.outputs.developer_provider_name]: user },
});
const ROLE = "by-hand-authenticated";
const everything = () =>
  JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } });

/** What the backend may do and a user may not; the calls that read come first, so that each is tried on what was deployed. */
const calls: [action: string, call: () => Call, allowed: number][] = [
  [
    "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
    () => cognito("GetOpenIdTokenForDeveloperIdentity", mint("bob")),
    200,
  ],
  [
    "cognito-identity:DescribeIdentityPool",
    () => cognito("DescribeIdentityPool", { IdentityPoolId: poolId() }),
    200,
  ],
  [
    "cognito-identity:ListIdentities",
    () => cognito("ListIdentities", { IdentityPoolId: poolId(), MaxResults: 10 }),
    200,
  ],
  [
    "cognito-identity:LookupDeveloperIdentity",
    () => cognito("LookupDeveloperIdentity", { IdentityPoolId: poolId(), DeveloperUserIdentifier: "bob" }),
    200,
  ],
  [
    "cognito-identity:SetIdentityPoolRoles",
    () =>
      cognito("SetIdentityPoolRoles", {
        IdentityPoolId: poolId(),
        Roles: { authenticated: target.outputs.authenticated_role_arn },
      }),
    200,
  ],
  [
    "cognito-identity:UpdateIdentityPool",
    () =>
      cognito("UpdateIdentityPool", {
        IdentityPoolId: poolId(),
        IdentityPoolName: "by-hand",
        AllowUnauthenticatedIdentities: false,
        AllowClassicFlow: false,
      }),
    200,
  ],
  ["iam:ListRoles", () => iam({ Action: "ListRoles" }), 200],
  ["iam:GetRole", () => iam({ Action: "GetRole", RoleName: ROLE }), 200],
  [
    "iam:CreateRole",
    () =>
      iam({
        Action: "CreateRole",
        RoleName: "admin",
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
        }),
      }),
    200,
  ],
  [
    "iam:PutRolePolicy",
    () =>
      iam({ Action: "PutRolePolicy", RoleName: "stranger", PolicyName: "all", PolicyDocument: everything() }),
    200,
  ],
  ["lambda:GetFunction", () => rest("lambda", "GET /2015-03-31/functions/by-hand-hello"), 200],
  [
    "lambda:InvokeFunction",
    () => rest("lambda", "POST /2015-03-31/functions/by-hand-hello/invocations", {}),
    200,
  ],
  [
    "lambda:RemovePermission",
    () => rest("lambda", "DELETE /2015-03-31/functions/by-hand-hello/policy/route-1"),
    204,
  ],
  ["apigateway:GET", () => rest("apigateway", `GET /restapis/${apiId()}`), 200],
  ["apigateway:POST", () => rest("apigateway", "POST /restapis", { name: "mine" }), 201],
  ["apigateway:DELETE", () => rest("apigateway", `DELETE /restapis/${apiId()}`), 202],
  ["logs:DescribeLogGroups", () => logs("DescribeLogGroups"), 200],
];

/** How each service writes that IAM refused. */
const DENIAL: Readonly<Record<string, { status: number; code: string }>> = {
  "cognito-identity": { status: 400, code: "AccessDeniedException" },
  logs: { status: 400, code: "AccessDeniedException" },
  iam: { status: 403, code: "AccessDenied" },
  lambda: { status: 403, code: "AccessDeniedException" },
  apigateway: { status: 403, code: "AccessDeniedException" },
};

describe("a user's session is refused", () => {
  test.each(calls)("%s", async (action, call) => {
    const { status, code } = DENIAL[call().service] as { status: number; code: string };
    const refusal = refusalIn(await target.send(request("user", call())));
    expect(refusal).toMatchObject({ status, code });
    expect(refusal.message).toMatch(
      /^User: arn:aws:sts::\d{12}:assumed-role\/by-hand-authenticated\/CognitoIdentityCredentials is not authorized to perform: /,
    );
    expect(refusal.message).toContain(`is not authorized to perform: ${action} on resource: `);
    expect(refusal.message).toContain(`because no identity-based policy allows the ${action} action`);
  });

  test.each([
    ["the function's role", () => `arn:aws:iam::${target.aws.accountId}:role/by-hand-function`],
    ["its own role anew", () => target.outputs.authenticated_role_arn],
  ])("sts:AssumeRole of %s", async (_name, RoleArn) => {
    const call = sts({ Action: "AssumeRole", RoleArn: RoleArn(), RoleSessionName: "attack" });
    const refusal = refusalIn(await target.send(request("user", call)));
    expect(refusal).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(refusal.message).toContain("is not authorized to perform: sts:AssumeRole on resource: ");
  });
});

describe("a call without a signature is refused", () => {
  test.each(calls)("%s", async (_action, call) => {
    const { service } = call();
    const refusal = refusalIn(await target.send(request("nobody", call())));
    expect(refusal.status).toBe(service === "cognito-identity" || service === "logs" ? 400 : 403);
    expect(refusal.code).toMatch(/^MissingAuthenticationToken(Exception)?$/);
    if (service === "cognito-identity") {
      expect(refusal.message).toBe("Missing Authentication Token");
    }
  });
});

describe("the doors beside the enhanced flow", () => {
  const COGNITO = "cognito-identity.amazonaws.com";
  const logins = () => ({ [COGNITO]: target.alice.token });

  test("without the trick: allowed", async () => {
    const input = { IdentityId: target.alice.identityId, Logins: logins() };
    expect((await cognitoCall(target, "GetCredentialsForIdentity", input)).status).toBe(200);
  });

  test.each<[name: string, operation: string, input: () => object, code: string, message: string | RegExp]>([
    [
      "the classic flow",
      "GetOpenIdToken",
      () => ({ IdentityId: target.alice.identityId, Logins: logins() }),
      "InvalidParameterException",
      "Basic (classic) flow is not enabled, please use enhanced flow.",
    ],
    [
      "the classic flow as a guest",
      "GetOpenIdToken",
      () => ({ IdentityId: target.alice.identityId }),
      "InvalidParameterException",
      "Basic (classic) flow is not enabled, please use enhanced flow.",
    ],
    [
      "an identity for a token",
      "GetId",
      () => ({ IdentityPoolId: poolId(), Logins: logins() }),
      "NotAuthorizedException",
      "Invalid login token. Can't pass in a Cognito token.",
    ],
    [
      "an identity for a user's name",
      "GetId",
      () => ({ IdentityPoolId: poolId(), Logins: { [target.outputs.developer_provider_name]: "bob" } }),
      "InvalidParameterException",
      "Please provide a valid public provider",
    ],
    [
      "a guest's identity",
      "GetId",
      () => ({ IdentityPoolId: poolId() }),
      "NotAuthorizedException",
      "Unauthenticated access is not supported for this identity pool.",
    ],
    [
      "a guest's credentials",
      "GetCredentialsForIdentity",
      () => ({ IdentityId: target.bob.identityId }),
      "NotAuthorizedException",
      "Unauthenticated access is not supported for this identity pool.",
    ],
    [
      "a role of the caller's choice",
      "GetCredentialsForIdentity",
      () => ({
        IdentityId: target.alice.identityId,
        Logins: logins(),
        CustomRoleArn: `arn:aws:iam::${target.aws.accountId}:role/by-hand-function`,
      }),
      "NotAuthorizedException",
      /./,
    ],
    [
      "the attached role, asked for by name",
      "GetCredentialsForIdentity",
      () => ({
        IdentityId: target.alice.identityId,
        Logins: logins(),
        CustomRoleArn: target.outputs.authenticated_role_arn,
      }),
      "NotAuthorizedException",
      /./,
    ],
    [
      "credentials of an identity that doesn't exist",
      "GetCredentialsForIdentity",
      () => ({ IdentityId: "us-east-1:00000000-0000-0000-0000-000000000000", Logins: logins() }),
      "ResourceNotFoundException",
      /./,
    ],
    [
      "unlinking another's login",
      "UnlinkIdentity",
      () => ({
        IdentityId: target.bob.identityId,
        Logins: logins(),
        LoginsToRemove: [target.outputs.developer_provider_name],
      }),
      "NotAuthorizedException",
      /./,
    ],
  ])("%s: refused", async (_name, operation, input, code, message) => {
    const refusal = refusalIn(await cognitoCall(target, operation, input()));
    expect(refusal).toEqual({
      status: 400,
      code,
      message: typeof message === "string" ? message : expect.stringMatching(message),
    });
  });
});

// Last, since the backend's calls change and delete what was deployed.
describe("without the trick, the backend is allowed", () => {
  test.each(calls)("%s", async (_action, call, status) => {
    expect((await target.send(request("backend", call()))).status).toBe(status);
  });
});
