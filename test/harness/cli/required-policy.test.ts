/** The policy that `--print-policy` prints is enough, and each of its statements is needed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readOutputs, walkFlow } from "../../../harness";
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

beforeAll(async () => {
  local = await startLocalAws();
  directory = mkdtempSync(path.join(tmpdir(), "required-policy-"));
  outputs = path.join(directory, "outputs.json");
  writeFileSync(outputs, JSON.stringify({ stack: await deployWithSdk(local) }));
  const { code, stdout } = await verifyInProcess(["--outputs", outputs, "--print-policy"], local, "");
  expect(code).toBe(0);
  printed = JSON.parse(stdout);
});

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await local.stop();
});

/** A walk as a role with the policy and nothing else. */
async function walkWith(document: PolicyDocument, endpoint = local.endpoint) {
  const credentials = await identitySession(local, "nightly", document.Statement);
  return walkFlow({ deployment: readOutputs(outputs), endpoint, credentials });
}

const without = (sid: string): PolicyDocument => ({
  ...printed,
  Statement: printed.Statement.filter(({ Sid }) => Sid !== sid),
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

test("the README has each of its actions", () => {
  const readme = readFileSync(path.join(__dirname, "..", "..", "..", "README.md"), "utf8");
  for (const { Action } of printed.Statement as unknown as { Action: string }[]) {
    expect(readme).toContain(Action.split(":")[1]);
  }
});
