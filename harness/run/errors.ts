/** Why a walk could not be made at all, as opposed to a deployment that answered wrongly. */

/** What kept the harness from finishing. */
export type HarnessErrorKind = "settings" | "unreachable" | "timeout" | "interrupted";

/** An error whose message is complete: what is wrong and what to do about it. */
export abstract class HarnessError extends Error {
  abstract readonly kind: HarnessErrorKind;
}

/** The command line, the outputs file, the environment or the backend's credentials cannot be used. */
export class SettingsError extends HarnessError {
  override readonly name = "SettingsError";
  readonly kind = "settings";
}

/** A service gave no answer: nothing listens there, the name has no address, or the connection broke. */
export class UnreachableError extends HarnessError {
  override readonly name: string = "UnreachableError";
  readonly kind = "unreachable";
}

/** A service was called and kept silent until the call's time limit. */
export class NoAnswerError extends UnreachableError {
  override readonly name = "NoAnswerError";
}

/** The time limit of the whole run has passed. */
export class TimeUpError extends HarnessError {
  override readonly name = "TimeUpError";
  readonly kind = "timeout";

  /** @param timeLimit in milliseconds */
  constructor(timeLimit: number) {
    super(
      `The run was ended at its time limit of ${timeLimit / 1000} s. See in the report which step took the time, and give it more with --timeout.`,
    );
  }
}

/** The caller's signal ended the walk. */
export class InterruptedError extends HarnessError {
  override readonly name = "InterruptedError";
  readonly kind = "interrupted";

  constructor() {
    super("Interrupted before the flow was walked to its end.");
  }
}

/** Why the signal was given: its reason where that says it for itself. */
export function interruption(signal: AbortSignal | undefined): HarnessError {
  return signal?.reason instanceof HarnessError ? signal.reason : new InterruptedError();
}
