/** What can go wrong: a walk that could not be made, with its exit code; a deployment that answered wrongly; a service that refused. */
import { CognitoIdentityServiceException } from "@aws-sdk/client-cognito-identity";

/** What can keep the harness from finishing. */
export const HARNESS_ERROR_KINDS = ["settings", "unreachable", "timeout", "interrupted"] as const;
/** What kept it. */
export type HarnessErrorKind = (typeof HARNESS_ERROR_KINDS)[number];

/** What became of the deployment, or what kept it from being judged. */
export type Ending = "passed" | "failed" | HarnessErrorKind;

/** The exit code of the process for every ending, in the order of the help. */
export const ENDINGS: Readonly<Record<Ending, { readonly code: number; readonly meaning: string }>> = {
  passed: { code: 0, meaning: "every step and every refusal passed" },
  failed: { code: 1, meaning: "a step, a refusal or --access failed, or a step was degraded under --strict" },
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

/** What a service answered when it refused; what is repeated and what is diagnosed is decided by it. */
export interface ErrorResponse {
  /** Who refused. `issuer` publishes the keys that tokens are signed with. */
  readonly service: "cognito-identity" | "execute-api" | "issuer";
  /** The HTTP status. */
  readonly status: number;
  /** AWS's error code, e.g. `AccessDeniedException`; undefined when the answer names none. */
  readonly code?: string;
  readonly message: string;
  readonly requestId?: string;
}

/** Writes a refusal as the report shows it, e.g. `403 AccessDeniedException: User: … is not authorized …`. */
export function showErrorResponse({ status, code, message }: ErrorResponse): string {
  return `${[status, code].filter((part) => part !== undefined).join(" ")}: ${message}`;
}

/** The subject of a refusal that came as it should, but for its words. */
export const OTHER_WORDS = "words of the refusal";

/** The deployment answered, but not what it should have. */
export class AssertionError extends Error {
  override readonly name: string = "AssertionError";

  /**
   * @param subject what was looked at, e.g. `developer provider`
   * @param response the service's refusal, when that is what came instead
   */
  constructor(
    readonly subject: string,
    readonly expected: string,
    readonly actual: string,
    readonly response?: ErrorResponse,
  ) {
    super(`${subject}: expected ${expected}, got ${actual}`);
  }
}

/** The answer came, but not in the form that it must have, e.g. cut off, or a proxy's page. */
export class UnreadableAnswerError extends AssertionError {
  override readonly name = "UnreadableAnswerError";
}

/** Finds the service's refusal behind an error; undefined when the error is of another kind. */
export function errorResponseIn(error: unknown): ErrorResponse | undefined {
  if (error instanceof AssertionError) {
    return error.response;
  }
  if (error instanceof CognitoIdentityServiceException) {
    return {
      service: "cognito-identity",
      status: error.$metadata.httpStatusCode ?? 0,
      code: error.name,
      message: error.message,
      requestId: error.$metadata.requestId,
    };
  }
  return undefined;
}

/** Takes the first line, with an ellipsis for those after it: of AWS's answer on a wrong signature, it says it all. */
export function firstLine(text: string): string {
  const [first = "", ...rest] = text.trim().split(/\r?\n/);
  return rest.length === 0 ? first : `${first} …`;
}
