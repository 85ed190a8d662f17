/**
 * The stacks' whole life under real Terraform with the real provider: created, updated, drifted, imported, replaced and
 * destroyed. Each test goes on where the one before it ended.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeIdentityPoolCommand } from "@aws-sdk/client-cognito-identity";
import { readOutputs, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { Cdktf } from "../../scripts/cdktf";
import { createWorkspace, type Workspace } from "../../scripts/workspace";
import { Caller } from "./life-cycle/caller";
import { Clients } from "./life-cycle/clients";
import { DRIFT, drift } from "./life-cycle/drift";
import { LostState } from "./life-cycle/lost-state";
import { observe, type Varied } from "./life-cycle/observed";
import { REVISIONS } from "./life-cycle/revisions";

jest.setTimeout(300_000);

const STAGE = "local";

let account: LocalAws;
let workspace: Workspace;
let clients: Clients;
let caller: Caller;

beforeAll(async () => {
  account = await startLocalAws();
  workspace = createWorkspace(path.join(__dirname, "life-cycle", "app.ts"));
  clients = new Clients(account);
  caller = new Caller(account);
});

afterAll(async () => {
  clients?.close();
  await caller?.close();
  workspace?.remove();
  await account?.stop();
});

/** What the next deployment is to be; a test that changes it leaves it changed. */
let settings: Record<string, string> = { REVISION: "first", ALLOWED_ORIGIN: "https://first.example" };

function cdktf(): Cdktf {
  return new Cdktf(workspace, { ...account.environment, ...settings });
}

async function deploy(): Promise<void> {
  await cdktf().deploy();
  expect(await cdktf().plan()).toBeUndefined();
}

function varied(): Varied {
  return JSON.parse(readFileSync(workspace.outputsFile, "utf8")).varied;
}

async function walk(): Promise<string> {
  const { endpoint, credentials } = account;
  return (await walkFlow({ deployment: readOutputs(workspace.outputsFile), endpoint, credentials })).outcome;
}

async function expectRevision(name: "first" | "second"): Promise<void> {
  const { tags, ...declared } = REVISIONS[name] ?? {};
  const { tags: tagged, ...observed } = await observe(clients, varied(), STAGE);
  expect(observed).toEqual(declared);
  const expected = { project: "developer-identities", stage: STAGE, stack: "varied", ...tags };
  const resources = ["pool", "role", "policy", "function", "logGroup", "api", "stage"];
  expect(tagged).toEqual(Object.fromEntries(resources.map((resource) => [resource, expected])));
}

/** What callers of the varied API get. */
async function answers() {
  const call = (method: "GET" | "POST" | "OPTIONS", route: string, signed = false) =>
    caller.call(varied().varied_api_id, method, `/${STAGE}${route}`, signed);
  const preflight = await call("OPTIONS", "/item");
  const crowd = await Promise.all(Array.from({ length: 10 }, () => call("OPTIONS", "/item")));
  return {
    unsigned: (await call("GET", "/item")).status,
    refusal: (await call("GET", "/item/1")).text,
    function: (await call("GET", "/item/1", true)).text,
    secret: (await call("GET", "/item/secret", true)).status,
    newRoute: (await call("POST", "/new", true)).status,
    here: (await call("OPTIONS", "/here")).status,
    there: (await call("OPTIONS", "/there")).status,
    allowedOrigin: preflight.headers["access-control-allow-origin"],
    crowd: [...new Set(crowd.map(({ status }) => status))].sort(),
  };
}

const FIRST_ANSWERS = {
  unsigned: 403,
  refusal: '{"message":"Missing Authentication Token"}',
  function: "first",
  secret: 200,
  newRoute: 403,
  here: 200,
  there: 403,
  allowedOrigin: "https://first.example",
  crowd: [200],
};

const SECOND_ANSWERS = {
  unsigned: 200,
  refusal: `{"message":"Missing Authentication Token","stage":"${STAGE}"}`,
  function: "second, good morning, 512 MB",
  secret: 403,
  newRoute: 200,
  here: 403,
  there: 200,
  allowedOrigin: "https://second.example",
  crowd: [200, 429],
};

