/** What a step of the flow is, and how each is run and recorded. A call that must be refused is a step too. */

import type { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { Calls } from "../calls/call";
import type { Status, StepResult } from "../report";
import { credentialsRefused } from "../run/cognito-client";
import type { RunContext } from "../run/context";
import {
  AssertionError,
  type ErrorResponse,
  errorResponseIn,
  HarnessError,
  showErrorResponse,
} from "../run/errors";
import type { Deployment } from "../run/outputs";

/** What a step can use: everything of the run, and calls that are recorded as its own. */
export interface StepContext extends RunContext {
  readonly call: Calls["call"];
  readonly wait: Calls["wait"];
  /** The issuer's keys, where they are kept from one token to the next. @default read for each token */
  readonly keys?: SimpleJwksCache;
  /** Adds a line to the report that changes nothing. */
  readonly note: (text: string) => void;
}

/** Makes what the calls of a step, or of nobody, are made with. */
export function stepContext(run: RunContext, calls = new Calls(run)): StepContext {
  return { ...run, call: calls.call, wait: calls.wait, note: (text) => calls.notes.push(text) };
}

/** A text for people, which may depend on the deployment's routes. */
export type Text = string | ((deployment: Deployment) => string);

/** A question to the deployment, with the answer that it should give. */
export interface Step<Input, Output> {
  /** As in the report. */
  readonly name: string;
  /** For people: what is called or sent. */
  readonly title: Text;
  /** Where the expectation is documented. @default none */
  readonly source?: string;
  /** What a failure means when no known cause fits. @default none */
  readonly hint?: Text;
  /** Tells why it cannot be asked of this deployment; false when it can. @default it can */
  readonly notApplicable?: (deployment: Deployment) => string | false;
  /** What should be seen, short enough for a line of the report. */
  expected(run: RunContext): string;
  /**
   * Asks it; returns what was seen, short enough for a line of the report, and what later steps need.
   *
   * @throws AssertionError when the deployment answers wrongly
   * @throws NotApplicableError when this cannot be asked of this deployment
   * @throws HarnessError when it does not answer
   */
  run(context: StepContext, input: Input): Promise<Seen<Output>>;
}

type Seen<Output> = { readonly actual: string } & (Output extends void
  ? unknown
  : { readonly output: Output });

/** The deployment is such that the question does not arise; the message says why. */
export class NotApplicableError extends Error {
  override readonly name = "NotApplicableError";
}

/** The step that failed is in the results; whether the walk goes on is for the caller to say. */
export class StepFailedError extends Error {
  override readonly name = "StepFailedError";
}

/** What a failed step showed. */
export interface Failure {
  /** The step's name, or the refusal's. */
  readonly step: string;
  /** What the assertion looked at; undefined when a call was refused. */
  readonly subject?: string;
  /** What it found there; undefined when a call was refused. */
  readonly actual?: string;
  readonly response?: ErrorResponse;
}

/** Explains a failure: the most likely cause, and what was found when it was looked up, a line each. */
export type Explain = (failure: Failure) => {
  readonly hint?: string;
  readonly findings: Promise<readonly string[]>;
};

/** Runs, measures and judges the steps of one walk; its results are what the report shows. */
export class StepRecorder {
  private readonly finished = new Map<string, StepResult>();

  constructor(
    private readonly context: RunContext,
    /** Milliseconds by the step's name. */
    private readonly budgets: Readonly<Record<string, number>> = {},
    private readonly explain: Explain = () => ({ findings: Promise.resolve([]) }),
  ) {}

  /**
   * Runs a step and returns its output.
   *
   * @throws StepFailedError when the deployment answered wrongly
   * @throws NotApplicableError when the step cannot be asked of this deployment
   * @throws HarnessError when it did not answer
   */
  async run<Output>(step: Step<void, Output>): Promise<Output>;
  async run<Input, Output>(step: Step<Input, Output>, input: Input): Promise<Output>;
  async run<Input, Output>(step: Step<Input, Output>, input?: Input): Promise<Output> {
    const { context: run, budgets } = this;
    const calls = new Calls(run);
    const started = performance.now();
    const asked = this.skipped(step, []);
    run.emit({ type: "started", name: asked.name, title: asked.title });
    const result = (status: Status, actual: string | null): StepResult => ({
      ...asked,
      status,
      durationMs: Math.round(performance.now() - started),
      waitedMs: Math.round(calls.waitedMs),
      budgetMs: budgets[step.name] ?? null,
      attempts: 1 + calls.repeats,
      requestId: calls.requestId ?? null,
      expected: step.expected(run),
      actual,
      notes: [...calls.retries(), ...calls.notes],
    });
    let seen: Seen<Output>;
    try {
      const reason = step.notApplicable?.(run.deployment);
      if (reason) {
        throw new NotApplicableError(reason);
      }
      seen = await step.run(stepContext(run, calls), input as Input);
    } catch (error) {
      throw await this.failed(step, error, result("failed", null));
    }
    this.finish(judged(result("passed", seen.actual)));
    return (seen as { readonly output?: Output }).output as Output;
  }

  /** Runs steps without output; one that fails or does not apply does not end the walk. @throws HarnessError */
  async runEach<Input>(steps: readonly Step<Input, void>[], input: Input): Promise<void> {
    for (const step of steps) {
      try {
        await this.run(step, input);
      } catch (error) {
        if (!(error instanceof StepFailedError || error instanceof NotApplicableError)) {
          throw error;
        }
      }
    }
  }

  /** Lists the results of these steps in this order; those that were not reached as skipped. */
  results(steps: readonly Described[], why: string): StepResult[] {
    return steps.map((step) => this.finished.get(step.name) ?? this.skipped(step, [why]));
  }

  /** Tells whether a step has ended so. */
  has(status: Status): boolean {
    return [...this.finished.values()].some((result) => result.status === status);
  }

  /** Records what ended a step, and returns what is to be thrown. @throws HarnessError when the run ends meanwhile */
  private async failed(step: Described, error: unknown, result: StepResult): Promise<unknown> {
    if (error instanceof NotApplicableError) {
      this.finish(this.skipped(step, [error.message]));
      return error;
    }
    const ending = error instanceof HarnessError ? error : credentialsRefused(error, this.context.clock);
    if (ending !== undefined) {
      this.finish({ ...result, actual: ending.message });
      return ending;
    }
    const { hint = step.hint && this.text(step.hint), findings } = this.explain(failureOf(step.name, error));
    const failed = { ...result, ...described(error), hint: hint ?? null };
    const found = await findings.catch((end) => {
      this.finish(failed);
      throw end;
    });
    this.finish({ ...failed, findings: found });
    return new StepFailedError(`${step.name} failed`, { cause: error });
  }

  private finish(result: StepResult): void {
    this.finished.set(result.name, result);
    this.context.emit({ type: "finished", result });
  }

  private text(text: Text): string {
    return typeof text === "string" ? text : text(this.context.deployment);
  }

  private skipped({ name, title, source }: Described, notes: string[]): StepResult {
    return {
      name,
      title: this.text(title),
      status: "skipped",
      durationMs: 0,
      waitedMs: 0,
      budgetMs: null,
      attempts: 0,
      requestId: null,
      expected: null,
      actual: null,
      hint: null,
      notes,
      findings: [],
      source: source ?? null,
    };
  }
}

type Described = Pick<Step<never, unknown>, "name" | "title" | "source" | "hint">;

/** Marks a step as degraded that took longer than its budget, waiting not counted. */
function judged(passed: StepResult): StepResult {
  const { durationMs, waitedMs, budgetMs, notes } = passed;
  const took = durationMs - waitedMs;
  return budgetMs === null || took <= budgetMs
    ? passed
    : { ...passed, status: "degraded", notes: [...notes, `took ${took} ms, budget ${budgetMs} ms`] };
}

/** Takes from an error what explains it. */
export function failureOf(step: string, error: unknown): Failure {
  const { subject, actual } = error instanceof AssertionError ? error : {};
  return { step, subject, actual, response: errorResponseIn(error) };
}

/** Describes a failure for the report. */
function described(error: unknown): Partial<StepResult> {
  if (error instanceof AssertionError) {
    const { subject, expected, actual } = error;
    return { expected: `${subject}: ${expected}`, actual: `${subject}: ${actual}` };
  }
  const response = errorResponseIn(error);
  // Neither: an error of a kind that nothing here throws, to be shown as it is.
  return { actual: response === undefined ? String(error) : showErrorResponse(response) };
}
