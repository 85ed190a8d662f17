/**
 * The role that verifies under real Terraform: GitHub's token for a job of the named branch opens it and no other token does, the
 * harness passes with its session, and with any one of its permissions taken away the report names it. Each test goes on where the one
 * before it ended.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { GetRoleCommand, GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type Report, readOutputs, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { Cdktf } from "../../scripts/cdktf";
import { createWorkspace, type Workspace } from "../../scripts/workspace";
import { identitiesLeft } from "../support/identities-left";
import { type Credentials, credentialsOf, failure } from "../support/identity-account";
import { GITHUB, type OidcIssuer, oidcIssuer } from "../support/oidc-issuer";
import { verifyInProcess } from "../support/verify-in-process";

jest.setTimeout(300_000);

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string;
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
async function without<T>(sid: string, action: string, run: (credentials: Credentials) => Promise<T>) {
  const all = await deployedStatements();
  const fewer = all.flatMap((statement) => {
    const Action = [statement.Action].flat().filter((one) => statement.Sid !== sid || one !== action);
    return Action.length === 0 ? [] : [{ ...statement, Action }];
  });
  await put(fewer);
  try {
    return await run(await session());
  } finally {
    await put(all);
  }
}

/** As every night: `--access --slot nightly`. */
const walk = (credentials: Credentials) =>
  walkFlow({
    deployment: readOutputs(workspace.outputsFile),
    endpoint: account.endpoint,
    credentials,
    access: true,
    slot: "nightly",
  });

test("it is deployed, and a second deployment has nothing to do", async () => {
  await deploy();
  await deploy();
  expect(account.resources()).toContain(
    `arn:aws:iam::${account.accountId}:oidc-provider/token.actions.githubusercontent.com`,
  );
});

test("the harness passes with the session of a job of that branch, and leaves nothing behind", async () => {
  const report = await walk(await session());
  expect(report).toMatchObject({
    outcome: "passed",
    warnings: [],
    access: { source: "output access", undeclared: [], notes: [] },
    leftBehind: { found: 0, deleted: 0 },
  });
  expect(await identitiesLeft(account, readOutputs(workspace.outputsFile).identityPoolId)).toBe(0);
});

test("its policy is what verify --print-policy prints", async () => {
  const { stdout } = await verifyInProcess(
    ["--outputs", workspace.outputsFile, "--access", "--slot", "nightly", "--print-policy"],
    account,
    account.endpoint,
  );
  expect(await deployedStatements()).toEqual(JSON.parse(stdout).Statement);
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

/** Where the report names what the walk was refused itself. */
const refusedToWalk = ({ steps, warnings, access }: Report): string[] =>
  [
    ...steps.filter(({ status }) => status === "failed").map(({ name, actual }) => `step ${name}: ${actual}`),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...(access?.notes ?? []).map((note) => `access: ${note}`),
  ].filter((line) => line.includes("not authorized"));

/** Every permission, and where the report names it when it is missing. */
const PERMISSIONS = [
  ["Pool", "cognito-identity:DescribeIdentityPool", "step pool"],
  ["Roles", "cognito-identity:GetIdentityPoolRoles", "step roles"],
  ["Token", "cognito-identity:GetOpenIdTokenForDeveloperIdentity", "step token"],
  ["CleanUpUnknown", "cognito-identity:LookupDeveloperIdentity", "warning"],
  ["CleanUp", "cognito-identity:DeleteIdentities", "warning"],
  ["Routes", "apigateway:GET", "access"],
  ["ResourcePolicy", "apigateway:GET", "access"],
  ["Grants", "iam:GetRole", "access"],
  ["Grants", "iam:ListRolePolicies", "access"],
  ["Grants", "iam:GetRolePolicy", "access"],
  ["Grants", "iam:ListAttachedRolePolicies", "access"],
] as const;

test.each(PERMISSIONS)("without the permission %s %s the report names it: %s", async (sid, action, where) => {
  const all = await deployedStatements();
  const report = await without(sid, action, walk);
  const { Resource } = all.find(({ Sid }) => Sid === sid) as Statement;
  expect(report.outcome).toBe(where.startsWith("step") ? "failed" : "passed");
  expect(refusedToWalk(report)).toEqual([
    expect.stringMatching(new RegExp(`^${where}: .*not authorized to perform: ${action} on resource: `)),
  ]);
  if (Resource !== "*") {
    expect(refusedToWalk(report)[0]).toContain(Resource);
  }
});

test("these are all of them", async () => {
  const all = (await deployedStatements()).flatMap(({ Sid, Action }) =>
    [Action].flat().map((action) => [Sid, action]),
  );
  expect(all).toEqual(PERMISSIONS.map(([sid, action]) => [sid, action]));
});

test("what could not be deleted, the next run finds and deletes", async () => {
  await without("CleanUp", "cognito-identity:DeleteIdentities", walk);
  const { identityPoolId } = readOutputs(workspace.outputsFile);
  const left = await identitiesLeft(account, identityPoolId);
  expect(left).toBeGreaterThan(0);
  expect(await walk(await session())).toMatchObject({ leftBehind: { found: left, deleted: left } });
  expect(await identitiesLeft(account, identityPoolId)).toBe(0);
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
