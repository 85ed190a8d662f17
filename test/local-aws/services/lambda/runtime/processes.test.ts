/** Function processes end with the account, whatever they are doing and however the account ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import { createFunction, invoke, startLambdaAccount } from "../../../../support/lambda-account";

const FACTS = "const facts = () => ({ pid: process.pid, root: process.env.LAMBDA_TASK_ROOT });";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended, but the init process hasn't noticed yet.
    return !existsSync("/proc/self/stat") || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

async function isGone(pid: number, root?: string): Promise<boolean> {
  for (let attempt = 0; attempt < 60; attempt++) {
    if (!isAlive(pid) && (root === undefined || !existsSync(dirname(root)))) {
      return true;
    }
    await setTimeout(50);
  }
  return false;
}

/** Starts `sleep` in a session of its own, as a program does that means to outlive the one that started it. */
const DETACHED = `${FACTS}
  const { spawn } = require("node:child_process");
  const detached = (options) => {
    const child = spawn("sleep", ["600"], { detached: true, ...options });
    child.unref();
    return child.pid;
  };`;

/** What a detached child may do to be found no more. */
const ESCAPES = [
  ["holds the output", '{ stdio: "inherit" }'],
  ["holds nothing", '{ stdio: "ignore" }'],
  ["holds the output and has another environment", '{ stdio: "inherit", env: {}, cwd: "/" }'],
  ["holds nothing and has another environment", '{ stdio: "ignore", env: {}, cwd: "/" }'],
];

test("an idle one ends when the account stops, and its files go", async () => {
  const account = await startLambdaAccount();
  await createFunction(account, "idle", `${FACTS} exports.handler = async () => facts()`);
  const { pid, root } = (await invoke(account, "idle")).payload;
  expect(isAlive(pid)).toBe(true);
  await account.aws.stop();
  expect(await isGone(pid, root)).toBe(true);
});

test("one that spins after its answer, and what it has started, end when the account is reset", async () => {
  const account = await startLambdaAccount();
  await createFunction(
    account,
    "spinner",
    `${FACTS}
     const child = require("node:child_process").spawn("sleep", ["600"]);
     exports.handler = async () => { setTimeout(() => { for (;;); }, 50); return { ...facts(), child: child.pid } }`,
  );
  const { pid, root, child } = (await invoke(account, "spinner")).payload;
  expect([isAlive(pid), isAlive(child)]).toEqual([true, true]);
  await account.aws.reset();
  expect(await isGone(pid, root)).toBe(true);
  expect(await isGone(child, root)).toBe(true);
  await account.aws.stop();
});

test.each(ESCAPES)("a detached child that %s ends with the account", async (_how, options) => {
  const account = await startLambdaAccount();
  await createFunction(
    account,
    "daemon",
    `${DETACHED} exports.handler = async () => ({ ...facts(), child: detached(${options}) })`,
  );
  const { pid, root, child } = (await invoke(account, "daemon")).payload;
  expect([isAlive(pid), isAlive(child)]).toEqual([true, true]);
  await account.aws.stop();
  expect([isAlive(pid), await isGone(pid, root), await isGone(child)]).toEqual([false, true, true]);
});

test.each(ESCAPES)(
  "process.exit(0) is an exit, though a detached child %s, and ends the child",
  async (_how, options) => {
    const account = await startLambdaAccount();
    await createFunction(
      account,
      "leaver",
      `${DETACHED} exports.handler = async () => {
       console.log("child " + detached(${options}));
       process.stdout.write("last words");
       process.exit(0);
     }`,
    );
    const { payload, log } = await invoke(account, "leaver");
    expect(payload).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/Runtime exited without providing a reason$/),
    });
    expect(log).toContain("last words");
    expect(await isGone(Number(/child (\d+)/.exec(log)?.[1]))).toBe(true);
    await account.aws.stop();
  },
);

test("an exit is told soon, also when the output is held by what can't be found", async () => {
  const account = await startLambdaAccount();
  // The parent in between is gone, and the environment is another one.
  const between = `
    const child = require("node:child_process").spawn("sleep", ["60"], { detached: true, stdio: "inherit" });
    console.log("lost " + child.pid);
    child.unref();`;
  await createFunction(
    account,
    "loser",
    `const { spawn } = require("node:child_process");
     exports.handler = () => new Promise(() => {
       spawn(process.execPath, ["--eval", ${JSON.stringify(between)}], { stdio: "inherit", env: {} })
         .on("exit", () => process.exit(1));
     })`,
    { Timeout: 20 },
  );
  const startedAt = performance.now();
  const { payload, log } = await invoke(account, "loser");
  try {
    expect(payload).toMatchObject({ errorMessage: expect.stringMatching(/exit status 1$/) });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  } finally {
    const lost = Number(/lost (\d+)/.exec(log)?.[1]);
    if (isAlive(lost)) {
      process.kill(lost, "SIGKILL");
    }
    await account.aws.stop();
  }
});

test("one that is still loading ends when the account stops", async () => {
  const account = await startLambdaAccount();
  await createFunction(account, "loading", "for (;;);");
  const call = invoke(account, "loading").catch((error: Error) => error);
  await setTimeout(300);
  const startedAt = performance.now();
  await account.aws.stop();
  expect(await call).toBeInstanceOf(Error);
  expect(performance.now() - startedAt).toBeLessThan(3000);
});

test("an idle one ends with its function", async () => {
  const account = await startLambdaAccount();
  await createFunction(account, "deleted", `${FACTS} exports.handler = async () => facts()`);
  const { pid, root } = (await invoke(account, "deleted")).payload;
  await account.lambda.send(new DeleteFunctionCommand({ FunctionName: "deleted" }));
  expect(await isGone(pid, root)).toBe(true);
  await account.aws.stop();
});

test("more invocations than there may be processes wait for their turn", async () => {
  const account = await startLambdaAccount();
  await createFunction(
    account,
    "crowd",
    `${FACTS} exports.handler = () => new Promise((r) => setTimeout(() => r(facts().pid), 100))`,
  );
  await createFunction(account, "other", `${FACTS} exports.handler = async () => facts().pid`);
  const answers = await Promise.all(Array.from({ length: 24 }, () => invoke(account, "crowd", {}, {})));
  expect(answers.map((answer) => typeof answer.payload)).toEqual(Array(24).fill("number"));
  const pids = new Set<number>(answers.map((answer) => answer.payload));
  expect(pids.size).toBeLessThanOrEqual(16);
  await invoke(account, "other");
  await setTimeout(100);
  expect([...pids].filter(isAlive).length).toBeLessThan(16);
  await account.aws.stop();
}, 60_000);

test("one that spins, and its detached child, end when the process of the account is killed", async () => {
  const program: ChildProcess = spawn(
    process.execPath,
    ["--import", "tsx", join(__dirname, "../../../../support/lambda-abandoned.ts")],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [line] = await new Promise<string[]>((resolve) => {
    createInterface({ input: program.stdout as NodeJS.ReadableStream }).on("line", (text) => resolve([text]));
  });
  const { pid, root, child } = JSON.parse(line as string);
  expect([isAlive(pid), isAlive(child)]).toEqual([true, true]);
  program.kill("SIGKILL");
  expect([await isGone(pid, root), await isGone(child)]).toEqual([true, true]);
});