/** What the provider can't read from AWS, and therefore sets at the first apply after an import. */
const SET_AFTER_IMPORT = [
  "aws_api_gateway_deployment create+delete: description, triggers",
  "aws_api_gateway_rest_api update: body",
  "aws_api_gateway_stage update: ",
  "aws_lambda_function update: filename, publish, source_code_hash",
];

/**
 * To be imported before the deployment: Terraform learns only from a resource that it has already, that the deployment's
 * successor is to take over before the deployment goes. API Gateway refuses to delete one that a stage still serves.
 */
const STAGE_FIRST = "aws_api_gateway_stage";

/** `TYPE will be updated in-place` and the like, for each resource that a plan wants to change. */
function wanted(plan: string | undefined): string[] {
  const changes = plan?.matchAll(/# (\w+)\.\S+ ((?:will|must) be [\w-]+(?: in-place)?)/g) ?? [];
  return [...changes].map(([, type, change]) => `${type} ${change}`).sort();
}

test("creates what is declared", async () => {
  await deploy();
  await expectRevision("first");
  expect(await answers()).toEqual(FIRST_ANSWERS);
  expect(await walk()).toBe("passed");
});

test("updates everything in place, and callers notice", async () => {
  const before = varied();
  settings = { REVISION: "second", ALLOWED_ORIGIN: "https://second.example" };
  await deploy();
  expect(varied()).toEqual(before);
  await expectRevision("second");
  expect(await answers()).toEqual(SECOND_ANSWERS);
  expect(await walk()).toBe("passed");
  const { events = [] } = await clients.logs.send(
    new FilterLogEventsCommand({ logGroupName: "/aws/apigateway/developer-identities-local-varied" }),
  );
  const statuses = events.map(({ message = "" }) => JSON.parse(message).status);
  expect(statuses).toEqual(expect.arrayContaining(["200", "403", "429"]));
});

test("sees what was changed behind its back, and puts it right", async () => {
  await drift(clients, varied(), STAGE);
  expect(wanted(await cdktf().plan())).toEqual(DRIFT);
  await deploy();
  await expectRevision("second");
});

test("imports everything into an empty state", async () => {
  const lose = (stack: string) => new LostState(workspace, { ...account.environment, ...settings }, stack);
  const identity = lose("identity");
  await identity.importByCommand(["aws_cognito_identity_pool", "aws_iam_role"]);
  expect(await identity.importByBlocks()).toEqual([]);

  const [api, varied] = [lose("api"), lose("varied")];
  await Promise.all([
    api.importByCommand(["aws_lambda_function", "aws_api_gateway_rest_api", STAGE_FIRST]),
    varied.importByCommand([STAGE_FIRST]),
  ]);
  for (const changes of await Promise.all([api.importByBlocks(), varied.importByBlocks()])) {
    expect(changes).toEqual(SET_AFTER_IMPORT);
  }
  expect(await cdktf().plan()).toBeUndefined();
  expect(await answers()).toEqual(SECOND_ANSWERS);
});

test("refuses to replace a pool whose identities are protected", async () => {
  settings = { ...settings, PROTECT_IDENTITIES: "true", DEVELOPER_PROVIDER_NAME: "login.renamed.example" };
  await expect(cdktf().plan()).rejects.toThrow(/Instance cannot be destroyed/);
});

test("replaces an unprotected pool when its developer provider is renamed, and takes everything else back", async () => {
  const before = readOutputs(workspace.outputsFile);
  settings = {
    REVISION: "first",
    ALLOWED_ORIGIN: "https://first.example",
    DEVELOPER_PROVIDER_NAME: "login.renamed.example",
  };
  await deploy();
  const after = readOutputs(workspace.outputsFile);
  expect(after).toMatchObject({
    developerProviderName: "login.renamed.example",
    invokeUrl: before.invokeUrl,
  });
  expect(after.identityPoolId).not.toBe(before.identityPoolId);
  await expect(
    clients.cognito.send(new DescribeIdentityPoolCommand({ IdentityPoolId: before.identityPoolId })),
  ).rejects.toThrow(`IdentityPool '${before.identityPoolId}' not found.`);
  await expectRevision("first");
  expect(await answers()).toEqual(FIRST_ANSWERS);
  expect(await walk()).toBe("passed");
});

test("destroys everything", async () => {
  await cdktf().destroy();
  expect(account.resources()).toEqual([]);
});
