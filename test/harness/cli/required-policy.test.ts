/** The policy that `--print-policy` prints is enough, and each of its statements is needed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readOutputs, type WalkOptions, walkFlow } from "../../../harness";
import { parseAccess } from "../../../harness/access/file";
import { apiLocation } from "../../../harness/run/api-location";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { deployWithSdk } from "../../../scripts/sdk-deployment";
import { identitiesLeft } from "../../support/identities-left";
import { identitySession } from "../../support/identity-session";
import { startProxy } from "../../support/proxy";
import { verifyInProcess } from "../../support/verify-in-process";

interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly { readonly Sid: string }[];
}

let local: LocalAws;
let directory: string;
let outputs: string;
let printed: PolicyDocument;
/** With --access. */
let printedForAccess: PolicyDocument;

beforeAll(async () => {
  local = await startLocalAws();
  directory = mkdtempSync(path.join(tmpdir(), "required-policy-"));
  outputs = path.join(directory, "outputs.json");
  writeFileSync(outputs, JSON.stringify({ stack: await deployWithSdk(local) }));
  const print = async (...args: string[]): Promise<PolicyDocument> => {
    const command = ["--outputs", outputs, "--print-policy", ...args];
    const { code, stdout } = await verifyInProcess(command, local, "");
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  printed = await print();
  printedForAccess = await print("--access", "--slot", "nightly");
});

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await local.stop();
});

/** A walk as a role with the policy and nothing else. */
async function walkWith(
  document: PolicyDocument,
  endpoint = local.endpoint,
  options: Partial<WalkOptions> = {},
) {
  const credentials = await identitySession(local, "nightly", document.Statement);
  return walkFlow({ deployment: readOutputs(outputs), endpoint, credentials, ...options });
}

const without = (sid: string, document = printed): PolicyDocument => ({
  ...document,
  Statement: document.Statement.filter(({ Sid }) => Sid !== sid),
});

const pool = () => readOutputs(outputs).identityPoolId;

test("with exactly it everything passes, and nothing is left behind", async () => {
  const report = await walkWith(printed);
  expect(report).toMatchObject({ outcome: "passed", warnings: [] });
  expect(await identitiesLeft(local, pool())).toBe(0);
});

test.each([
  ["Pool", "pool", "DescribeIdentityPool"],
  ["Roles", "roles", "GetIdentityPoolRoles"],
  ["Token", "token", "GetOpenIdTokenForDeveloperIdentity"],
])("without the statement %s the step %s fails, and names what is missing", async (sid, step, operation) => {
  const { steps } = await walkWith(without(sid));
  expect(steps.find(({ status }) => status === "failed")).toMatchObject({
    name: step,
    actual: expect.stringContaining(`not authorized to perform: cognito-identity:${operation}`),
    hint: expect.stringContaining("--print-policy"),
  });
});

test("without CleanUp, identities stay behind and are told", async () => {
  const { warnings } = await walkWith(without("CleanUp"));
  expect(warnings).toEqual([
    expect.stringMatching(/^Clean-up: .*not authorized to perform: cognito-identity:DeleteIdentities/),
  ]);
  expect(await identitiesLeft(local, pool())).toBeGreaterThan(0);
});

test("without CleanUpUnknown, one whose answer was lost is told", async () => {
  const proxy = await startProxy(local.endpoint, ({ operation }) =>
    operation === "GetOpenIdTokenForDeveloperIdentity" ? { loseAnswer: true } : undefined,
  );
  try {
    expect((await walkWith(printed, proxy.endpoint)).warnings).toEqual([]);
    expect((await walkWith(without("CleanUpUnknown"), proxy.endpoint)).warnings).toEqual([
      expect.stringMatching(
        /^Clean-up: .*not authorized to perform: cognito-identity:LookupDeveloperIdentity/,
      ),
    ]);
  } finally {
    await proxy.close();
  }
});

describe("with --access and --slot", () => {
  const access = parseAccess('{"GET /hello": ["signed-in"], "GET /restricted": []}', "access.json");
  const walkForAccess = (document: PolicyDocument) =>
    walkWith(document, undefined, { access, slot: "nightly", refusals: false });

  test("with exactly it every cell is observed and computed", async () => {
    const report = await walkForAccess(printedForAccess);
    expect(report).toMatchObject({
      outcome: "passed",
      warnings: [],
      leftBehind: { found: 0, deleted: 0 },
      access: { undeclared: [], notes: [] },
    });
    const ofUsers = report.access?.cells.filter(({ caller }) => caller === "signed-in");
    expect(ofUsers).toEqual([
      expect.objectContaining({ observed: "allowed", computed: "allowed" }),
      expect.objectContaining({ observed: "refused", computed: "refused" }),
    ]);
  });

  test.each([
    ["Routes", /^Undeclared routes were not looked for: .* It takes apigateway:GET on arn:.*\/resources\.$/],
    ["ResourcePolicy", /^Nothing was computed: .* It takes apigateway:GET on arn:.*\/restapis\/\w+\.$/],
    ["Grants", /^What the role by-hand-authenticated may call was not computed: .* It takes iam:GetRole, /],
  ])("without the statement %s it says what it could not see, and what that takes", async (sid, note) => {
    const { access: seen } = await walkForAccess(without(sid, printedForAccess));
    expect(seen?.notes).toEqual([expect.stringMatching(note)]);
  });

  test("it names the one API and the one role", () => {
    const { apiId } = apiLocation(readOutputs(outputs)) ?? {};
    const api = `arn:aws:apigateway:us-east-1::/restapis/${apiId}`;
    const resources = printedForAccess.Statement.slice(printed.Statement.length);
    expect(resources.map((statement) => (statement as unknown as { Resource: string }).Resource)).toEqual([
      `${api}/resources`,
      api,
      readOutputs(outputs).authenticatedRoleArn,
    ]);
  });
});

test("the README has each of its actions", () => {
  const readme = readFileSync(path.join(__dirname, "..", "..", "..", "README.md"), "utf8");
  for (const { Action } of printedForAccess.Statement as unknown as { Action: string | string[] }[]) {
    for (const action of [Action].flat()) {
      expect(readme).toContain(action.split(":")[1]);
    }
  }
});
