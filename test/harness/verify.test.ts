/** The process against real deployments: what it prints, writes and returns. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { deployWithSdk } from "../../scripts/sdk-deployment";
import { identitiesLeft } from "../support/identities-left";
import { startProxy } from "../support/proxy";
import { type VerifyResult, verify } from "../support/verify-process";

let local: LocalAws;
let directory: string;
beforeEach(async () => {
  local = await startLocalAws();
  directory = mkdtempSync(join(tmpdir(), "verify-"));
});
afterEach(async () => {
  await local.stop();
  rmSync(directory, { recursive: true });
});

async function verifyDeployment(
  faults: Parameters<typeof deployWithSdk>[1],
  environment: Record<string, string> = {},
): Promise<VerifyResult & { report: unknown }> {
  const outputs = join(directory, "outputs.json");
  writeFileSync(outputs, JSON.stringify({ "any-stack": await deployWithSdk(local, faults) }));
  const result = await verify(["--outputs", outputs, "--report-dir", directory], {
    ...local.environment,
    ...environment,
  });
  return { ...result, report: JSON.parse(readFileSync(join(directory, "report.json"), "utf8")) };
}

test("a whole deployment: a line per step, exit 0", async () => {
  const { code, stdout, report } = await verifyDeployment({});
  expect(stdout).toMatch(
    /\n\nSteps\n✓ 1 pool .* ms\n✓ 2 roles .* ms\n✓ 3 token .* ms\n✓ 4 credentials .* ms\n✓ 5 call .* ms\n\nRefusals\n(✓ .*\n)+\npassed: 5 of 5 steps, (\d+) of \2 refusals, .* s\nReport: file:\/\/\/.*\/report\.html\n$/,
  );
  expect(report).toMatchObject({ outcome: "passed", error: null, warnings: [] });
  expect(code).toBe(0);
});

test("a fault: expected and actual, later steps skipped, exit 1", async () => {
  const { code, stdout, report } = await verifyDeployment({ withoutRolesAttachment: true });
  expect(stdout).toMatch(
    /✓ 1 pool .*\n✗ 2 roles .* ms\n {4}expected {2}authenticated role: "arn:.*"\n {4}actual {4}authenticated role: absent\n {4}request .*\n {4}hint .*\n- 3 token .*skipped\n- 4 credentials .*skipped\n- 5 call .*skipped\n\nfailed: 1 of 5 steps, 0 of 21 refusals, 24 skipped, .*\nStep 2 failed: the pool's roles attachment is missing\n/,
  );
  expect(report).toMatchObject({ outcome: "failed" });
  expect(code).toBe(1);
});

test("--json: the report alone on stdout", async () => {
  const outputs = join(directory, "outputs.json");
  writeFileSync(outputs, JSON.stringify({ stack: await deployWithSdk(local, { withoutInvokeGrant: true }) }));
  const { code, stdout, stderr } = await verify(["--outputs", outputs, "--json"], local.environment);
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, outcome: "failed" });
  // Nothing of the SDK's before the first line.
  expect(stderr).toMatch(/^Walking the flow .*✗ 5 call/s);
  expect(code).toBe(1);
});

test("Ctrl-C ends it within a second, cleaned up and reported", async () => {
  const deployed = await deployWithSdk(local);
  const outputs = join(directory, "outputs.json");
  writeFileSync(outputs, JSON.stringify({ stack: deployed }));
  let interrupt = () => {};
  let interruptedAt = 0;
  const proxy = await startProxy(local.endpoint, ({ operation }) => {
    if (operation !== "GetCredentialsForIdentity") {
      return undefined;
    }
    interruptedAt = Date.now();
    interrupt();
    return { delay: 60_000 };
  });
  const { code, stdout, stderr } = await verify(
    ["--outputs", outputs, "--report-dir", directory, "--fresh"],
    { ...local.environment, AWS_ENDPOINT_URL: proxy.endpoint },
    (child) => {
      interrupt = () => child.kill("SIGINT");
    },
  );
  const closedAt = Date.now();
  await proxy.close();
  expect(code).toBe(130);
  expect(stderr).toContain("Interrupted");
  expect(stdout).toMatch(/✓ 3 token .*✗ 4 credentials .*- 5 call .*skipped/s);
  const report = JSON.parse(readFileSync(join(directory, "report.json"), "utf8"));
  expect(report).toMatchObject({ outcome: "error", error: { kind: "interrupted" }, warnings: [] });
  // Clean-up included. How long a busy machine takes to write the reports and end the process is its own affair.
  expect(Date.parse(report.startedAt) + report.durationMs - interruptedAt).toBeLessThan(1_000);
  expect(closedAt - interruptedAt).toBeLessThan(10_000);
  expect(await identitiesLeft(local, deployed.identity_pool_id)).toBe(0);
});

test("a wrong secret: one message that says what to check, exit 2", async () => {
  const wrong = { AWS_SECRET_ACCESS_KEY: "wrong-secret-access-key-of-forty-chars!!" };
  const { code, stdout, stderr, report } = await verifyDeployment({}, wrong);
  expect(stderr).toContain("AWS does not accept the backend's credentials (InvalidSignatureException");
  expect(stderr).not.toContain("Canonical String");
  expect(stderr).toContain("AWS_SESSION_TOKEN (which belongs to temporary keys");
  expect(`${stdout}${stderr}${JSON.stringify(report)}`).not.toContain(wrong.AWS_SECRET_ACCESS_KEY);
  expect(code).toBe(2);
});
