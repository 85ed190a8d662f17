/**
 * The role that verifies under real Terraform: GitHub's token for a job of the named branch opens it and no other token does, the
 * harness passes with its session, and with any one of its permissions taken away something is named. Each test goes on where the one
 * before it ended.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { APIGatewayClient, GetResourcesCommand, GetRestApiCommand } from "@aws-sdk/client-api-gateway";
import {
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { readOutputs, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { Cdktf } from "../../scripts/cdktf";
import { createWorkspace, type Workspace } from "../../scripts/workspace";
import { identitiesLeft } from "../support/identities-left";
import { type Credentials, credentialsOf, failure } from "../support/identity-account";
import { GITHUB, type OidcIssuer, oidcIssuer } from "../support/oidc-issuer";
import { startProxy } from "../support/proxy";
import { verifyInProcess } from "../support/verify-in-process";

jest.setTimeout(300_000);

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

const SUBJECT = "repo:octo-org/octo-repo:ref:refs/heads/main";

let github: OidcIssuer;
let account: LocalAws;
let workspace: Workspace;
let iam: IAMClient;
let sts: STSClient;
let settings: Record<string, string>;

beforeAll(async () => {
  github = await oidcIssuer();
  account = await startLocalAws({ oidcKeys: { [GITHUB]: github.keys } });
  workspace = createWorkspace();
  iam = new IAMClient(connection(account.credentials));
  sts = new STSClient(connection(account.credentials));
  settings = { VERIFIER: "on", VERIFIER_REPOSITORY: "octo-org/octo-repo" };
});

afterAll(async () => {
  iam?.destroy();
  sts?.destroy();
  workspace?.remove();
  await account?.stop();
});

const connection = (credentials: Credentials) => ({
  endpoint: account.endpoint,
  region: account.region,
  credentials,
  maxAttempts: 1,
});

const cdktf = () => new Cdktf(workspace, { ...account.environment, ...settings });

async function deploy(): Promise<void> {
  await cdktf().deploy();
  expect(await cdktf().plan()).toBeUndefined();
}

const output = (stack: string, name: string): string =>
  JSON.parse(readFileSync(workspace.outputsFile, "utf8"))[stack][name];

/** What aws-actions/configure-aws-credentials does with the job's token. */
async function session(claims: Readonly<Record<string, unknown>> = {}): Promise<Credentials> {
  const { Credentials: issued } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: output("verifier", "verifier_role_arn"),
      RoleSessionName: "GitHubActions",
      WebIdentityToken: await github.token(claims),
    }),
  );
  return credentialsOf(issued);
}

const roleName = () => path.basename(output("verifier", "verifier_role_arn"));

async function deployedStatements(): Promise<Statement[]> {
  const { PolicyDocument = "" } = await iam.send(
    new GetRolePolicyCommand({ RoleName: roleName(), PolicyName: "verify" }),
  );
  return JSON.parse(decodeURIComponent(PolicyDocument)).Statement;
}

async function put(statements: readonly Statement[]): Promise<void> {
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: roleName(),
      PolicyName: "verify",
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
    }),
  );
}

/** Does something in a session of the role while it lacks one permission. */
async function without<T>(
  { sid, action, resource }: { sid: string; action?: string; resource?: RegExp },
  run: (credentials: Credentials) => Promise<T>,
): Promise<T> {
  const all = await deployedStatements();
  const fewer = all.flatMap((statement) => {
    if (statement.Sid !== sid) {
      return [statement];
    }
    const Action = [statement.Action].flat().filter((one) => one !== action);
    const Resource = [statement.Resource].flat().filter((one) => !resource?.test(one));
    const gone = (action === undefined && resource === undefined) || Action.length * Resource.length === 0;
    return gone ? [] : [{ ...statement, Action, Resource }];
  });
  expect(fewer).not.toEqual(all);
  await put(fewer);
  try {
    return await run(await session());
  } finally {
    await put(all);
  }
}

const walk = (credentials: Credentials, endpoint = account.endpoint) =>
  walkFlow({ deployment: readOutputs(workspace.outputsFile), endpoint, credentials });

test("it is deployed, and a second deployment has nothing to do", async () => {
  await deploy();
  await deploy();
  expect(account.resources()).toContain(
    `arn:aws:iam::${account.accountId}:oidc-provider/token.actions.githubusercontent.com`,
  );
});

