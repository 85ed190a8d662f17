/** A load run: asks the pool and its roles once, lets an engine bring the users, takes their identities away, and reports. */
import type { Explainer } from "../flow";
import { LOAD_STEP_NAMES, type LoadReport, type Report, type StepResult } from "../report";
import { requireCredentials } from "../run/cognito-client";
import { createRun, type WalkOptions } from "../run/context";
import { formatDuration } from "../run/durations";
import { HarnessError, interruption } from "../run/errors";
import { pool } from "../steps/1-pool";
import { roles } from "../steps/2-roles";
import { token } from "../steps/3-token";
import { getCredentials } from "../steps/4-credentials";
import { callApi } from "../steps/5-call";
import { type Explain, StepFailedError, StepRecorder } from "../steps/step";
import { type LoadPlan, Tally } from "./tally";
import type { Walk } from "./walk";
import { figure } from "./words";

/** What whoever brings the users tells of them. */
export type LoadEvent =
  /** Before a walk: the user may have an identity from now on. */
  { readonly type: "begin"; readonly user: string } | { readonly type: "end"; readonly walk: Walk };

/**
 * Lets the users arrive, and tells of each; ends when the last is through.
 *
 * @throws HarnessError when it cannot, or is ended
 */
export type LoadEngine = (tell: (event: LoadEvent) => void, signal: AbortSignal) => Promise<void>;

/** What to load, and who learns of it. */
export interface LoadOptions
  extends Pick<
    WalkOptions,
    "deployment" | "endpoint" | "credentials" | "signal" | "redactor" | "onProgress"
  > {
  readonly plan: LoadPlan;
  readonly engine: LoadEngine;
  /** Told while users walk, asked for a line as often as wanted. @default nobody */
  readonly onBusy?: (line: () => string) => void;
}

/** Milliseconds that the run may take after the last arrival. */
const FINISH = 5 * 60_000;

const USER_STEPS = [token, getCredentials, callApi];

/**
 * Loads the deployment; whatever it does ends in the report.
 *
 * @param explainer adds hints to what failed
 * @throws SettingsError as `walkFlow` does
 */
export async function runLoad(options: LoadOptions, explainer?: Explainer): Promise<Report> {
  const { plan, engine, onBusy } = options;
  const startedAt = new Date();
  const started = performance.now();
  const timeLimit = plan.arrivalMs + FINISH;
  const walkOptions: WalkOptions = { ...options, timeLimit };
  const run = createRun(walkOptions);
  const explain = explainer?.(run, walkOptions);
  const steps = new StepRecorder(run, {}, explain);
  const tally = new Tally(plan);
  let ending: Pick<Report, "outcome" | "error"> = { outcome: "passed", error: null };
  let warnings: string[] = [];
  let elapsed = 0;
  let begun = false;
  try {
    await requireCredentials(run);
    await steps.run(pool);
    await steps.run(roles);
    const settle = new Map<string, () => void>();
    let first = 0;
    begun = true;
    onBusy?.(() => tally.line(first === 0 ? 0 : performance.now() - first));
    await engine((event) => {
      first ||= performance.now();
      elapsed = performance.now() - first;
      if (event.type === "begin") {
        tally.begin();
        if (!settle.has(event.user)) {
          settle.set(event.user, run.identities.expect(event.user));
        }
        return;
      }
      const { user, identityId, failure } = event.walk;
      tally.end(event.walk);
      run.identities.given(identityId, user);
      // Where no answer came, an identity may have been given all the same.
      if (identityId !== undefined || failure?.response !== undefined) {
        settle.get(user)?.();
        settle.delete(user);
      }
    }, run.signal);
  } catch (error) {
    const reason = run.signal.aborted ? interruption(run.signal) : error;
    if (reason instanceof HarnessError) {
      ending = { outcome: "error", error: { kind: reason.kind, message: reason.message } };
    } else if (reason instanceof StepFailedError) {
      ending = { outcome: "failed", error: null };
    } else {
      throw reason;
    }
  } finally {
    warnings = await run.end();
  }
  const load = begun ? tally.report(elapsed) : undefined;
  const asked = steps.results([pool, roles, ...USER_STEPS], "an earlier step did not pass");
  const results =
    load === undefined
      ? asked
      : [...asked.slice(0, 2), ...(await judged(load, tally, asked.slice(2), explain))];
  if (ending.outcome === "passed" && load?.limits.some(({ passed }) => !passed)) {
    ending = { outcome: "failed", error: null };
  }
  const { region, identityPoolId, invokeUrl } = options.deployment;
  const report = run.redactor.all<Report>({
    schemaVersion: 1,
    target: { region, endpoint: run.endpoint ?? null, identityPoolId, invokeUrl },
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    fresh: false,
    clockSkewMs: run.clock.skew ?? null,
    ...ending,
    warnings,
    steps: results,
    refusals: [],
    ...(load === undefined ? {} : { load }),
  });
  for (const result of report.steps.slice(2)) {
    run.emit({ type: "finished", result });
  }
  return report;
}

/** Writes of each step what all users saw of it, as the steps of one walk are written. */
async function judged(
  load: LoadReport,
  tally: Tally,
  skipped: readonly StepResult[],
  explain: Explain | undefined,
): Promise<StepResult[]> {
  const [rate] = load.limits;
  const results: StepResult[] = [];
  for (const [index, name] of LOAD_STEP_NAMES.entries()) {
    const before = skipped[index] as StepResult;
    const step = load.steps.find((one) => one.name === name);
    if (step === undefined || step.passed + step.failed === 0) {
      results.push({ ...before, notes: ["nobody came so far"] });
      continue;
    }
    const slow = load.limits.find(({ what }) => what === `p95 of ${name}`);
    const tooMany = rate?.passed === false && step.failed > 0;
    const failed = tooMany || slow?.passed === false;
    const [worst] = [...tally.errors.values()]
      .filter(({ first }) => first.step === name)
      .toSorted((one, other) => other.count - one.count);
    const hint = tooMany && worst !== undefined ? explain?.(worst.first).hint : undefined;
    const times =
      step.p50Ms === null
        ? ""
        : `; half within ${formatDuration(step.p50Ms)}, 95 % within ${formatDuration(step.p95Ms ?? 0)}`;
    results.push({
      ...before,
      status: failed ? "failed" : "passed",
      durationMs: step.p50Ms ?? 0,
      attempts: 1,
      expected: `walks: ${[
        ...(rate === undefined ? [] : [`at most ${rate.limit} fail`]),
        ...(slow === undefined ? [] : [`95 % within ${slow.limit}`]),
      ].join("; ")}`,
      actual: `walks: ${step.failed === 0 ? `all ${figure(step.passed)} passed` : `${figure(step.failed)} of ${figure(step.passed + step.failed)} failed`}${times}${worst === undefined ? "" : `; ${figure(worst.count)} × ${worst.first.class}: ${worst.first.message}`}`,
      hint: hint ?? null,
      notes: [
        "the time is the median of all users",
        ...(step.repeated > 0
          ? [`${step.repeated} calls were repeated, as they were throttled or had no answer`]
          : []),
      ],
    });
  }
  return results;
}
