/** Every cause of the diagnosis table, deployed or put in the way: the exit code, the step that fails, and the hint that names it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../../harness";
import { CAUSES } from "../../harness/reporting/causes";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { type DeploymentFaults, type DeploymentOutputs, deployWithSdk } from "../../scripts/sdk-deployment";
import { type Interference, type Passing, startProxy } from "../support/proxy";
import { verifyInProcess } from "../support/verify-in-process";

interface Fault {
  /** The name of the cause in the diagnosis table. */
  readonly cause: string;
  /** Where the cause is seen. */
  readonly step: string;
  /** What the hint has to say. */
  readonly hint: RegExp;
  /** What `--diagnose` has to point at. */
  readonly finding?: RegExp;
  readonly deployed?: DeploymentFaults;
  /** Outputs that are not those of the deployment. */
  readonly outputs?: (outputs: DeploymentOutputs) => Partial<DeploymentOutputs>;
  readonly proxy?: (passing: Passing) => Interference | undefined;
  /** The account's clock, in milliseconds ahead of this machine's. */
  readonly clock?: number;
  readonly args?: readonly string[];
}

const NOBODYS_POOL = "us-east-1:00000000-0000-0000-0000-000000000000";
const MINUTE = 60_000;

/** Interferes with one operation. */
const at =
  (operation: string, interference: Interference) =>
  (passing: Passing): Interference | undefined =>
    passing.operation === operation ? interference : undefined;

/** A refusal of Cognito, in the words of AWS. */
const cognitoAnswers = (operation: string, code: string, message: string) =>
  at(operation, {
    answer: {
      status: 400,
      headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": `${code}:` },
      body: JSON.stringify({ __type: code, message }),
    },
  });

const apiAnswers = (status: number, code: string, message: string) =>
  at("GET /hello", {
    answer: { status, headers: { "x-amzn-errortype": code }, body: JSON.stringify({ message }) },
  });

