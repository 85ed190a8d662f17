/** Runs steps one after the other and keeps what became of each. */
import { AssertionFailure, showRefusal } from "../calls/assert";
import { CallLog } from "../calls/call-log";
import { credentialsRefused } from "../calls/cognito";
import { refusalIn } from "../calls/retryable";
import { type Status, type StepResult, skipped } from "../report";
import type { Facts, Symptom } from "../reporting/causes";
import { hintFor, isClockSkew } from "../reporting/hint";
import { HarnessError } from "../run/errors";
import type { ProgressEvent } from "../run/options";
import { NotApplicable, type Step, type StepOutcome, type Walk } from "./step";

/** The step that failed is in the results; whether the walk goes on is for the caller to say. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
}

/** What the steps run with, and who hears of them. */
export interface StepRecorderOptions {
  readonly walk: Walk;
  /** Milliseconds by the step's name. */
  readonly budgets: Readonly<Record<string, number>>;
  /** Looks up what is behind a failure; null when it is not to be looked up. */
  readonly investigate: ((symptom: Symptom) => Promise<readonly string[]>) | null;
  /** Told when a step starts and when it has finished. */
  readonly tell: (event: ProgressEvent) => void;
}

/** Measures, judges and diagnoses each step of one walk; its results are what the report shows. */
export class StepRecorder {
  private readonly finished = new Map<string, StepResult>();

  constructor(private readonly options: StepRecorderOptions) {}

  /**
   * Runs a step.
   *
   * @throws StepFailed when the deployment answered wrongly
   * @throws NotApplicable when the step cannot be asked of this deployment
   * @throws HarnessError when it did not answer
   */
  async run<Input, Result>(step: Step<Input, Result>, input: Input): Promise<Result> {
    const { walk, budgets } = this.options;
    const { name, title, source = null } = step;
    const calls = new CallLog();
    const started = performance.now();
    const expected = step.expected(walk);
    const budgetMs = budgets[name] ?? null;

    const result = (status: Status, seen: Pick<StepResult, "actual"> & Partial<StepResult>): StepResult => ({
      name,
      title,
      status,
      durationMs: Math.round(performance.now() - started),
      waitedMs: Math.round(calls.waitedMs),
      budgetMs,
      attempts: 1 + calls.repeats,
      requestId: calls.requestId,
      expected,
      hint: null,
      notes: [...calls.retries(), ...calls.notes],
      findings: [],
      source,
      ...seen,
    });

    this.options.tell({ type: "started", name, title });
    let outcome: StepOutcome<Result>;
    try {
      outcome = await step.run(walk, calls, input);
    } catch (error) {
      if (error instanceof NotApplicable) {
        this.finish(skipped(name, title, error.message, source));
        throw error;
      }
      const symptom = symptomOf(step, error);
      const stop = this.stopping(symptom, error);
      if (stop !== null) {
        this.finish(result("failed", { actual: stop.message }));
        throw stop;
      }
      const hint = hintFor(symptom, this.facts()) ?? step.hint ?? null;
      const failed = result("failed", { ...describe(expected, error), hint });
      let findings: readonly string[] = [];
      try {
        findings = (await this.options.investigate?.(symptom)) ?? [];
      } finally {
        this.finish({ ...failed, findings });
      }
      throw new StepFailed(`${name} failed`, { cause: error });
    }
    const passed = result("passed", { actual: outcome.actual });
    const took = passed.durationMs - passed.waitedMs;
    this.finish(budgetMs !== null && took > budgetMs ? degraded(passed) : passed);
    return outcome.result;
  }

  /** The results of these steps in this order; those that were not reached as skipped. */
  results(
    steps: readonly Pick<Step<never, unknown>, "name" | "title" | "source">[],
    why: string,
  ): StepResult[] {
    return steps.map(
      ({ name, title, source }) => this.finished.get(name) ?? skipped(name, title, why, source ?? null),
    );
  }

  /** Whether a step has ended so. */
  has(status: Status): boolean {
    return [...this.finished.values()].some((result) => result.status === status);
  }

  private finish(result: StepResult): void {
    this.finished.set(result.name, result);
    this.options.tell({ type: "finished", result });
  }

  private facts(): Facts {
    const { clock, principalTags, patience } = this.options.walk;
    const diagnosed = this.options.investigate !== null;
    return { clockSkew: clock.skew, principalTags, fresh: patience.fresh, diagnosed };
  }

  /** What ends the walk instead of failing the step; null when the deployment is to blame. */
  private stopping(symptom: Symptom, error: unknown): HarnessError | null {
    if (error instanceof HarnessError) {
      return error;
    }
    return isClockSkew(symptom, this.facts()) ? null : credentialsRefused(error);
  }
}

function degraded(passed: StepResult): StepResult {
  const { durationMs, waitedMs, budgetMs } = passed;
  const note = `took ${durationMs - waitedMs} ms, budget ${budgetMs} ms`;
  return { ...passed, status: "degraded", notes: [...passed.notes, note] };
}

function symptomOf({ name }: Pick<StepResult, "name">, error: unknown): Symptom {
  const failure = error instanceof AssertionFailure ? error : null;
  return {
    step: name,
    subject: failure?.subject ?? null,
    actual: failure?.actual ?? null,
    refusal: refusalIn(error),
  };
}

/** What the report says of a failure. */
function describe(expected: string, error: unknown): Pick<StepResult, "expected" | "actual"> {
  if (error instanceof AssertionFailure) {
    const { subject } = error;
    return { expected: `${subject}: ${error.expected}`, actual: `${subject}: ${error.actual}` };
  }
  const refusal = refusalIn(error);
  // Neither: an error of a kind that nothing here throws, to be shown as it is.
  return { expected, actual: refusal === null ? String(error) : showRefusal(refusal) };
}
