/** What a run of the bench found, as `bench/results.json` holds it: enough to say what was measured where. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import path from "node:path";
import { PROJECT } from "../workspace";
import type { Measured, Row } from "./row";

export const RESULTS_FILE = path.join(PROJECT, "bench", "results.json");

/** A row's name and words, and what came of it. Times are in milliseconds, memory in bytes. */
export type Result = Pick<Row, "name" | "what" | "against" | "as"> &
  (Measured | { readonly notMeasured: string });

export interface Results {
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly machine: {
    readonly platform: string;
    readonly cores: number;
    readonly processor: string;
    /** Bytes. */
    readonly memory: number;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Result[];
}

/** Adds when and where to rows. */
export function resultsOf(rows: readonly Result[]): Results {
  return {
    measuredAt: new Date().toISOString(),
    machine: {
      platform: `${process.platform} ${process.arch}`,
      cores: availableParallelism(),
      processor: cpus()[0]?.model.trim() ?? "unknown",
      memory: totalmem(),
    },
    versions: { ...versions(), node: process.version.slice(1) },
    rows,
  };
}

/** Reads results. @throws Error when there are none */
export function readResults(file = RESULTS_FILE): Results {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Writes where something was measured, in a line. */
export function machineLine({ machine, versions: { node, ...others } }: Results): string {
  const memory = `${Math.round(machine.memory / 2 ** 30)} GiB`;
  const programs = Object.entries(others).map(([name, version]) => `${name} ${version}`);
  return [
    `${machine.platform}, ${machine.cores} cores (${machine.processor}), ${memory}`,
    `Node ${node}`,
    ...programs,
  ].join(", ");
}

function versions(): Record<string, string> {
  const { version, devDependencies } = JSON.parse(readFileSync(path.join(PROJECT, "package.json"), "utf8"));
  const terraform = said("terraform", "version")?.match(/^\S+ v(\S+)/)?.[1];
  const moto = said("moto_server", "--help") === undefined ? undefined : said("python3", "-c", MOTO_VERSION);
  const given = { "this project": version, cdktf: devDependencies.cdktf, terraform, moto: moto?.trim() };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

const MOTO_VERSION = "import moto; print(moto.__version__)";

function said(command: string, ...args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
}
