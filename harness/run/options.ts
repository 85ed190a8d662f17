/** What a walk can be told. */
import type { Credentials } from "../calls/call";
import type { ProgressEvent, StepName } from "../report";
import type { Deployment } from "./outputs";
import type { Redactor } from "./redact";

/** What to walk, as whom, within which limits. All times are in milliseconds. */
export interface WalkOptions {
  readonly deployment: Deployment;
  /** Stands in for AWS, e.g. `http://127.0.0.1:4566`. @default AWS_ENDPOINT_URL, else AWS itself */
  readonly endpoint?: string;
  /** The backend's keys. @default what the SDK's default provider chain finds */
  readonly credentials?: Credentials;
  /** Ends the walk; it still cleans up and reports what was done. @default none */
  readonly signal?: AbortSignal;
  /**
   * Whether the deployment was just made: answers that AWS gives until everything is in effect are then waited for,
   * for `FRESH_WINDOW` or as many milliseconds as given.
   *
   * @default false - only throttled calls, server errors and broken connections are repeated
   */
  readonly fresh?: boolean | number;
  /** Milliseconds that the run may take, clean-up not counted. @default RUN_TIME_LIMIT */
  readonly timeLimit?: number;
  /** Milliseconds that a call may take. @default CALL_TIME_LIMIT */
  readonly callTimeLimit?: number;
  /** Milliseconds that a token may still be accepted after its end, as the report then notes. @default TOKEN_LEEWAY */
  readonly tokenLeeway?: number;
  /** Milliseconds that a step may take before it counts as degraded. @default none */
  readonly stepBudgets?: Readonly<Partial<Record<StepName, number>>>;
  /** Whether a degraded step makes the outcome `failed`. @default false */
  readonly strict?: boolean;
  /** Whether to ask, after the flow, for what must be refused. @default true */
  readonly refusals?: boolean;
  /**
   * Whether to look up what is behind a failure, with the backend's credentials: the role's policies, the API's
   * settings, and the account's own explanation where it is local AWS. @default false
   */
  readonly diagnose?: boolean;
  /** Attributes to sign the users in with, for roles that decide by `aws:PrincipalTag`. @default none */
  readonly principalTags?: Readonly<Record<string, string>>;
  /** What takes the secrets out; it learns those of the run. @default one that shortens the ids of identities */
  readonly redactor?: Redactor;
  /** Told what happens while it happens. @default nobody */
  readonly onProgress?: (event: ProgressEvent) => void;
}