const FAULTS: readonly Fault[] = [
  {
    cause: "throttled",
    step: "pool",
    proxy: cognitoAnswers("DescribeIdentityPool", "TooManyRequestsException", "Rate exceeded"),
    hint: /throttled/,
  },
  {
    cause: "throttled",
    step: "call",
    deployed: { throttled: { rate: 0, burst: 0 } },
    hint: /raise the stage's throttling/,
  },
  {
    cause: "throttled-on-the-way",
    step: "roles",
    proxy: at("GetIdentityPoolRoles", { answer: { status: 429, body: "slow down" } }),
    hint: /Something between here and AWS throttled/,
  },
  {
    cause: "clock-skew",
    step: "pool",
    clock: 10 * MINUTE,
    hint: /^Clock skew: this machine's clock is 10 min behind AWS's/,
  },
  {
    cause: "clock-skew",
    step: "pool",
    clock: -10 * MINUTE,
    hint: /^Clock skew: this machine's clock is 10 min ahead of AWS's/,
  },
  {
    cause: "pool-not-found",
    step: "pool",
    outputs: () => ({ identity_pool_id: NOBODYS_POOL }),
    hint: /a pool that this account and region does not hold/,
  },
  {
    cause: "backend-not-permitted",
    step: "token",
    proxy: cognitoAnswers(
      "GetOpenIdTokenForDeveloperIdentity",
      "AccessDeniedException",
      "User: arn:aws:iam::123456789012:user/x is not authorized to perform: cognito-identity:GetOpenIdTokenForDeveloperIdentity",
    ),
    hint: /backend's credentials lack the permission/,
  },
  {
    cause: "developer-provider-differs",
    step: "pool",
    outputs: () => ({ developer_provider_name: "login.misnamed.example" }),
    hint: /another developer provider than the pool has/,
  },
  {
    cause: "guests-not-allowed",
    step: "pool",
    deployed: { guestsDeclared: true, guestsAllowed: false },
    hint: /The pool allows no guests: .* Set allow_unauthenticated_identities to true/,
  },
  {
    cause: "guests-allowed",
    step: "pool",
    deployed: { guestsAllowed: true },
    hint: /Set allow_unauthenticated_identities to false/,
  },
  {
    cause: "classic-flow-allowed",
    step: "pool",
    deployed: { classicFlowAllowed: true },
    hint: /Set allow_classic_flow to false/,
  },
  {
    cause: "roles-not-attached",
    step: "roles",
    deployed: { withoutRolesAttachment: true },
    hint: /roles attachment is missing/,
  },
  {
    cause: "other-role-attached",
    step: "roles",
    outputs: () => ({ authenticated_role_arn: "arn:aws:iam::123456789012:role/other" }),
    hint: /roles attachment names another role/,
  },
  {
    cause: "guest-role-undeclared",
    step: "roles",
    deployed: { withGuestRole: true },
    hint: /guest role is not the one in the outputs/,
  },
  {
    cause: "developer-provider-unknown",
    step: "token",
    proxy: cognitoAnswers(
      "GetOpenIdTokenForDeveloperIdentity",
      "InvalidParameterException",
      "This identity pool does not support the specified developer provider",
    ),
    hint: /Logins must name the pool's own developer provider/,
  },
  {
    cause: "token-of-another-issuer",
    step: "token",
    proxy: at("/.well-known/jwks_uri", { answer: { status: 200, body: '{"keys":[]}' } }),
    hint: /not signed by Cognito's published keys/,
  },
  {
    cause: "issuer-keys-missing",
    step: "token",
    proxy: at("/.well-known/jwks_uri", { answer: { status: 404, body: "nothing here" } }),
    hint: /issuer's keys could not be read/,
  },
  {
    cause: "wrong-logins-key",
    step: "credentials",
    // As a client does that takes the provider's name for the key.
    proxy: at("GetCredentialsForIdentity", {
      alterRequest: ({ body }) => ({
        body: body.replace('"cognito-identity.amazonaws.com"', '"login.developer.example"'),
      }),
    }),
    hint: /under cognito-identity\.amazonaws\.com, not under the developer provider's name/,
  },
  {
    cause: "get-id-with-developer-token",
    step: "credentials",
    // As a client does that goes the way of public providers.
    proxy: at("GetCredentialsForIdentity", {
      alterRequest: ({ headers, body }) => {
        const { Logins } = JSON.parse(body);
        return {
          headers: { ...headers, "x-amz-target": "AWSCognitoIdentityService.GetId" },
          body: JSON.stringify({ IdentityPoolId: poolId, Logins }),
        };
      },
    }),
    hint: /GetId .* was called with a developer's token/,
  },
  {
    cause: "token-expired",
    step: "credentials",
    proxy: cognitoAnswers(
      "GetCredentialsForIdentity",
      "NotAuthorizedException",
      "Invalid login token. Token expired: 1518436004 >= 1518435610",
    ),
    hint: /longer TokenDuration/,
  },
  {
    cause: "token-of-another-identity",
    step: "credentials",
    proxy: cognitoAnswers(
      "GetCredentialsForIdentity",
      "NotAuthorizedException",
      "Logins don't match. Please include at least one valid login for this identity or identity pool.",
    ),
    hint: /token is of another identity/,
  },
  {
    cause: "tag-session-not-allowed",
    step: "credentials",
    args: ["--principal-tag", "team=blue"],
    hint: /must allow sts:TagSession .*prop allowSessionTags\.$/,
    finding: /no statement allows sts:TagSession, and the session carries tags/,
  },
  {
    cause: "trust-policy",
    step: "credentials",
    deployed: { trustedAudience: NOBODYS_POOL },
    hint: /aud = this pool/,
    finding:
      /^Trust policy of by-hand-authenticated, statement 1: StringEquals cognito-identity\.amazonaws\.com:aud demands "us-east-1:00000000-0000-0000-0000-000000000000", the token has "us-east-1:/,
  },
  {
    cause: "trust-policy",
    step: "credentials",
    deployed: { trustedMethod: "login.other.example" },
    hint: /amr = the developer provider/,
    finding:
      /statement 1: ForAnyValue:StringEquals cognito-identity\.amazonaws\.com:amr demands "login\.other\.example"/,
  },
  {
    cause: "trust-policy",
    step: "credentials",
    deployed: { trustedAction: "sts:AssumeRole" },
    hint: /sts:AssumeRoleWithWebIdentity/,
    finding: /statement 1: Action is "sts:AssumeRole", needed is "sts:AssumeRoleWithWebIdentity"/,
  },
  {
    cause: "explicit-deny",
    step: "call",
    deployed: {
      furtherGrants: [{ Effect: "Deny", Action: "execute-api:*", Resource: "*", Sid: "NoApis" }],
    },
    hint: /a deny wins over every grant/,
    finding: /statement 2 \(NoApis\): denies execute-api:Invoke on arn:aws:execute-api:/,
  },
  {
    cause: "invoke-grant-missing",
    step: "call",
    deployed: { withoutInvokeGrant: true },
    hint: /The role lacks the grant: /,
    finding: /^Role by-hand-authenticated: none of its 0 policies has a statement on execute-api:Invoke/,
  },
  {
    cause: "invoke-grant-missing",
    step: "call",
    deployed: { grantedResource: "dev/GET/helo" },
    hint: /The role lacks the grant: /,
    finding:
      /inline policy invoke, statement 1: allows execute-api:Invoke on .*GET\/helo, the call is on .*GET\/hello$/,
  },
  {
    cause: "stage-not-deployed",
    step: "call",
    outputs: ({ invoke_url }) => ({ invoke_url: invoke_url.replace(/dev$/, "prod") }),
    hint: /The stage is not deployed: /,
    finding: /has the stages dev, invoke_url names prod/,
  },
  {
    cause: "route-not-deployed",
    step: "call",
    deployed: { undeployedRoute: "hello" },
    hint: /needs a new deployment/,
    finding: /GET \/hello: authorizationType is AWS_IAM/,
  },
  {
    cause: "session-token-not-sent",
    step: "call",
    // As a proxy does that takes away the headers that it does not know.
    proxy: at("GET /hello", {
      alterRequest: ({ headers: { "x-amz-security-token": _, ...headers } }) => ({
        headers: {
          ...headers,
          authorization: headers.authorization?.replace(";x-amz-security-token", ""),
        },
      }),
    }),
    hint: /session token did not arrive \(X-Amz-Security-Token\)/,
  },
  {
    cause: "wrong-region-or-service",
    step: "call",
    proxy: at("GET /hello", {
      alterRequest: ({ headers }) => ({
        headers: { ...headers, authorization: headers.authorization?.replace("us-east-1", "eu-west-1") },
      }),
    }),
    hint: /Signed for another region or service/,
  },
  {
    cause: "request-changed-on-the-way",
    step: "call",
    proxy: at("GET /hello", {
      alterRequest: ({ headers }) => ({
        headers: {
          ...headers,
          "x-amz-date": headers["x-amz-date"]
            ?.toString()
            .replace(/..Z$/, (end) => (end === "00Z" ? "01Z" : "00Z")),
        },
      }),
    }),
    hint: /What arrived is not what was signed/,
  },
  {
    cause: "invoke-permission-missing",
    step: "call",
    deployed: { withoutLambdaPermission: true },
    hint: /Lambda permission for apigateway\.amazonaws\.com/,
    finding:
      /its policy must allow lambda:InvokeFunction to apigateway\.amazonaws\.com with the source ARN .*\/dev\/GET\/hello/,
  },
  {
    cause: "function-failed",
    step: "call",
    deployed: { handler: "exports.handler = async () => { throw new Error('broken'); };" },
    hint: /The function failed: it crashed/,
  },
  {
    cause: "function-too-slow",
    step: "call",
    proxy: apiAnswers(504, "InternalServerErrorException", "Endpoint request timed out"),
    hint: /within API Gateway's time limit/,
  },
  {
    cause: "route-open-to-all",
    step: "call",
    deployed: { helloAuthorization: "NONE" },
    hint: /authorisation is not AWS_IAM/,
    finding: /GET \/hello: authorizationType is NONE/,
  },
  {
    cause: "other-function",
    step: "call",
    deployed: { handler: "exports.handler = async () => ({ statusCode: 200, body: '{}' });" },
    hint: /Something else than the project's function/,
  },
  {
    cause: "refused-in-other-words",
    step: "restricted-route",
    proxy: at("GET /restricted", { answer: { status: 403, body: "<html>Request blocked</html>" } }),
    hint: /a firewall, gateway responses of your own or the API's resource policy/,
  },
];

