/** Runs steps one after the other and keeps what became of each. */
import { CognitoIdentityServiceException } from "@aws-sdk/client-cognito-identity";
import { AssertionFailure, type Refusal } from "./assert";
import { credentialsRefused } from "./backend";
import { CallLog } from "./call-log";
import { hintFor } from "./diagnosis";
import { HarnessError } from "./errors";
import { STEP_NAMES, type StepName, type StepResult, skipped } from "./report";
import type { Step, Walk } from "./steps/step";

/** Tells the walk to go no further: the step that failed is in the results. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
}

export class StepRecorder {
  private readonly finished: StepResult[] = [];

  constructor(
    private readonly walk: Walk,
    private readonly progress: { started(name: StepName): void; finished(result: StepResult): void },
  ) {}

  /**
   * Runs a step.
   *
   * @throws StepFailed when the deployment answered wrongly
   * @throws HarnessError when it did not answer
   */
  async run<Input, Result>(step: Step<Input, Result>, input: Input): Promise<Result> {
    const calls = new CallLog();
    const started = performance.now();
    const finish = (status: "passed" | "failed", seen: Pick<StepResult, "expected" | "actual" | "hint">) => {
      const result: StepResult = {
        name: step.name,
        status,
        durationMs: Math.round(performance.now() - started),
        attempts: 1 + calls.repeats,
        requestId: calls.requestId,
        expected: this.clean(seen.expected),
        actual: this.clean(seen.actual),
        hint: this.clean(seen.hint),
      };
      this.finished.push(result);
      this.progress.finished(result);
    };

    this.progress.started(step.name);
    const expected = step.expected(this.walk);
    try {
      const { actual, result } = await step.run(this.walk, calls, input);
      finish("passed", { expected, actual, hint: null });
      return result;
    } catch (error) {
      const stop = error instanceof HarnessError ? error : credentialsRefused(error);
      if (stop !== null) {
        finish("failed", { expected, actual: stop.message, hint: null });
        throw stop;
      }
      finish("failed", describe(step.name, expected, error));
      throw new StepFailed(`step ${step.name} failed`, { cause: error });
    }
  }

  /** All five in their order; those that were not reached as skipped. */
  results(): StepResult[] {
    return STEP_NAMES.map((name) => this.finished.find((result) => result.name === name) ?? skipped(name));
  }

  private clean(text: string | null): string | null {
    return text === null ? null : this.walk.redactor.text(text);
  }
}

/** What the report says of a failure. */
function describe(step: StepName, expected: string, error: unknown) {
  if (error instanceof AssertionFailure) {
    const { subject, refusal } = error;
    return {
      expected: `${subject}: ${error.expected}`,
      actual: `${subject}: ${error.actual}`,
      hint: hintFor({ step, subject, refusal }),
    };
  }
  if (error instanceof CognitoIdentityServiceException) {
    const refusal: Refusal = {
      status: error.$metadata.httpStatusCode ?? 0,
      code: error.name,
      message: error.message,
    };
    return {
      expected,
      actual: `${refusal.status} ${refusal.code}: ${refusal.message}`,
      hint: hintFor({ step, subject: null, refusal }),
    };
  }
  // An answer that could not be read, e.g. a proxy's HTML: as wrong an answer as any.
  return { expected, actual: String(error), hint: null };
}