test("the harness passes with the session of a job of that branch, and leaves nothing behind", async () => {
  const report = await walk(await session());
  expect(report).toMatchObject({ outcome: "passed", warnings: [] });
  expect(await identitiesLeft(account, readOutputs(workspace.outputsFile).identityPoolId)).toBe(0);
});

test("the policy has what verify --print-policy prints", async () => {
  const { stdout } = await verifyInProcess(
    ["--outputs", workspace.outputsFile, "--print-policy"],
    account,
    account.endpoint,
  );
  expect(await deployedStatements()).toEqual(expect.arrayContaining(JSON.parse(stdout).Statement));
});

const DENIED = {
  name: "AccessDenied",
  status: 403,
  message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
};

test.each<[name: string, claims: Record<string, unknown>, refusal?: object]>([
  ["another repository", { sub: "repo:octo-org/other:ref:refs/heads/main" }],
  ["another owner", { sub: "repo:octo-organization/octo-repo:ref:refs/heads/main" }],
  ["a fork", { sub: "repo:mallory/octo-repo:ref:refs/heads/main" }],
  ["another branch", { sub: "repo:octo-org/octo-repo:ref:refs/heads/main2" }],
  ["a tag of the branch's name", { sub: "repo:octo-org/octo-repo:ref:refs/tags/main" }],
  ["an environment", { sub: "repo:octo-org/octo-repo:environment:main" }],
  ["a pull request", { sub: "repo:octo-org/octo-repo:pull_request" }],
  ["the subject with ids", { sub: "repo:octo-org@12/octo-repo@74:ref:refs/heads/main" }],
  ["the subject in another case", { sub: SUBJECT.toUpperCase() }],
  ["a wildcard", { sub: "repo:octo-org/*" }],
  [
    "another audience",
    { aud: "https://github.com/octo-org" },
    { name: "InvalidIdentityTokenException", status: 400, message: "Incorrect token audience" },
  ],
  [
    "the past",
    { iat: 1_700_000_000, nbf: 1_700_000_000, exp: 1_700_000_900 },
    { name: "ExpiredTokenException", status: 400 },
  ],
])("a token of %s opens nothing", async (_name, claims, refusal = DENIED) => {
  expect(await failure(session(claims))).toMatchObject(refusal);
});

test("a session lasts an hour at most", async () => {
  const call = sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: output("verifier", "verifier_role_arn"),
      RoleSessionName: "GitHubActions",
      DurationSeconds: 3601,
      WebIdentityToken: await github.token(),
    }),
  );
  expect(await failure(call)).toMatchObject({ message: expect.stringContaining("MaxSessionDuration") });
});

test("it may do nothing else", async () => {
  const own = new IAMClient(connection(await session()));
  expect(await failure(own.send(new GetRoleCommand({ RoleName: roleName() })))).toMatchObject({
    name: "AccessDenied",
  });
  own.destroy();
});

/** Of each permission: the step that fails without it, and the operation that it names. */
test.each([
  ["Pool", "pool", "DescribeIdentityPool"],
  ["Roles", "roles", "GetIdentityPoolRoles"],
  ["Token", "token", "GetOpenIdTokenForDeveloperIdentity"],
])("without the permission %s the step %s fails, and names it", async (sid, step, operation) => {
  const { outcome, steps } = await without({ sid }, (credentials) => walk(credentials));
  expect(outcome).toBe("failed");
  expect(steps.find(({ status }) => status === "failed")).toMatchObject({
    name: step,
    actual: expect.stringContaining(`not authorized to perform: cognito-identity:${operation}`),
  });
});

test("without the permissions to clean up, the report says what stays behind", async () => {
  const denied = (operation: string) => [
    expect.stringMatching(
      new RegExp(`^Clean-up: .*not authorized to perform: cognito-identity:${operation}`),
    ),
  ];
  const { warnings } = await without({ sid: "CleanUp" }, (credentials) => walk(credentials));
  expect(warnings).toEqual(denied("DeleteIdentities"));
  const proxy = await startProxy(account.endpoint, ({ operation }) =>
    operation === "GetOpenIdTokenForDeveloperIdentity" ? { loseAnswer: true } : undefined,
  );
  try {
    const lost = await without({ sid: "CleanUpUnknown" }, (credentials) => walk(credentials, proxy.endpoint));
    expect(lost.warnings).toEqual(denied("LookupDeveloperIdentity"));
  } finally {
    await proxy.close();
  }
});

