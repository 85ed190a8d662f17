/** Faults that Terraform really deployed: the harness has to stop at the right step with AWS's words. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Report, readOutputs, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { Cdktf } from "../../scripts/cdktf";
import { createWorkspace, type Workspace } from "../../scripts/workspace";

jest.setTimeout(300_000);

let account: LocalAws;
let workspace: Workspace;

beforeAll(async () => {
  account = await startLocalAws();
  workspace = createWorkspace(path.join(__dirname, "../support/faulty-app.ts"));
});

afterAll(async () => {
  workspace?.remove();
  await account?.stop();
});

/** Changes what is deployed, as the next deployment of somebody who made the mistake would. */
async function deploy(fault: string): Promise<void> {
  const environment = { ...account.environment, FAULT: fault };
  await new Cdktf(workspace, environment).deploy();
}

function walk(outputsFile = workspace.outputsFile): Promise<Report> {
  const { endpoint, credentials } = account;
  return walkFlow({ deployment: readOutputs(outputsFile), endpoint, credentials });
}

function statuses(report: Report): string[] {
  return report.steps.map((step) => step.status);
}

test("without a fault all five steps pass", async () => {
  await deploy("none");
  const report = await walk();
  expect(report.outcome).toBe("passed");
  expect(statuses(report)).toEqual(["passed", "passed", "passed", "passed", "passed"]);
});

test("a misnamed developer provider in the outputs fails step 1", async () => {
  const outputs = JSON.parse(readFileSync(workspace.outputsFile, "utf8"));
  for (const stack of Object.values<Record<string, string>>(outputs)) {
    if (stack.developer_provider_name) {
      stack.developer_provider_name = "login.misnamed.example";
    }
  }
  const file = path.join(workspace.directory, "misnamed.json");
  writeFileSync(file, JSON.stringify(outputs));
  const report = await walk(file);
  expect(report.outcome).toBe("failed");
  expect(statuses(report)).toEqual(["failed", "skipped", "skipped", "skipped", "skipped"]);
  expect(report.steps[0]).toMatchObject({ expected: expect.stringContaining("login.misnamed.example") });
});

test("without the invoke grant step 5 fails with AWS's AccessDenied", async () => {
  await deploy("no invoke grant");
  const report = await walk();
  expect(statuses(report)).toEqual(["passed", "passed", "passed", "passed", "failed"]);
  expect(report.steps[4]?.actual).toMatch(/403/);
  expect(report.steps[4]?.actual).toMatch(
    /is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:\*{8}\d{4}:\w+\/local\/GET\/hello because no identity-based policy allows the execute-api:Invoke action/,
  );
});

test("without the Lambda permission step 5 gets 500", async () => {
  await deploy("no Lambda permission");
  const report = await walk();
  expect(statuses(report)).toEqual(["passed", "passed", "passed", "passed", "failed"]);
  expect(report.steps[4]?.actual).toMatch(/500/);
});

test("a wrong aud in the trust policy fails step 4, and local AWS tells why", async () => {
  await deploy("wrong aud");
  const report = await walk();
  expect(statuses(report)).toEqual(["passed", "passed", "passed", "failed", "skipped"]);
  expect(report.steps[3]?.actual).toMatch(/InvalidIdentityPoolConfigurationException/);
  const reasons = account
    .decisions()
    .filter((decision) => decision.kind === "trust" && decision.outcome === "refused");
  expect(reasons.at(-1)?.detail.join("\n")).toMatch(
    /cognito-identity\.amazonaws\.com:aud: expected .*00000000-0000/,
  );
});
