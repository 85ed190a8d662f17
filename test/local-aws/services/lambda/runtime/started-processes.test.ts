/** What a function's process has started is found by its environment or its descent, and nothing else is. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { endStartedProcesses } from "../../../../../local-aws/services/lambda/runtime/started-processes.cjs";

const started = new Set<ChildProcess>();

afterEach(() => {
  for (const child of started) {
    child.kill("SIGKILL");
  }
  started.clear();
});

const WAIT = "setInterval(() => {}, 1000);";

/** Resolves when the program has written a line; all are in sessions of their own. */
async function start(source: string, env: Record<string, string> = {}): Promise<[ChildProcess, number]> {
  const child = spawn(process.execPath, ["--eval", source], { detached: true, env, stdio: "pipe" });
  started.add(child);
  const [line] = await once(child.stdout as NodeJS.ReadableStream, "data");
  return [child, Number(line)];
}

const startsAnother = (more: string) => `
  const { pid } = require("node:child_process").spawn("sleep", ["600"], { detached: true, stdio: "inherit"${more} });
  console.log(pid);`;

/** Closed when the last process that holds it has ended. */
const closed = (child: ChildProcess) => once(child, "close");

test("by the mark, though the parent is gone", async () => {
  const mark = randomUUID();
  const [parent] = await start(`${startsAnother("")} process.exit();`, { MARK: `a:${mark}/b` });
  const [other] = await start(`console.log(1); ${WAIT}`, { MARK: randomUUID() });
  if (parent.exitCode === null) {
    await once(parent, "exit");
  }
  const end = closed(parent);
  endStartedProcesses(mark);
  await end;
  expect([other.exitCode, other.signalCode]).toEqual([null, null]);
});

test("by descent, though the environment is another; the root is left to whoever asks", async () => {
  const [root, child] = await start(`${startsAnother(", env: {}")} ${WAIT}`);
  endStartedProcesses(randomUUID(), root.pid);
  expect([root.exitCode, root.signalCode]).toEqual([null, null]);
  const end = closed(root);
  root.kill("SIGKILL");
  // The child held the root's output.
  await end;
  expect(child).toBeGreaterThan(0);
});

test("one that starts itself anew all the time doesn't get away", async () => {
  const mark = randomUUID();
  // In case it does: it gives up by itself.
  const SCRIPT = '[ $(date +%s) -ge $END ] || { sleep 0.01; /bin/sh -c "$SCRIPT" & }';
  const source = `
    require("node:child_process")
      .spawn("/bin/sh", ["-c", process.env.SCRIPT], { detached: true, stdio: "inherit" }).unref();
    console.log(1);`;
  const end = Math.floor(Date.now() / 1000) + 5;
  const env = { MARK: mark, SCRIPT, END: String(end), PATH: process.env.PATH as string };
  const [first] = await start(source, env);
  if (first.exitCode === null) {
    await once(first, "exit");
  }
  const ended = closed(first);
  endStartedProcesses(mark);
  await ended;
  expect(Date.now() / 1000).toBeLessThan(end);
});
