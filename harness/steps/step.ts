/** What a step of the flow is, and what every step can use. */
import type { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import type { Dispatcher } from "undici";
import type { CallLog } from "../call-log";
import type { Deployment } from "../outputs";
import type { Redactor } from "../redact";
import type { StepName } from "../report";
import type { RunIdentities } from "../run-identities";
import type { TokenVerifier } from "../token";

/** What lives as long as one walk. */
export interface Walk {
  readonly deployment: Deployment;
  /** What stands in for AWS; null for AWS itself. */
  readonly endpoint: string | null;
  readonly backend: CognitoIdentityClient;
  readonly tokens: TokenVerifier;
  readonly identities: RunIdentities;
  /** undici's connections. */
  readonly dispatcher: Dispatcher;
  readonly redactor: Redactor;
  /** Ends the walk. */
  readonly signal: AbortSignal;
}

export interface StepOutcome<Result> {
  /** What was seen, short enough for a line of the report. */
  readonly actual: string;
  /** What later steps need. */
  readonly result: Result;
}

export interface Step<Input, Result> {
  readonly name: StepName;
  /** What should be seen, short enough for a line of the report. */
  expected(walk: Walk): string;
  /**
   * @throws AssertionFailure when the deployment answers wrongly
   * @throws HarnessError when it does not answer
   */
  run(walk: Walk, calls: CallLog, input: Input): Promise<StepOutcome<Result>>;
}
