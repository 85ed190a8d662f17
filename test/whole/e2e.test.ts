/** `npm run e2e` as a user types it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { runToEnd, Sandbox, start } from "./programs";

jest.setTimeout(300_000);

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = new Sandbox();
});

afterEach(() => {
  sandbox.remove();
});

test("deploys, plans nothing more, walks the five steps, destroys everything and leaves nothing behind", async () => {
  const reports = path.join(sandbox.directory, "reports");
  const { code, output } = await runToEnd(
    "npm",
    ["run", "e2e", "--", "--report-dir", reports],
    sandbox.environment,
  );
  expect(output).toMatch(/plan again: nothing to change\n {2}done/);
  expect(output).toMatch(/passed: 5 of 5 steps/);
  expect(output).toMatch(/look for leftovers\n {2}done/);
  expect(code).toBe(0);
  const report = JSON.parse(readFileSync(path.join(reports, "report.json"), "utf8"));
  expect(report).toMatchObject({ schemaVersion: 1, outcome: "passed", target: { region: "us-east-1" } });
  expect(report.steps.map((step: { status: string }) => step.status)).toEqual(Array(5).fill("passed"));
  expect(sandbox.leftFiles()).toEqual(["reports"]);
  expect(sandbox.leftProcesses()).toEqual([]);
});

test("Ctrl-C in the middle of the deployment cleans up", async () => {
  const e2e = start(process.execPath, ["--import", "tsx", "scripts/e2e.ts"], sandbox.environment);
  await e2e.said(/\+ aws_cognito_identity_pool /);
  e2e.process.kill("SIGINT");
  const { code, output } = await e2e.finished;
  expect(output).toMatch(/Interrupted; nothing is left behind/);
  expect(code).toBe(130);
  expect(sandbox.leftFiles()).toEqual([]);
  expect(sandbox.leftProcesses()).toEqual([]);
});

test("without Terraform it says so before anything starts", async () => {
  const environment = {
    ...sandbox.environment,
    PATH: path.dirname(process.execPath),
    TERRAFORM_BINARY_NAME: "no-such-terraform",
  };
  const { code, output } = await runToEnd(
    process.execPath,
    ["--import", "tsx", "scripts/e2e.ts"],
    environment,
  );
  expect(code).toBe(2);
  expect(output).toMatch(/^Neither terraform nor tofu is on the PATH\. Install Terraform/m);
  expect(output).not.toMatch(/start local AWS/);
});

test("a setting that can't be used fails the deployment in the app's own words", async () => {
  const environment = { ...sandbox.environment, DEVELOPER_PROVIDER_NAME: "not a name!" };
  const { code, output } = await runToEnd(
    process.execPath,
    ["--import", "tsx", "scripts/e2e.ts"],
    environment,
  );
  expect(code).toBe(3);
  expect(output).toMatch(/failed after .*: deploy with cdktf/);
  expect(output).toMatch(/DEVELOPER_PROVIDER_NAME: found "not a name!"/);
  expect(sandbox.leftFiles()).toEqual([]);
});
