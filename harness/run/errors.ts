/** Why a walk could not be made at all, as opposed to a deployment that answered wrongly, and how each end shows in the exit code. */

/** What can keep the harness from finishing. */
export const HARNESS_ERROR_KINDS = ["settings", "unreachable", "timeout", "interrupted"] as const;
/** What kept it. */
export type HarnessErrorKind = (typeof HARNESS_ERROR_KINDS)[number];

/** What became of the deployment, or what kept it from being judged. */
export type Ending = "passed" | "failed" | HarnessErrorKind;

/** The exit code of the process for every ending, in the order of the help. */
export const ENDINGS: Readonly<Record<Ending, { readonly code: number; readonly meaning: string }>> = {
  passed: { code: 0, meaning: "every step and every refusal passed" },
  failed: { code: 1, meaning: "a step or a refusal failed, or a step was degraded under --strict" },
  settings: { code: 2, meaning: "wrong usage or settings: options, outputs file, credentials" },
  unreachable: { code: 3, meaning: "could not reach AWS or what stands in for it" },
  timeout: { code: 3, meaning: "the time was up" },
  // By SIGINT: https://tldp.org/LDP/abs/html/exitcodes.html
  interrupted: { code: 130, meaning: "ended by Ctrl-C, after cleaning up; 143 by SIGTERM" },
};

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

/** Tells why the signal was given: its reason where that says it for itself. */
export function interruption(signal: AbortSignal | undefined): HarnessError {
  return signal?.reason instanceof HarnessError ? signal.reason : new InterruptedError();
}
