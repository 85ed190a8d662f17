/** `npm run e2e` that is kept up, interrupted, or ended with npm. */
import { chmodSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findOnPath } from "../../scripts/process";
import { CALLERS_HERE, paste } from "../support/pasted";
import { runToEnd, Sandbox, start } from "../support/programs";

jest.setTimeout(300_000);

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = new Sandbox();
});

afterEach(() => {
  sandbox.remove();
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

test("--keep leaves the account up, and Ctrl-C then removes everything", async () => {
  const e2e = start(process.execPath, ["--import", "tsx", "scripts/e2e.ts", "--keep"], sandbox.environment);
  const output = await e2e.said(/Ctrl-C ends it/);
  const endpoint = /export AWS_ENDPOINT_URL='(.+)'/.exec(output)?.[1];
  const answer = await fetch(`${endpoint}/_local/resources`);
  const { resources } = (await answer.json()) as { resources: string[] };
  expect(resources).toContainEqual(expect.stringMatching(/^arn:aws:lambda:/));
  for (const caller of CALLERS_HERE) {
    const called = await paste(output, caller, sandbox.environment);
    expect([caller, called.code, called.output]).toEqual([
      caller,
      0,
      expect.stringContaining('"message":"Hello, alice!"'),
    ]);
  }
  e2e.process.kill("SIGINT");
  expect((await e2e.finished).code).toBe(0);
  expect(sandbox.leftFiles()).toEqual([]);
  expect(sandbox.leftProcesses()).toEqual([]);
});

test("a walk that fails names the phase, and --keep leaves its account up all the same", async () => {
  // A file where the reports are to go: the harness can't begin.
  const file = path.join(sandbox.directory, "file");
  writeFileSync(file, "");
  const args = ["--import", "tsx", "scripts/e2e.ts", "--keep", "--report-dir", file];
  const e2e = start(process.execPath, args, sandbox.environment);
  await e2e.said(/Ctrl-C ends it/);
  e2e.process.kill("SIGINT");
  const { code, output } = await e2e.finished;
  expect(output).toMatch(/Cannot make the report directory/);
  expect(output).toMatch(/failed after .*: walk the flow/);
  expect(output).toMatch(/The harness ended with exit code 2/);
  expect(code).toBe(3);
  expect(sandbox.leftFiles()).toEqual(["file"]);
  expect(sandbox.leftProcesses()).toEqual([]);
});

test("a second plan that wants to change something fails, though the walks beside it pass", async () => {
  // Between the deployment and that plan somebody changes what is declared.
  const terraform = path.join(sandbox.directory, "terraform");
  const real = findOnPath("terraform", process.env.PATH ?? "");
  const edit = `sed -i.before 's/"project": "/&other-/' cdk.tf.json`;
  writeFileSync(
    terraform,
    `#!/bin/sh\n[ "$1 $2" != "plan -detailed-exitcode" ] || ${edit}\nexec ${real} "$@"\n`,
  );
  chmodSync(terraform, 0o755);
  const { code, output } = await runToEnd(process.execPath, ["--import", "tsx", "scripts/e2e.ts"], {
    ...sandbox.environment,
    TERRAFORM_BINARY_NAME: terraform,
  });
  expect(output).toMatch(/✓ 5 steps and 23 refusals passed[\s\S]*✓ 3 steps and 9 refusals passed/);
  expect(output).toMatch(/failed after .*: plan again, begun with the walks\n/);
  expect(output).toMatch(/wants to change what was just deployed:\napi:[\s\S]*Plan: 0 to add, \d+ to change/);
  expect(code).toBe(1);
  expect(sandbox.leftFiles()).toEqual(["terraform"]);
  expect(sandbox.leftProcesses()).toEqual([]);
});

test.each(["SIGTERM", "SIGKILL"] as const)("ends when npm gets %s, and Terraform with it", async (signal) => {
  const e2e = start("npm", ["run", "--silent", "e2e"], sandbox.environment);
  await e2e.said(/aws_iam_role/);
  expect(sandbox.leftProcesses().join("\n")).toMatch(/terraform/);
  e2e.process.kill(signal);
  await sleep(2000);
  expect(sandbox.leftProcesses()).toEqual([]);
});
