/** Other programs: found on the path, run with their output followed, ended together with their children. */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Finds the program's file; undefined when it isn't on the path. */
export function findOnPath(name: string, searchPath: string): string | undefined {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  const candidates = path.isAbsolute(name)
    ? [name]
    : searchPath
        .split(path.delimiter)
        .flatMap((directory) => endings.map((ending) => path.join(directory, name + ending)));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A program to run. */
export interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the program. */
  readonly signal: AbortSignal;
  /** Told every line of standard output and standard error as it comes. */
  readonly onLine?: (line: string) => void;
  /** Told every line that it writes to its file descriptor 3, which it then has. @default it has none */
  readonly onMessage?: (line: string) => void;
}

/** How a program ended. */
export interface Ended {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  /** Standard output and standard error in the order they came. */
  readonly output: string;
}

/** Programs that have not ended yet. */
const running = new Set<ChildProcess>();

/** Ends every program that is still running, at once. */
export function killRunning(): void {
  for (const child of running) {
    signalGroup(child, "SIGKILL");
  }
}

/** Milliseconds that a program may take to end by itself after SIGINT. What it works on is thrown away anyhow. */
const GRACE = 1_000;

/** Runs a program to its end. It leads a process group of its own, so that a Ctrl-C reaches it once and through us. */
export function run({ command, args, cwd, env, signal, onLine, onMessage }: Run): Promise<Ended> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const messages = onMessage === undefined ? "ignore" : "pipe";
    const stdio = ["ignore", "pipe", "pipe", messages] as const;
    const child = spawn(command, args, { cwd, env, stdio: [...stdio], detached: true });
    running.add(child);
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream as Readable }).on("line", (line) => {
        lines.push(line);
        onLine?.(line);
      });
    }
    if (onMessage !== undefined) {
      createInterface({ input: child.stdio[3] as Readable }).on("line", onMessage);
    }
    let hardStop: NodeJS.Timeout | undefined;
    const end = () => {
      signalGroup(child, "SIGINT");
      hardStop = setTimeout(() => signalGroup(child, "SIGKILL"), GRACE);
    };
    signal.addEventListener("abort", end, { once: true });
    const settle = () => {
      clearTimeout(hardStop);
      running.delete(child);
      signal.removeEventListener("abort", end);
    };
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("close", (code) => {
      settle();
      if (signal.aborted) {
        reject(signal.reason);
      } else {
        resolve({ code, output: lines.join("\n") });
      }
    });
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), signal);
  } catch {
    // It has ended by itself in the meantime.
  }
}
