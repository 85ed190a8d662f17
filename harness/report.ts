/** The report of a walk: its shape, and the file that a nightly job keeps. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HarnessErrorKind, SettingsError } from "./errors";

/** The steps of the flow in their order. */
export const STEP_NAMES = ["pool", "roles", "token", "credentials", "call"] as const;
export type StepName = (typeof STEP_NAMES)[number];

export interface StepResult {
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  readonly durationMs: number;
  /** 1, and one more for every call that had to be repeated; 0 when the step was skipped. */
  readonly attempts: number;
  /** AWS's id of the step's last call. */
  readonly requestId: string | null;
  readonly expected: string | null;
  readonly actual: string | null;
  /** What most likely is wrong and how to put it right. */
  readonly hint: string | null;
}

export interface Report {
  readonly schemaVersion: 1;
  readonly target: {
    readonly region: string;
    /** What stood in for AWS; null for AWS itself. */
    readonly endpoint: string | null;
    readonly identityPoolId: string;
    readonly invokeUrl: string;
  };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** `failed`: the deployment answered wrongly. `error`: the walk could not be made or was ended. */
  readonly outcome: "passed" | "failed" | "error";
  /** What kept the walk from its end; null unless the outcome is `error`. */
  readonly error: { readonly kind: HarnessErrorKind; readonly message: string } | null;
  /** What went wrong without changing the outcome, e.g. a failing clean-up. */
  readonly warnings: readonly string[];
  /** Always all five, in their order. */
  readonly steps: readonly StepResult[];
  readonly refusals: readonly StepResult[];
}

/** The result of a step that was not reached. */
export function skipped(name: StepName): StepResult {
  return {
    name,
    status: "skipped",
    durationMs: 0,
    attempts: 0,
    requestId: null,
    expected: null,
    actual: null,
    hint: null,
  };
}

/**
 * Makes the directory for reports, so that a wrong one is told before the walk rather than after it.
 *
 * @throws SettingsError when it cannot be made
 */
export function makeReportDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError(`Cannot make the report directory ${directory} (${code}). Name another one.`, {
      cause: error,
    });
  }
}

/**
 * Writes `report.json` into the directory.
 *
 * @returns the path of the file
 */
export function writeReport(report: Report, directory: string): string {
  const file = join(directory, "report.json");
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}
