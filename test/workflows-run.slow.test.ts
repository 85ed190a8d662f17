/**
 * The scripts of the workflows, run as a runner does, in a checkout, against local AWS. GitHub's own part (conditions, permissions, actions)
 * stays unrun.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LocalAws, startLocalAws } from "../local-aws";
import { Cdktf } from "../scripts/cdktf";
import { nameOf, ROWS } from "../scripts/ci-matrix";
import { openProject, type Workspace } from "../scripts/workspace";
import { PROJECT, runToEnd, withoutAws } from "./support/programs";
import { readWorkflow } from "./support/workflow-rules";

jest.setTimeout(600_000);

let account: LocalAws;
/** A checkout whose files are this project's, and what is written into it its own. */
let checkout: string;
let workspace: Workspace;

beforeAll(async () => {
  account = await startLocalAws();
  checkout = mkdtempSync(path.join(tmpdir(), "checkout-"));
  const written = ["cdktf.out", ".terraform-state", "outputs.json", "reports", "history"];
  for (const name of readdirSync(PROJECT).filter((name) => !written.includes(name))) {
    symlinkSync(path.join(PROJECT, name), path.join(checkout, name));
  }
  workspace = openProject(checkout);
});

afterAll(async () => {
  workspace?.remove();
  rmSync(checkout, { recursive: true, force: true });
  await account?.stop();
});

/** Runs the script of the step with this id. Returns how it ended and what it wrote for GitHub. */
async function runStep(
  workflow: string,
  job: string,
  id: string,
  given: Readonly<Record<string, string>> = {},
) {
  const { jobs } = readWorkflow(readFileSync(path.join(PROJECT, ".github", "workflows", workflow), "utf8"));
  const script = jobs[job]?.steps.find((step) => step.id === id)?.run;
  expect(script).toBeDefined();
  const files = mkdtempSync(path.join(tmpdir(), "github-"));
  const [GITHUB_STEP_SUMMARY, GITHUB_OUTPUT] = ["summary", "output"].map((name) =>
    path.join(files, name),
  ) as [string, string];
  for (const file of [GITHUB_STEP_SUMMARY, GITHUB_OUTPUT]) {
    writeFileSync(file, "");
  }
  const github = {
    GITHUB_STEP_SUMMARY,
    GITHUB_OUTPUT,
    GITHUB_RUN_ID: "4711",
    GITHUB_RUN_ATTEMPT: "1",
    GITHUB_REF_NAME: "main",
    GITHUB_REPOSITORY: "example/identities",
  };
  // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
  const args = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script ?? ""];
  try {
    const ended = await runToEnd("bash", args, { ...withoutAws(), ...github, ...given }, checkout);
    return {
      ...ended,
      summary: readFileSync(GITHUB_STEP_SUMMARY, "utf8"),
      outputs: readFileSync(GITHUB_OUTPUT, "utf8"),
    };
  } finally {
    rmSync(files, { recursive: true });
  }
}

test("ci: the rows are one line of JSON", async () => {
  const { code, outputs } = await runStep("ci.yml", "rows", "rows");
  const [, json = ""] = /^rows=(.*)\n$/.exec(outputs) ?? [];
  expect(JSON.parse(json)).toEqual(ROWS.map((row) => ({ name: nameOf(row), ...row })));
  expect(code).toBe(0);
});

test("nightly: without the outputs it says how to set them", async () => {
  const { code, output } = await runStep("nightly.yml", "verify", "outputs", { DEPLOYMENT_OUTPUTS: "" });
  expect(output).toMatch(
    /^::error title=The variable DEPLOYMENT_OUTPUTS is not set::.*gh variable set DEPLOYMENT_OUTPUTS < outputs\.json$/m,
  );
  expect(code).toBe(2);
  expect(existsSync(path.join(checkout, "outputs.json"))).toBe(false);
});

