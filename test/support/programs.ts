/** The project's commands as a user starts them, and what they leave behind. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const PROJECT = path.resolve(__dirname, "..", "..");

export interface Finished {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  /** Standard output and standard error together. */
  readonly output: string;
}

/** A program started in the background. */
export interface Started {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves with everything said so far, once that matches. */
  said(pattern: RegExp): Promise<string>;
}

/** The caller's environment without anything that could lead to a real account, and without the colors that Jest forces on its workers. */
export function withoutAws(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_") && name !== "FORCE_COLOR"),
  );
}

export function start(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd = PROJECT,
): Started {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
      for (const check of waiting) {
        check();
      }
    });
  }
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
  const said = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        if (!pattern.test(output)) {
          return;
        }
        waiting.delete(check);
        resolve(output);
      };
      waiting.add(check);
      check();
      finished.then(() => reject(new Error(`It ended without saying ${pattern}:\n${output}`)), reject);
    });
  return { process: child, finished, said };
}

export function runToEnd(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd?: string,
): Promise<Finished> {
  return start(command, args, env, cwd).finished;
}

/** A directory that serves as a program's temporary directory, so that what it leaves there can be seen. */
export class Sandbox {
  readonly directory = mkdtempSync(path.join(tmpdir(), "sandbox-"));
  readonly environment: NodeJS.ProcessEnv = { ...withoutAws(), TMPDIR: this.directory };

  /** Files and directories left behind. tsx keeps a cache of its own there. */
  leftFiles(): string[] {
    return readdirSync(this.directory).filter((name) => !name.startsWith("tsx-"));
  }

  /** Processes that still run with this sandbox in their environment. */
  leftProcesses(): string[] {
    return execFileSync("ps", ["axeww", "-o", "pid=,command="], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    })
      .split("\n")
      .filter((line) => line.includes(`TMPDIR=${this.directory}`));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