let directory: string;
let local: LocalAws;
/** The pool of the row at hand. */
let poolId: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "faults-"));
});
beforeEach(async () => {
  skew = 0;
  local = await startLocalAws({ now: () => new Date(Date.now() + skew) });
});
afterEach(() => local.stop());
afterAll(() => rmSync(directory, { recursive: true }));

let skew: number;

test.each(FAULTS.map((fault) => [fault.cause, fault.step, fault] as const))(
  "%s at %s",
  async (_, step, fault) => {
    const deployed = await deployWithSdk(local, fault.deployed);
    poolId = deployed.identity_pool_id;
    const outputs = join(directory, "outputs.json");
    writeFileSync(outputs, JSON.stringify({ stack: { ...deployed, ...fault.outputs?.(deployed) } }));
    skew = fault.clock ?? 0;
    const proxy = await startProxy(local.endpoint, (passing) => ({
      ...(fault.clock === undefined ? {} : { alterAnswer: dated }),
      ...fault.proxy?.(passing),
    }));
    try {
      const args = ["--outputs", outputs, "--report-dir", directory, "--diagnose", ...(fault.args ?? [])];
      const { code, stdout } = await verifyInProcess(args, local, proxy.endpoint);
      const report: Report = JSON.parse(readFileSync(join(directory, "report.json"), "utf8"));
      const failed = [...report.steps, ...report.refusals].filter(({ status }) => status === "failed");
      expect(failed.map(({ name }) => name)).toEqual([step]);
      expect(failed[0]?.hint).toMatch(fault.hint);
      expect(stdout).toContain(failed[0]?.hint);
      if (fault.finding !== undefined) {
        expect(failed[0]?.findings).toContainEqual(expect.stringMatching(fault.finding));
      }
      expect(report.warnings.filter((warning) => warning.startsWith("Clean-up"))).toEqual([]);
      expect(code).toBe(1);
    } finally {
      await proxy.close();
    }
  },
);

/** Answers carry the account's time, as AWS's do. */
function dated({ headers }: { headers: object }) {
  return { headers: { ...headers, date: new Date(Date.now() + skew).toUTCString() } };
}

test("no cause of the table is left out, but those of a login, which has a test of its own", () => {
  const tested = new Set(FAULTS.map(({ cause }) => cause));
  const others = Object.entries(CAUSES).filter(([, { when }]) => when.step !== "login");
  expect(others.map(([name]) => name).filter((name) => !tested.has(name))).toEqual([]);
});