test("nightly: verifies what the variable says, keeps the report for the trend; drift is named", async () => {
  const settings = { ...account.environment, STAGE: "dev", AWS_REGION: account.region };
  const environment = { ...workspace.environment, ...settings };
  await new Cdktf({ ...workspace, environment }, {}).deploy();
  const deployed = readFileSync(path.join(checkout, "outputs.json"), "utf8");
  rmSync(path.join(checkout, "outputs.json"));

  const outputs = await runStep("nightly.yml", "verify", "outputs", { DEPLOYMENT_OUTPUTS: deployed });
  expect(outputs).toMatchObject({ code: 0, output: "" });
  const terraform = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

  // A report that was cut off must cost the trend a point, and not the night.
  mkdirSync(path.join(checkout, "history"), { recursive: true });
  writeFileSync(path.join(checkout, "history", "1-1.json"), '{"schemaVersion":1,');
  const verified = await runStep("nightly.yml", "verify", "verify", settings);
  expect(verified.output).toMatch(/^::stop-commands::(\S+)$[\s\S]*^passed:[\s\S]*^::\1::$/m);
  expect(verified).toMatchObject({ code: 0, summary: expect.stringContaining("passed") });

  for (let run = 2; run < 40; run++) {
    writeFileSync(path.join(checkout, "history", `${run}-1.json`), "{}");
  }
  await runStep("nightly.yml", "verify", "history");
  const kept = readdirSync(path.join(checkout, "history"));
  expect(kept).toHaveLength(30);
  expect(kept).toContain("4711-1.json");
  expect(kept).not.toContain("2-1.json");

  const plan = () => runStep("nightly.yml", "drift", "plan", terraform);
  expect(await plan()).toMatchObject({ code: 0, summary: expect.stringContaining("no change in 2 stacks") });
  terraform.USER_ROUTES = "true";
  terraform.PRINCIPAL_TAGS = "sub=username";
  const drifted = await plan();
  expect(drifted.output).toContain("::error title=Drift::");
  expect(drifted).toMatchObject({ code: 1, summary: expect.stringContaining("changes in 2 of 2 stacks") });
  const pullRequest = await runStep("deploy.yml", "plan", "plan", terraform);
  expect(pullRequest.code).toBe(0);
  const unusable = await runStep("deploy.yml", "plan", "plan", { ...terraform, STAGE: "No stage" });
  expect(unusable.code).not.toBe(0);
});

test.each([
  ["nightly.yml", "drift"],
  ["deploy.yml", "plan"],
  ["deploy.yml", "apply"],
  ["deploy.yml", "destroy"],
])("%s: %s needs a state that outlives the runner", async (workflow, job) => {
  const { code, output } = await runStep(workflow, job, "state", { STATE_BUCKET: "" });
  expect(output).toContain("gh variable set STATE_BUCKET --body BUCKET");
  expect(code).toBe(2);
  expect(await runStep(workflow, job, "state", { STATE_BUCKET: "b" })).toMatchObject({ code: 0, output: "" });
});

test("deploy: says whether the nightly verifies what was deployed", async () => {
  const deployed = {
    identity: { region: "us-east-1" },
    api: { invoke_url: "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/dev" },
  };
  writeFileSync(path.join(checkout, "outputs.json"), JSON.stringify(deployed, undefined, 2));
  const compare = (variable: string) =>
    runStep("deploy.yml", "apply", "compare", { DEPLOYMENT_OUTPUTS: variable });

  const same = await compare(JSON.stringify({ api: deployed.api, identity: deployed.identity }));
  expect(same).toMatchObject({
    code: 0,
    output: "",
    summary: expect.stringContaining("has these outputs already"),
  });
  for (const variable of ["", "{", JSON.stringify({ identity: deployed.identity })]) {
    const { code, output, summary } = await compare(variable);
    expect(output).toContain("::warning title=DEPLOYMENT_OUTPUTS differs::");
    expect(summary).toContain("gh variable set DEPLOYMENT_OUTPUTS --repo example/identities < outputs.json");
    expect(code).toBe(0);
  }
});

test("deploy: destroys only what was named", async () => {
  const confirm = (CONFIRMATION: string) =>
    runStep("deploy.yml", "confirm", "confirm", { STAGE: "prod", CONFIRMATION });
  expect(await confirm("prod")).toMatchObject({ code: 0 });
  for (const wrong of ["", "Prod", "prod ", "$STAGE", "*"]) {
    expect(await confirm(wrong)).toMatchObject({ code: 2, output: expect.stringContaining("type prod") });
  }
});
