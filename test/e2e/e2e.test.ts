/** `npm run e2e` as a user types it. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runToEnd, Sandbox } from "../support/programs";
import { jsonProblems, junitProblems } from "../support/report-validation";

jest.setTimeout(300_000);

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = new Sandbox();
});

afterEach(() => {
  sandbox.remove();
});

test("deploys, walks as the backend and as a client, plans nothing more, destroys everything and leaves nothing behind", async () => {
  const reports = path.join(sandbox.directory, "reports");
  const { code, output } = await runToEnd(
    "npm",
    ["run", "e2e", "--", "--report-dir", reports],
    sandbox.environment,
  );
  expect(output).toMatch(/▸ start local AWS\n {2}✓ us-east-1, at http:\/\/127\.0\.0\.1:\d+ \(\d+ ms\)\n/);
  const created = output.match(/^ {2}\+ aws_\w+ .*$/gm)?.length;
  expect(output).toContain(`✓ ${created} resources created (`);
  expect(output).toMatch(
    /\n {2}Steps\n {2}✓ 1 pool .*(\n {2}✓ \d .*){4}\n\n {2}Refusals\n(?: {2}✓ .*\n){23}\n {2}Who may call what\n {2}✓ \d+ of \d+ as declared.*\n/,
  );
  expect(output).toMatch(
    / {2}Report: file:\/\/\/.*\/reports\/report\.html\n {2}✓ 5 steps and 23 refusals passed \(/,
  );
  expect(output).toMatch(/ {2}✓ 3 steps and 9 refusals passed \(/);
  expect(output).toMatch(
    /▸ plan again, begun with the walks\n {2}✓ no change in 3 stacks, planned in .* s \(/,
  );
  expect(output).toMatch(/▸ look for leftovers\n {2}✓ nothing left \(/);
  expect(output).toMatch(
    new RegExp(
      `\nAll passed in .*: 8 steps and 32 refusals passed, ${created} resources created and ${created} destroyed\\.\n {2}start local AWS +\\d+ ms\n {2}deploy with cdktf +.* s\n {2}walk the flow +.* s\n {2}walk the flow as a client +.* s\n {2}plan again, begun with the walks +.*s\n`,
    ),
  );
  // Neither colors nor a live line in a pipe.
  expect(output).not.toContain("\x1b");
  expect(code).toBe(0);
  const report = JSON.parse(readFileSync(path.join(reports, "report.json"), "utf8"));
  expect(report).toMatchObject({ schemaVersion: 1, outcome: "passed", target: { region: "us-east-1" } });
  expect(report.steps.map((step: { status: string }) => step.status)).toEqual(Array(5).fill("passed"));
  expect(report.access).toMatchObject({ source: "output access", undeclared: [] });
  expect(report.refusals.length).toBeGreaterThan(18);
  expect(report.refusals.filter((refusal: { status: string }) => refusal.status !== "passed")).toEqual([]);
  expect(jsonProblems(JSON.stringify(report))).toEqual([]);
  expect(await junitProblems(readFileSync(path.join(reports, "junit.xml"), "utf8"))).toEqual([]);
  expect(readFileSync(path.join(reports, "summary.md"), "utf8")).toContain("passed");
  expect(readFileSync(path.join(reports, "report.html"), "utf8")).toMatch(/^<!doctype html>/i);
  const asClient = JSON.parse(readFileSync(path.join(reports, "via-login", "report.json"), "utf8"));
  expect(asClient).toMatchObject({ via: "login", outcome: "passed" });
  expect(asClient.refusals.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(["login-expired-session", "login-other-audience", "other-user-route"]),
  );
  expect(asClient.refusals.filter((refusal: { status: string }) => refusal.status !== "passed")).toEqual([]);
  expect(sandbox.leftFiles()).toEqual(["reports"]);
  expect(sandbox.leftProcesses()).toEqual([]);
});

test("without Terraform it says so before anything starts", async () => {
  const environment = { ...sandbox.environment, PATH: sandbox.directory };
  const { code, output } = await runToEnd(
    process.execPath,
    ["--import", "tsx", "scripts/e2e.ts"],
    environment,
  );
  expect(code).toBe(2);
  expect(output).toMatch(/^Neither terraform nor tofu is on the PATH\. Install Terraform/m);
  expect(output).not.toMatch(/start local AWS/);
});

test("settings that can't be used are told before anything starts", async () => {
  const environment = { ...sandbox.environment, DEVELOPER_PROVIDER_NAME: "not a name!", AWS_REGION: "moon" };
  const { code, output } = await runToEnd(
    process.execPath,
    ["--import", "tsx", "scripts/e2e.ts"],
    environment,
  );
  expect(code).toBe(2);
  expect(output).toMatch(/DEVELOPER_PROVIDER_NAME: found "not a name!"/);
  expect(output).toMatch(/AWS_REGION: found "moon"/);
  expect(output).not.toMatch(/start local AWS/);
  expect(sandbox.leftFiles()).toEqual([]);
});

test("a tool's failure shows the phase and the tool's own words", async () => {
  // A CLI configuration of the user's that leads to no provider.
  const file = path.join(sandbox.directory, "own.tfrc");
  writeFileSync(
    file,
    `provider_installation {\n  filesystem_mirror {\n    path = "${sandbox.directory}"\n  }\n}\n`,
  );
  const environment = { ...sandbox.environment, TF_CLI_CONFIG_FILE: file };
  const { code, output } = await runToEnd(
    process.execPath,
    ["--import", "tsx", "scripts/e2e.ts"],
    environment,
  );
  expect(code).toBe(3);
  expect(output).toMatch(/failed after .*: deploy with cdktf/);
  expect(output).toMatch(/`cdktf deploy .*` failed \(exit code 1\):/);
  expect(output).toMatch(/provider registry\.terraform\.io\/hashicorp\/aws was not\s+found/);
  expect(sandbox.leftFiles()).toEqual(["own.tfrc"]);
});
