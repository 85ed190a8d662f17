/**
 * `npm run load` with Artillery, against local AWS in a process of its own. The first run installs Artillery where users have it, too,
 * so that without npm's registry these tests fail and say why.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchLogsClient, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { Report } from "../../harness";
import type { LocalAws } from "../../local-aws";
import { findArtillery } from "../../scripts/load/artillery";
import { FUNCTION } from "../../scripts/sdk-deployment";
import type { AccountMemory, StartedAccount } from "../support/account-process";
import { identitiesLeft } from "../support/identities-left";

jest.setTimeout(15 * 60_000);

const ROOT = path.join(__dirname, "../..");

/** What no file and no line may hold: tokens, session tokens, keys of sessions, signatures. */
const SECRETS =
  /eyJ[\w-]+\.[\w-]+|Signature=[0-9a-f]{8}|ASIA[A-Z0-9]{12}|"?[Ss]ession_?[Tt]oken"?\s*[:=]\s*\S{20}/;

let directory: string;
let server: ChildProcess;
let lines: Interface;
let account: StartedAccount;
beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "load-test-"));
  const script = path.join(ROOT, "test/support/account-process.ts");
  server = spawn(process.execPath, ["--expose-gc", "--import", "tsx", script], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
  });
  lines = createInterface({ input: server.stdout as NodeJS.ReadableStream });
  account = JSON.parse(await nextLine());
  writeFileSync(path.join(directory, "outputs.json"), JSON.stringify(account.outputs));
});
afterAll(async () => {
  server.stdin?.end();
  await new Promise((resolve) => server.once("close", resolve));
  rmSync(directory, { recursive: true, force: true });
});

function nextLine(): Promise<string> {
  return new Promise((resolve) => lines.once("line", resolve));
}

async function memory(): Promise<AccountMemory> {
  const answer = nextLine();
  server.stdin?.write("\n");
  return JSON.parse(await answer);
}

const poolId = () =>
  readFileSync(path.join(directory, "outputs.json"), "utf8").match(/[\w-]+:[0-9a-f-]{36}/)?.[0] ?? "";
const left = () => identitiesLeft({ ...account, region: "us-east-1" } as unknown as LocalAws, poolId());

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    FORCE_COLOR: undefined,
    AWS_ENDPOINT_URL: account.endpoint,
    AWS_ACCESS_KEY_ID: account.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: account.credentials.secretAccessKey,
  };
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `npm run load`. @param meanwhile is given the process that npm became */
async function load(
  args: readonly string[],
  meanwhile: (npm: ChildProcess) => Promise<void> = async () => {},
) {
  const reports = path.join(directory, "reports");
  rmSync(reports, { recursive: true, force: true });
  const all = [
    "--outputs",
    path.join(directory, "outputs.json"),
    "--report-dir",
    reports,
    "--verbose",
    ...args,
  ];
  const npm = spawn("npm", ["run", "--silent", "load", "--", ...all], { cwd: ROOT, env: environment() });
  let output = "";
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const ended = new Promise<Ended>((resolve) => npm.once("close", (code) => resolve({ code, output })));
  await Promise.race([meanwhile(npm), ended]);
  const { code } = await ended;
  const files = readdirSync(reports).map((name) => readFileSync(path.join(reports, name), "utf8"));
  expect([output, ...files].join("\n")).not.toMatch(SECRETS);
  expect([output, ...files].join("\n")).not.toContain(account.credentials.secretAccessKey);
  const report: Report = JSON.parse(readFileSync(path.join(reports, "report.json"), "utf8"));
  return { code, output, report, page: readFileSync(path.join(reports, "report.html"), "utf8") };
}

/** Waits until users walk. */
async function crowded(): Promise<void> {
  while ((await left()) < 10) {
    await sleep(100);
  }
}

function childrenOf(pid: number): number[] {
  const listed = execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" });
  const all = listed
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  return all.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}

