/** Programs that a bench runs to their end: how long they took, the processor time of all that they started, and their memory. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ToolFailedError } from "../cdktf";
import { type Run, run } from "../process";
import type { Sample } from "./row";

/** What a process of Node says of itself when it ends. */
export interface NodeProcess {
  /** The program's file, as it was given. */
  readonly program: string;
  /** Milliseconds. */
  readonly cpu: number;
  /** Bytes that it had at most at a time. */
  readonly memory: number;
}

/** A program that ran. */
export interface ProgramRun extends Sample {
  readonly wall: number;
  readonly cpu: number;
  /** Those among its processes that ran Node and ended by themselves. */
  readonly nodes: readonly NodeProcess[];
}

const LAST_WORDS = path.join(__dirname, "last-words.cjs");

/** `times` is all that POSIX has to tell what children took, and theirs. Its second line is `0m1.23s 0m0.45s`. */
const SHELL = `"$@"; code=$?; times > "$BENCH_DIRECTORY/times"; exit $code`;

/** Runs a program. Its memory is that of the largest process of Node. @throws ToolFailedError unless it ends with 0 */
export async function runProgram(
  program: Pick<Run, "command" | "args" | "cwd" | "env">,
): Promise<ProgramRun> {
  const { command, args, cwd } = program;
  const directory = mkdtempSync(path.join(tmpdir(), "bench-"));
  const options = `${program.env.NODE_OPTIONS ?? ""} --require=${JSON.stringify(LAST_WORDS)}`.trim();
  try {
    const env = { ...program.env, BENCH_DIRECTORY: directory, NODE_OPTIONS: options };
    const began = performance.now();
    const shell = ["-c", SHELL, "sh", command, ...args];
    const { signal } = new AbortController();
    const ended = await run({ command: "/bin/sh", args: shell, cwd, env, signal });
    const wall = performance.now() - began;
    if (ended.code !== 0) {
      throw new ToolFailedError([command, ...args].join(" "), ended);
    }
    const nodes = readdirSync(directory)
      .filter((name) => name.endsWith(".json"))
      .map((name): NodeProcess => JSON.parse(readFileSync(path.join(directory, name), "utf8")));
    return {
      wall,
      cpu: childrenCpu(readFileSync(path.join(directory, "times"), "utf8")),
      memory: nodes.length === 0 ? undefined : Math.max(...nodes.map(({ memory }) => memory)),
      nodes,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Reads the second line of `times`, in milliseconds. */
export function childrenCpu(times: string): number {
  const [, children = ""] = times.split("\n");
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}
