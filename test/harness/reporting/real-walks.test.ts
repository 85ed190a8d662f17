/** What real walks report is valid in every format. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseOutputs, type Report, type WalkOptions, walkFlow } from "../../../harness";
import { writeReports } from "../../../harness/reporting/write";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { type DeploymentFaults, deployWithSdk } from "../../../scripts/sdk-deployment";
import { jsonProblems, junitProblems } from "../../support/report-validation";

let local: LocalAws;
let directory: string;
beforeEach(async () => {
  local = await startLocalAws();
  directory = mkdtempSync(join(tmpdir(), "reports-"));
});
afterEach(async () => {
  await local.stop();
  rmSync(directory, { recursive: true });
});

interface Case {
  readonly faults?: DeploymentFaults;
  readonly options?: Partial<WalkOptions>;
  readonly report: object;
  readonly summary: RegExp;
}

/** Statuses of the steps in their order. */
const statuses = (...expected: readonly Report["steps"][number]["status"][]) => ({
  steps: expected.map((status) => expect.objectContaining({ status })),
});

test.each<[string, Case]>([
  [
    "passed, with the refusals",
    {
      report: { outcome: "passed", ...statuses("passed", "passed", "passed", "passed", "passed") },
      summary: /^## ✅ The flow works: all 5 steps passed; all \d+ refusals as expected\n/,
    },
  ],
  [
    "failed, and what comes after skipped",
    {
      faults: { withoutRolesAttachment: true },
      options: { diagnose: true },
      report: { outcome: "failed", ...statuses("passed", "failed", "skipped", "skipped", "skipped") },
      summary: /^## ❌ Step 2 failed: the pool's roles attachment is missing\n/,
    },
  ],
  [
    "degraded",
    {
      options: { refusals: false, stepBudgets: { token: 1 } },
      report: { outcome: "passed", ...statuses("passed", "passed", "degraded", "passed", "passed") },
      summary: /^## ✅ The flow works: all 5 steps passed; slower than budgeted: token\n/,
    },
  ],
  [
    "too slow",
    {
      options: { refusals: false, stepBudgets: { token: 1 }, strict: true },
      report: { outcome: "failed", ...statuses("passed", "passed", "degraded", "passed", "passed") },
      summary: /^## ❌ Too slow: step 3, GetOpenIdTokenForDeveloperIdentity took \d+ ms, budget 1 ms\n/,
    },
  ],
  [
    "not answered",
    {
      options: { endpoint: "http://127.0.0.1:9" },
      report: {
        outcome: "error",
        error: expect.objectContaining({ kind: "unreachable" }),
        ...statuses("failed", "skipped", "skipped", "skipped", "skipped"),
      },
      summary: /^## ⛔ Stopped at step 1, DescribeIdentityPool: no answer came\n/,
    },
  ],
])("%s", async (_, { faults, options, report: expected, summary }) => {
  const outputs = await deployWithSdk(local, faults);
  const report = await walkFlow({
    deployment: parseOutputs({ stack: outputs }, "test"),
    endpoint: local.endpoint,
    credentials: local.credentials,
    ...options,
  });
  writeReports(report, directory, { stepSummary: "" });
  const written = (name: string) => readFileSync(join(directory, name), "utf8");

  expect(report).toMatchObject(expected);
  expect(jsonProblems(written("report.json"))).toEqual([]);
  expect(await junitProblems(written("junit.xml"))).toEqual([]);
  expect(written("summary.md")).toMatch(summary);
  for (const { name } of [...report.steps, ...report.refusals]) {
    for (const file of ["junit.xml", "summary.md", "report.html"]) {
      expect(written(file)).toContain(name);
    }
  }
});
