/** The report of a walk: what it saw, step by step, as a nightly job keeps it and as every report format shows it. */
import type { HarnessErrorKind } from "./run/errors";

/** The steps of the flow in their order. */
export const STEP_NAMES = ["pool", "roles", "token", "credentials", "call"] as const;
/** A step of the flow, as budgets and reports name it. */
export type StepName = (typeof STEP_NAMES)[number];

/**
 * `degraded`: everything was as it should be, but took longer than its budget.
 * `skipped`: not reached, or not to be asked of this deployment; then `notes` says why.
 */
export type Status = "passed" | "degraded" | "failed" | "skipped";

/** What became of a step, or of a call that must be refused. Its texts hold no secret, no token and no signature. */
export interface StepResult {
  /** A step's name, or a refusal's: lower case with hyphens, the same in every run, e.g. `expired-token`. */
  readonly name: string;
  /** For people: what was called or sent, e.g. `GetIdentityPoolRoles` or `GET /hello without a signature`. */
  readonly title: string;
  readonly status: Status;
  /** Milliseconds from its beginning to its end, `waitedMs` included; 0 when skipped. */
  readonly durationMs: number;
  /** Milliseconds spent waiting: between attempts, or for a token to expire. */
  readonly waitedMs: number;
  /** Milliseconds above which a passed step is `degraded`, waiting not counted; null when it has no budget. */
  readonly budgetMs: number | null;
  /** 1, and one more for every call that had to be repeated; 0 when it was skipped. */
  readonly attempts: number;
  /** AWS's id of the last call; null when there was no answer or it named none. */
  readonly requestId: string | null;
  /** What should be seen; null when it was skipped. */
  readonly expected: string | null;
  /** What was seen; null when it was skipped. */
  readonly actual: string | null;
  /** What most likely is wrong and how to put it right; null unless it failed and a known cause fits. */
  readonly hint: string | null;
  /** What is worth knowing and changes nothing: why it was skipped, what was retried, which of two possible answers came. */
  readonly notes: readonly string[];
  /** What `--diagnose` found when it looked the cause up, a line each, the statement that decides among them. */
  readonly findings: readonly string[];
  /** Where the expectation is documented: a URL; null for the steps of the flow. */
  readonly source: string | null;
}

/**
 * All that a walk has to say; `report.json` is this as JSON, and `report.schema.json` its schema. Times are integers in
 * milliseconds. It has passed `Redactor`, so its texts may be published.
 */
export interface Report {
  readonly schemaVersion: 1;
  /** What was walked. */
  readonly target: {
    readonly region: string;
    /** What stood in for AWS; null for AWS itself. */
    readonly endpoint: string | null;
    /** `REGION:GUID`, never shortened. */
    readonly identityPoolId: string;
    readonly invokeUrl: string;
  };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds, clean-up included. */
  readonly durationMs: number;
  /** Whether the deployment was taken for a fresh one, whose answers may be late. */
  readonly fresh: boolean;
  /** How far AWS's clock is ahead of this machine's, in milliseconds, to a second; null when no answer told. */
  readonly clockSkewMs: number | null;
  /**
   * `failed`: the deployment answered wrongly, in a step or a refusal, or was too slow under `--strict`.
   * `error`: the walk could not be made or was ended.
   */
  readonly outcome: "passed" | "failed" | "error";
  /** What kept the walk from its end; null unless the outcome is `error`. */
  readonly error: { readonly kind: HarnessErrorKind; readonly message: string } | null;
  /** What went wrong without changing the outcome, e.g. a failing clean-up. */
  readonly warnings: readonly string[];
  /** Always all five, in their order. */
  readonly steps: readonly StepResult[];
  /** The calls that must be refused: always all, in the order of their table; empty when they were not asked for. */
  readonly refusals: readonly StepResult[];
}

/** A step or refusal that was not asked. */
export function skipped(name: string, title: string, why: string, source: string | null = null): StepResult {
  return {
    name,
    title,
    status: "skipped",
    durationMs: 0,
    waitedMs: 0,
    budgetMs: null,
    attempts: 0,
    requestId: null,
    expected: null,
    actual: null,
    hint: null,
    notes: [why],
    findings: [],
    source,
  };
}
