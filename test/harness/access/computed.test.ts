/** What the deployed API and policies say: where it differs from what was observed, where it isn't known, and where it can't be read. */
import {
  APIGatewayClient,
  GetResourcesCommand,
  UpdateMethodCommand,
  UpdateRestApiCommand,
} from "@aws-sdk/client-api-gateway";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
} from "@aws-sdk/client-iam";
import { parseOutputs } from "../../../harness";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { type DeploymentOutputs, deployWithSdk } from "../../../scripts/sdk-deployment";
import { accessLines, cell, nightly, walkAccess } from "../../support/access-walk";

let local: LocalAws;
beforeEach(async () => {
  local = await startLocalAws();
});
afterEach(() => local.stop());

const INVOKE = { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke" };

async function withApi<T>(
  { invoke_url }: DeploymentOutputs,
  change: (api: APIGatewayClient, restApiId: string) => Promise<T>,
): Promise<T> {
  const { region, endpoint, credentials } = local;
  const api = new APIGatewayClient({ region, endpoint, credentials });
  return change(api, new URL(invoke_url).hostname.split(".")[0] as string).finally(() => api.destroy());
}

const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

/** Changes the API's resource policy, and deploys nothing. */
const undeployed =
  (...statements: object[]) =>
  (outputs: DeploymentOutputs) =>
    withApi(outputs, (api, restApiId) =>
      api.send(
        new UpdateRestApiCommand({
          restApiId,
          patchOperations: [{ op: "replace", path: "/policy", value: policy(...statements) }],
        }),
      ),
    );

describe("observed and computed disagree", () => {
  test("a resource policy that is not deployed yet", async () => {
    const { report, access } = await walkAccess(local, {
      change: undeployed({ ...INVOKE, Effect: "Deny", Resource: "execute-api:/dev/GET/hello" }),
    });
    expect(cell(report, "GET /hello", "signed-in")).toMatchObject({
      observed: "allowed",
      computed: "refused",
      status: "passed",
    });
    expect(access.notes).toEqual([
      expect.stringMatching(
        /^GET \/hello, signed-in users: observed allowed, computed refused \(Deny statement #1 of the resource policy of API \w+ applies\)\. Either a change of the API is not deployed yet, /,
      ),
    ]);
    expect(report.outcome).toBe("passed");
  });

  test("a route that was opened and is not deployed yet", async () => {
    const { report, access } = await walkAccess(local, {
      change: (outputs) =>
        withApi(outputs, async (api, restApiId) => {
          const { items = [] } = await api.send(new GetResourcesCommand({ restApiId }));
          const resourceId = items.find(({ path }) => path === "/restricted")?.id;
          await api.send(
            new UpdateMethodCommand({
              restApiId,
              resourceId,
              httpMethod: "GET",
              patchOperations: [{ op: "replace", path: "/authorizationType", value: "NONE" }],
            }),
          );
        }),
    });
    expect(report.outcome).toBe("passed");
    expect(access.notes).toContainEqual(
      expect.stringMatching(
        /^GET \/restricted, anyone: observed refused, computed allowed \(its authorization is NONE\)/,
      ),
    );
  });
});

describe("what decides besides the role's own policies", () => {
  test("a resource policy that opens a route to the role", async () => {
    const { report, access } = await walkAccess(local, {
      faults: { resourcePolicy: [{ ...INVOKE, Resource: "execute-api:/dev/GET/restricted" }] },
    });
    expect(cell(report, "GET /restricted", "signed-in")).toMatchObject({
      observed: "allowed",
      computed: "allowed",
      status: "failed",
    });
    // AWS_IAM takes no call without a signature, whatever the resource policy says.
    expect(cell(report, "GET /restricted", "nobody")).toMatchObject({
      observed: "refused",
      computed: "refused",
    });
    expect(access.notes).toEqual([]);
  });

  test("an attached policy, and a permissions boundary that leaves less of it", async () => {
    const { report, access } = await walkAccess(local, {
      faults: { withoutInvokeGrant: true },
      change: async ({ authenticated_role_arn }) => {
        const { region, endpoint, credentials } = local;
        const iam = new IAMClient({ region, endpoint, credentials });
        const RoleName = authenticated_role_arn.split("/").at(-1);
        const create = async (PolicyName: string, Resource: string) => {
          const statement = { Effect: "Allow", Action: "execute-api:Invoke", Resource };
          const command = new CreatePolicyCommand({ PolicyName, PolicyDocument: policy(statement) });
          return (await iam.send(command)).Policy?.Arn;
        };
        const PolicyArn = await create("granted", "*");
        await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
        const PermissionsBoundary = await create("boundary", "arn:aws:execute-api:*:*:*/dev/GET/hello");
        await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
        iam.destroy();
      },
    });
    expect(cell(report, "GET /hello", "signed-in")).toMatchObject({
      observed: "allowed",
      computed: "allowed",
    });
    expect(cell(report, "GET /restricted", "signed-in")).toMatchObject({
      observed: "refused",
      computed: "refused",
    });
    expect(access.notes).toEqual([]);
  });

  test("conditions that can't be known from here", async () => {
    const { report } = await walkAccess(local, {
      faults: {
        withoutInvokeGrant: true,
        furtherGrants: [
          {
            Effect: "Allow",
            Action: "execute-api:Invoke",
            Resource: "{api}/dev/GET/*",
            Condition: { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } },
          },
        ],
        furtherRoutes: { "POST /orders": "AWS_IAM" },
      },
      declared: {
        "GET /hello": ["signed-in"],
        "GET /restricted": ["signed-in"],
        "POST /orders": ["signed-in"],
      },
    });
    expect(cell(report, "GET /hello", "signed-in")).toMatchObject({ observed: "allowed", computed: null });
    // Whatever the address, this is not granted.
    expect(cell(report, "POST /orders", "signed-in")).toMatchObject({
      observed: null,
      computed: "refused",
      status: "skipped",
    });
    expect(report.outcome).toBe("passed");
  });
});

describe("what can't be read is said, with what it takes", () => {
  test.each([
    [
      "apigateway:GET arn:aws:apigateway:*::/restapis/*/resources",
      /^Undeclared routes were not looked for: AccessDeniedException: .* It takes apigateway:GET on arn:aws:apigateway:us-east-1::\/restapis\/\w+\/resources\.$/,
    ],
    [
      "apigateway:GET arn:aws:apigateway:*::/restapis/??????????",
      /^Nothing was computed: the API's resource policy was not read\. .* It takes apigateway:GET on arn:aws:apigateway:us-east-1::\/restapis\/\w+\.$/,
    ],
    ...["GetRole", "ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies"].map(
      (action): [string, RegExp] => [
        `iam:${action}`,
        new RegExp(
          `^What the role by-hand-authenticated may call was not computed: .*iam:${action} on .* It takes iam:GetRole, .* on arn:aws:iam::`,
        ),
      ],
    ),
  ])("without %s", async (action, note) => {
    const { report, access } = await walkAccess(local, {
      options: { credentials: await nightly(local, action) },
      faults: { furtherRoutes: { "GET /orders": "AWS_IAM" } },
    });
    expect(access.notes).toEqual([expect.stringMatching(note)]);
    expect(cell(report, "GET /hello", "signed-in")).toMatchObject({
      observed: "allowed",
      computed: null,
      status: "passed",
    });
    const routesUnread = action.endsWith("/resources");
    expect(access.undeclared).toEqual(routesUnread ? [] : ["undeclared: GET /orders"]);
    expect(report.outcome).toBe(routesUnread ? "passed" : "failed");
  });

  test("of a custom domain", async () => {
    const outputs = await deployWithSdk(local);
    const url = new URL(outputs.invoke_url);
    const { access } = await walkAccess(local, {
      deployed: outputs,
      options: {
        deployment: {
          ...parseOutputs({ stack: outputs }, "test"),
          // As a domain of its own is called: by another name, which resolves to the same.
          invokeUrl: `${local.endpoint}/_aws/execute-api/${url.hostname.split(".")[0]}/dev`,
        },
      },
    });
    expect(access.notes).toEqual([
      "Undeclared routes were not looked for, and nothing was computed: invoke_url is a custom domain, which does not tell the API behind it.",
    ]);
    expect(accessLines(access)).toContain("GET /hello, signed-in: allowed/- passed");
  });
});
