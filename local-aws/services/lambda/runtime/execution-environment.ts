/** One execution environment: a function's process with its files, its Runtime API, and nothing of this process's environment. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { unpackPackage } from "./deployment-package";
import { onLine } from "./output-lines";
import { RuntimeApi, type RuntimeInvocation, type RuntimeReport } from "./runtime-api";
import { endStartedProcesses } from "./started-processes.cjs";

/** How long the code outside the handler may take, milliseconds. */
const INIT_TIMEOUT = 10_000;

/** How long an ended process's last output is waited for, milliseconds; only who holds it open without leave makes it take long. */
const LAST_OUTPUT = 500;

/** Lambda's Node.js takes a file for CommonJS unless its name or package.json says otherwise, and so does this one. */
const NODE_FLAGS = ["--no-experimental-detect-module", "--no-experimental-require-module"].filter((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
);

interface EnvironmentOptions {
  /** The deployment package. */
  readonly zip: Buffer;
  /** Megabytes. */
  readonly memorySize: number;
  /** The process's whole environment, but for what the environment itself knows (`AWS_LAMBDA_RUNTIME_API`, `LAMBDA_TASK_ROOT`). */
  readonly variables: Readonly<Record<string, string>>;
  readonly onLogLine: (line: string) => void;
  /** Ends the initialisation. */
  readonly signal: AbortSignal;
}

/** How an invocation, or the initialisation before it, ended. */
export type RuntimeOutcome =
  | RuntimeReport
  | { readonly kind: "timeout" }
  /** The process is gone; the reason is in Lambda's words, e.g. `exit status 1`, and empty for an orderly exit. */
  | { readonly kind: "exit"; readonly reason: string };

/** How an invocation ends when its environment is stopped under it. */
const KILLED: RuntimeOutcome = { kind: "exit", reason: "signal: killed" };

/** The process ended of an earlier invocation's consequences before it took this one: another environment may run it. */
interface Gone {
  readonly kind: "gone";
}

const removals = new Set<Promise<void>>();

/** Resolves when the process of every environment that was stopped has ended, and its files are gone. */
export async function filesRemoved(): Promise<void> {
  await Promise.all(removals);
}

export class ExecutionEnvironment {
  /** Milliseconds that the initialisation took. */
  initDuration = 0;
  readonly #directory: string;
  #alive = true;
  /** The process has ended; the last of its output may still come. */
  #exited = false;
  #exit: Promise<void> = Promise.resolve();
  #initialized = false;
  #process: ChildProcess | undefined;
  #api: RuntimeApi | undefined;
  /** Ends the wait for the initialisation or for an invocation. */
  #settle: (outcome: RuntimeOutcome | { kind: "ready" }) => void = () => undefined;
  #deadline: NodeJS.Timeout | undefined;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Unpacks the package and starts the process. Resolves when the runtime asks for its first invocation, and otherwise with the
   * way in which the initialisation failed.
   *
   * @throws UnusablePackageError
   */
  static async start(options: EnvironmentOptions): Promise<ExecutionEnvironment | RuntimeOutcome> {
    const environment = new ExecutionEnvironment(await mkdtemp(join(tmpdir(), "local-aws-lambda-")));
    const stop = () => environment.stop();
    if (options.signal.aborted) {
      stop();
      return KILLED;
    }
    options.signal.addEventListener("abort", stop);
    try {
      const outcome = await environment.#initialize(options);
      if (outcome.kind === "ready") {
        return environment;
      }
      environment.stop();
      return outcome;
    } catch (error) {
      environment.stop();
      throw error;
    } finally {
      options.signal.removeEventListener("abort", stop);
    }
  }

  /** False once the process is gone, or was told to go. */
  get alive(): boolean {
    return this.#alive && !this.#exited;
  }

  /** The most memory that the process ever had resident, megabytes; undefined where the system doesn't tell. */
  get maximumMemoryUsed(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.#process?.pid}/status`, "utf8");
      const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
      return kilobytes === undefined ? undefined : Math.ceil(Number(kilobytes) / 1024);
    } catch {
      return undefined;
    }
  }

  /** Runs one invocation until its deadline; an environment that misses it is ended. */
  async invoke(invocation: RuntimeInvocation): Promise<RuntimeOutcome | Gone> {
    const settled = this.#outcome(invocation.deadline - Date.now());
    this.#api?.deliver(invocation);
    const outcome = (await settled) as RuntimeOutcome;
    if (outcome.kind === "timeout") {
      this.stop();
    }
    // What the handler wrote before it answered is in the pipes by now; one turn of the event loop reads it.
    await setImmediate();
    return outcome.kind === "exit" && this.#api?.undelivered ? { kind: "gone" } : outcome;
  }

  /** Kills the process and everything that it started, and removes its files; `started-processes.cjs` says what escapes. */
  stop(): void {
    if (!this.#alive) {
      return;
    }
    this.#alive = false;
    this.#api?.close();
    if (!this.#exited) {
      this.#killAll(this.#process?.pid);
    }
    this.#settle(KILLED);
    const removal = this.#exit
      .then(() => rm(this.#directory, { recursive: true, force: true, maxRetries: 3 }))
      .catch(() => undefined)
      .finally(() => removals.delete(removal));
    removals.add(removal);
  }

  async #initialize(options: EnvironmentOptions): Promise<RuntimeOutcome | { kind: "ready" }> {
    const startedAt = performance.now();
    const taskRoot = join(this.#directory, "task");
    await mkdir(taskRoot);
    // Keeps Node from taking a stray package.json of the temporary directory for the function's.
    await writeFile(join(this.#directory, "package.json"), "{}");
    await unpackPackage(options.zip, taskRoot);
    this.#api = await RuntimeApi.listen({
      onNext: () => {
        if (!this.#initialized) {
          this.#settle({ kind: "ready" });
        }
        this.#initialized = true;
      },
      onInitError: (payload) => this.#settle({ kind: "error", payload }),
      onReport: (report) => this.#settle(report),
    });
    if (!this.#alive) {
      this.#api.close();
      return KILLED;
    }
    const settled = this.#outcome(INIT_TIMEOUT);
    this.#spawn(options, taskRoot, this.#api.address);
    const outcome = await settled;
    await setImmediate();
    this.initDuration = performance.now() - startedAt;
    return outcome;
  }

  #spawn(options: EnvironmentOptions, taskRoot: string, runtimeApi: string): void {
    // What is not left to V8's heap is left to what lives beside it, as in Lambda's own runtime.
    const heap = `--max-old-space-size=${Math.floor(options.memorySize * 0.9)}`;
    const child = spawn(process.execPath, [...NODE_FLAGS, heap, join(__dirname, "bootstrap.mjs")], {
      cwd: taskRoot,
      env: {
        ...options.variables,
        AWS_LAMBDA_RUNTIME_API: runtimeApi,
        LAMBDA_TASK_ROOT: taskRoot,
        LAMBDA_RUNTIME_DIR: __dirname,
      },
      // The fourth is the life line: when this process ends, however it ends, the function's process sees it close.
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // A process group of its own, so that whatever the function starts ends with it.
      detached: true,
    });
    this.#process = child;
    for (const output of [child.stdout, child.stderr]) {
      onLine(output as Readable, options.onLogLine);
    }
    // The life line breaks when the process is killed, which is no error here.
    child.stdio[3]?.on("error", () => undefined);
    this.#exit = new Promise((resolve) => child.once("exit", () => resolve()).once("error", () => resolve()));
    child.on("error", (error) => this.#ended(error.message));
    child.on("exit", (code, signal) => this.#leave(child, exitReason(code, signal)));
  }

  /** The process is gone: what it has started must not outlive it, nor decide how long it seems to live. */
  #leave(child: ChildProcess, reason: string): void {
    this.#exited = true;
    clearTimeout(this.#deadline);
    // Its id may be another process's soon: nothing descends from it any more, but its group may still be there.
    this.#killAll(undefined);
    const end = () => {
      clearTimeout(patience);
      for (const output of [child.stdout, child.stderr]) {
        output?.destroy();
      }
      this.#ended(reason);
    };
    // What is in the pipes is read even if this process was busy for so long.
    const patience = setTimeout(() => void setImmediate().then(end), LAST_OUTPUT);
    // Comes after the last of the output.
    child.once("close", end);
  }

  /** @param root the process's id, as long as it lives */
  #killAll(root: number | undefined): void {
    if (this.#api === undefined || this.#process === undefined) {
      return;
    }
    try {
      endStartedProcesses(this.#api.secret, root);
    } catch {
      // The list of processes can't be read, for want of file descriptors for example: the group ends nevertheless.
    }
    killGroup(this.#process);
  }

  #ended(reason: string): void {
    this.#settle({ kind: "exit", reason });
    this.stop();
  }

  #outcome(milliseconds: number): Promise<RuntimeOutcome | { kind: "ready" }> {
    return new Promise((resolve) => {
      clearTimeout(this.#deadline);
      this.#deadline = setTimeout(() => resolve({ kind: "timeout" }), milliseconds);
      this.#settle = (outcome) => {
        clearTimeout(this.#deadline);
        resolve(outcome);
      };
    });
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The whole group is gone already.
  }
}

function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) {
    return `signal: ${SIGNAL_NAMES[signal] ?? signal}`;
  }
  return code === 0 ? "" : `exit status ${code}`;
}

/** As Go's runtime, in which Lambda's supervisor is written, names them. */
const SIGNAL_NAMES: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: "killed",
  SIGABRT: "aborted",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};
