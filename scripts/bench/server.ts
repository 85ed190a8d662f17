/** Servers as programs of their own, so that the processor time of a call is the server's alone. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

/** Milliseconds within which a server has to be up. */
const START_LIMIT = 30_000;

/** A server that is up. */
export class Server {
  private constructor(
    private readonly child: ChildProcess,
    /** What it printed when it was up, as `ready` found it. */
    readonly said: RegExpExecArray,
    /** Milliseconds from its start until it was up. */
    readonly startTime: number,
  ) {}

  /**
   * Starts a server and waits until it says that it is up.
   *
   * @param ready what a line of standard output or standard error then has
   * @throws Error when it ends before, or takes too long
   */
  static start(
    command: string,
    args: readonly string[],
    ready: RegExp,
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<Server> {
    return new Promise((resolve, reject) => {
      const began = performance.now();
      const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
      const endWithUs = () => child.kill("SIGKILL");
      process.once("exit", endWithUs);
      child.once("exit", () => process.removeListener("exit", endWithUs));
      const lines: string[] = [];
      const fail = (why: string) => {
        clearTimeout(limit);
        child.kill("SIGKILL");
        reject(new Error(`${command} ${why}:\n${lines.join("\n")}`));
      };
      const limit = setTimeout(() => fail("took too long to start"), START_LIMIT);
      child.once("error", (error) => fail(`cannot be started: ${error.message}`));
      const ended = (code: number | null) => fail(`ended with ${code}`);
      child.once("exit", ended);
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          const said = ready.exec(line);
          if (said !== null) {
            clearTimeout(limit);
            child.removeListener("exit", ended);
            resolve(new Server(child, said, performance.now() - began));
          }
          lines.splice(0, lines.length, ...lines.slice(-20), line);
        });
      }
    });
  }

  /** Processor time of the server and the processes that it has, in milliseconds. */
  cpu(): number {
    return cpuOfTree(this.child.pid as number);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      await once(this.child, "exit");
    }
  }
}

/** Finds a port on which nobody listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

interface Process {
  readonly id: number;
  readonly parent: number;
  /** Milliseconds. */
  readonly cpu: number;
}

function cpuOfTree(root: number): number {
  const processes = process.platform === "linux" ? processesOfLinux() : processesOfPs();
  const sum = (id: number): number =>
    processes
      .filter(({ parent }) => parent === id)
      .reduce((total, child) => total + sum(child.id), processes.find((one) => one.id === id)?.cpu ?? 0);
  return sum(root);
}

/** Milliseconds of a tick: USER_HZ is 100 on all that Node runs on. */
const TICK = 10;

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function processesOfLinux(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        // The second field is a program's name, which may have spaces and brackets.
        const fields = readFileSync(`/proc/${id}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ")
          .map(Number);
        const [, parent = 0] = fields;
        const [user = 0, system = 0] = fields.slice(11);
        return [{ id: Number(id), parent, cpu: (user + system) * TICK }];
      } catch {
        return [];
      }
    });
}

/** Times are `[[HH:]MM:]SS.ss` on macOS. */
function processesOfPs(): Process[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,time="], { encoding: "utf8" });
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const [id, parent, time = ""] = line.trim().split(/\s+/);
      const seconds = time.split(":").reduce((total, part) => total * 60 + Number(part), 0);
      return { id: Number(id), parent: Number(parent), cpu: seconds * 1000 };
    });
}
