/** What a step of the flow is, and what every step can use. A call that must be refused is a step too. */
import type { CallLog } from "../calls/call-log";
import type { Patience } from "../calls/patience";
import type { ServiceConnection } from "../calls/service-call";
import type { TokenVerifier } from "../calls/token";
import type { Clock } from "../run/clock";
import type { RunIdentities } from "../run/identities";
import type { Deployment } from "../run/outputs";
import type { Redactor } from "../run/redact";

/** What lives as long as one walk. */
export interface Walk extends ServiceConnection {
  readonly deployment: Deployment;
  readonly tokens: TokenVerifier;
  readonly identities: RunIdentities;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Attributes of the users that the walk signs in; null when they have none. */
  readonly principalTags: Readonly<Record<string, string>> | null;
  /** Milliseconds that a token may still count after its end. */
  readonly tokenLeeway: number;
}

/** What a step that passed leaves behind. */
export interface StepOutcome<Result> {
  /** What was seen, short enough for a line of the report. */
  readonly actual: string;
  /** What later steps need. */
  readonly result: Result;
}

/** A question to the deployment, with the answer that it should give. `StepRecorder` asks it. */
export interface Step<Input, Result> {
  /** As in the report. */
  readonly name: string;
  /** For people: what is called or sent. */
  readonly title: string;
  /** Where the expectation is documented. @default none */
  readonly source?: string;
  /** What a failure means when no cause of the diagnosis table fits. @default none */
  readonly hint?: string;
  /** What should be seen, short enough for a line of the report. */
  expected(walk: Walk): string;
  /**
   * @throws AssertionFailure when the deployment answers wrongly
   * @throws NotApplicable when this cannot be asked of this deployment
   * @throws HarnessError when it does not answer
   */
  run(walk: Walk, calls: CallLog, input: Input): Promise<StepOutcome<Result>>;
}

/** The deployment is such that the question does not arise; the message says why. */
export class NotApplicable extends Error {
  override readonly name = "NotApplicable";
}
