/** Why a walk could not be made at all, as opposed to a deployment that answered wrongly. */

/** What kept the harness from finishing; each kind has an exit code of its own. */
export type HarnessErrorKind = "settings" | "unreachable" | "interrupted";

/** An error whose message is complete: what is wrong and what to do about it. */
export abstract class HarnessError extends Error {
  abstract readonly kind: HarnessErrorKind;
}

/** The command line, the outputs file, the environment or the backend's credentials cannot be used. */
export class SettingsError extends HarnessError {
  override readonly name = "SettingsError";
  readonly kind = "settings";
}

/** A service did not answer: nothing listens there, the name has no address, or the time limit passed. */
export class UnreachableError extends HarnessError {
  override readonly name = "UnreachableError";
  readonly kind = "unreachable";
}

/** The caller's signal ended the walk. */
export class InterruptedError extends HarnessError {
  override readonly name = "InterruptedError";
  readonly kind = "interrupted";

  constructor() {
    super("Interrupted before the flow was walked to its end.");
  }
}