/** What `verify --access` reads: the call of each permission. */
const READS: readonly {
  readonly sid: string;
  readonly action?: string;
  readonly resource?: RegExp;
  readonly call: (credentials: Credentials) => Promise<unknown>;
}[] = [
  {
    sid: "Routes",
    resource: /\/restapis\/\w+$/,
    call: (credentials) =>
      onApi(credentials, (client, restApiId) => client.send(new GetRestApiCommand({ restApiId }))),
  },
  {
    sid: "Routes",
    resource: /\/resources$/,
    call: (credentials) =>
      onApi(credentials, (client, restApiId) =>
        client.send(new GetResourcesCommand({ restApiId, embed: ["methods"] })),
      ),
  },
  {
    sid: "Grants",
    action: "iam:GetRole",
    call: (credentials) =>
      onRole(credentials, (client, RoleName) => client.send(new GetRoleCommand({ RoleName }))),
  },
  {
    sid: "Grants",
    action: "iam:ListRolePolicies",
    call: (credentials) =>
      onRole(credentials, (client, RoleName) => client.send(new ListRolePoliciesCommand({ RoleName }))),
  },
  {
    sid: "Grants",
    action: "iam:ListAttachedRolePolicies",
    call: (credentials) =>
      onRole(credentials, (client, RoleName) =>
        client.send(new ListAttachedRolePoliciesCommand({ RoleName })),
      ),
  },
  {
    sid: "Grants",
    action: "iam:GetRolePolicy",
    call: (credentials) =>
      onRole(credentials, (client, RoleName) =>
        client.send(new GetRolePolicyCommand({ RoleName, PolicyName: `${settingsPrefix()}-call-hello` })),
      ),
  },
];

const settingsPrefix = () => roleName().replace(/-verifier$/, "");

async function onApi(
  credentials: Credentials,
  call: (client: APIGatewayClient, restApiId: string) => Promise<unknown>,
): Promise<unknown> {
  const client = new APIGatewayClient(connection(credentials));
  const [, restApiId = ""] = /^https:\/\/(\w+)\./.exec(output("api", "invoke_url")) ?? [];
  return call(client, restApiId).finally(() => client.destroy());
}

async function onRole(
  credentials: Credentials,
  call: (client: IAMClient, roleName: string) => Promise<unknown>,
): Promise<unknown> {
  const client = new IAMClient(connection(credentials));
  const name = path.basename(output("identity", "authenticated_role_arn"));
  return call(client, name).finally(() => client.destroy());
}

test("what is deployed can be read, by a permission each", async () => {
  const credentials = await session();
  for (const { call, ...permission } of READS) {
    await call(credentials);
    const refusal = await without(permission, (fewer) => failure(call(fewer)));
    expect(refusal).toMatchObject({ name: expect.stringMatching(/^AccessDenied/), status: 403 });
  }
  const named = READS.map(({ sid }) => sid);
  const walked = ["Pool", "Roles", "Token", "CleanUpUnknown", "CleanUp"];
  expect((await deployedStatements()).map(({ Sid }) => Sid)).toEqual([...walked, ...new Set(named)]);
});

test("with the repository's ids and an environment, only their subject opens it", async () => {
  settings = { ...settings, VERIFIER_REPOSITORY_IDS: "12/74", VERIFIER_ENVIRONMENT: "nightly" };
  await deploy();
  await session({ sub: "repo:octo-org@12/octo-repo@74:environment:nightly" });
  for (const sub of [
    SUBJECT,
    "repo:octo-org/octo-repo:environment:nightly",
    "repo:octo-org@12/octo-repo@74:ref:refs/heads/main",
    "repo:octo-org@12/octo-repo@75:environment:nightly",
    "repo:octo-org@13/octo-repo@74:environment:nightly",
  ]) {
    expect(await failure(session({ sub }))).toEqual(DENIED);
  }
});

test("destroys everything", async () => {
  await cdktf().destroy();
  expect(account.resources()).toEqual([]);
});