/** What a function has logged is kept, up to bounds: it is no leak. */
async function emptyLog(): Promise<void> {
  const logs = new CloudWatchLogsClient({ ...account, region: "us-east-1" });
  await logs.send(new DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${FUNCTION}` }));
  logs.destroy();
}

test("a thousand users, fifty at a time: no error, nobody left behind, and after the warm-up no more memory", async () => {
  const thousand = ["--users", "1000", "--rate", "190", "--duration", "5.3s", "--at-a-time", "50"];
  const heaps: number[] = [];
  for (const _ of ["warm-up", "first", "second"]) {
    const { code, output, report, page } = await load(thousand);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(report.load).toMatchObject({ users: 1000, passed: 1007, failed: 0, errors: [], atATime: 50 });
    expect(
      report.load?.steps.map(({ histogram }) => histogram.reduce((sum, { count }) => sum + count, 0)),
    ).toEqual([1007, 1007, 1007]);
    expect(page.match(/class="histogram"/g)).toHaveLength(3);
    expect(await left()).toBe(0);
    await emptyLog();
    heaps.push((await memory()).heap / 2 ** 20);
  }
  const [, first = 0, second = 0] = heaps;
  expect(second - first).toBeLessThan(1);
});

test("Ctrl-C ends it: the identities are gone, and the report says how far it came", async () => {
  const { code, report } = await load(["--users", "300", "--rate", "10"], async (npm) => {
    await crowded();
    npm.kill("SIGINT");
  });
  expect(code).toBe(130);
  expect(report).toMatchObject({ outcome: "error", error: { kind: "interrupted" }, warnings: [] });
  expect(report.load?.passed).toBeGreaterThan(0);
  expect(await left()).toBe(0);
});

test("Artillery may be killed: the identities are gone, and the exit code says that it could not be run", async () => {
  const { code, output, report } = await load(["--users", "300", "--rate", "10"], async (npm) => {
    await crowded();
    for (const child of childrenOf(npm.pid as number).flatMap((pid) => [pid, ...childrenOf(pid)])) {
      if (readFileSync(`/proc/${child}/cmdline`, "utf8").includes("scenario.yml")) {
        process.kill(child, "SIGKILL");
      }
    }
  });
  expect(code).toBe(3);
  expect(output).toContain("Artillery ended with null");
  expect(report).toMatchObject({ outcome: "error", error: { kind: "unreachable" }, warnings: [] });
  expect(await left()).toBe(0);
});

test("the written scenario runs on a worker elsewhere, which takes its identities away itself", async () => {
  const scenario = path.join(directory, "scenario");
  const args = ["--users", "70", "--rate", "35", "--duration", "2s", "--scenario", scenario];
  const outputs = path.join(directory, "outputs.json");
  execFileSync("npm", ["run", "--silent", "load", "--", "--outputs", outputs, ...args], { cwd: ROOT });
  expect(readdirSync(scenario).sort()).toEqual(["processor.cjs", "scenario.yml"]);
  const { node, program } = await findArtillery(() => {}, new AbortController().signal);
  // What Artillery would send to its workers on Fargate and Lambda: these two files, and no package to install.
  const sender = path.join(program, "../../dist/lib/create-bom/create-bom.js");
  const send = `import(${JSON.stringify(sender)}).then(({ createBOM }) => createBOM("${scenario}/scenario.yml", [], {}, (_, sent) => console.log(JSON.stringify(sent))))`;
  const sent = JSON.parse(execFileSync(node, ["-e", send], { encoding: "utf8" }));
  expect(sent.files.map((file: { noPrefix: string }) => file.noPrefix)).toEqual([
    "scenario.yml",
    "processor.cjs",
  ]);
  expect(sent.modules).toEqual([]);
  const { status, stdout, stderr } = spawnSync(
    node,
    [program, "run", "--output", "said.json", "scenario.yml"],
    {
      cwd: scenario,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      env: { ...environment(), WORKER_ID: "abc", ARTILLERY_DISABLE_TELEMETRY: "true", DEBUG: "*" },
    },
  );
  expect(status).toBe(0);
  // What it says with DEBUG is on stderr.
  expect(stderr).toMatch(/artillery:worker/);
  const result = readFileSync(path.join(scenario, "said.json"), "utf8");
  const { aggregate } = JSON.parse(result);
  expect(aggregate.counters).toMatchObject({ "vusers.completed": 70, "vusers.failed": 0 });
  expect(Object.keys(aggregate.summaries)).toEqual(
    expect.arrayContaining(["flow.token", "flow.credentials", "flow.call"]),
  );
  expect(aggregate.summaries["flow.call"].count).toBe(70);
  expect(stdout + stderr + result).not.toMatch(SECRETS);
  expect(stdout + stderr + result).not.toContain(account.credentials.secretAccessKey);
  expect(await left()).toBe(0);
});

test.each([
  [["--rate", "200"], /no lower than the quota/],
  [["--users", "1000"], /1000 users do not arrive in 30 s at 20 a second. Give --duration 50s or more/],
  [["--p95", "pool=1s"], /Give one of token, credentials, call/],
  [["--max-error-rate", "much"], /a share of walks in percent/],
  [["--duration", "30"], /Did you mean 30s/],
  [["--slot", "My Slot"], /small letters/],
])("%j is told with its cure", (args, cure) => {
  const all = ["run", "--silent", "load", "--", "--outputs", path.join(directory, "outputs.json"), ...args];
  try {
    execFileSync("npm", all, { cwd: ROOT, env: environment(), stdio: "pipe" });
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer };
    expect({ status, said: String(stderr) }).toEqual({ status: 2, said: expect.stringMatching(cure) });
    return;
  }
  throw new Error("It was taken.");
});
