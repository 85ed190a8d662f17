/** Assertions about what AWS answered. A failure carries what was expected and what came, ready for the report. */
import { isDeepStrictEqual } from "node:util";

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

/** Asserts that both are deeply equal. @throws AssertionError */
export function assertEqual<T>(subject: string, actual: unknown, expected: T): asserts actual is T {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new AssertionError(subject, show(expected), show(actual));
  }
}

/** Asserts that the value is a string of that form. @throws AssertionError */
export function assertMatches(
  subject: string,
  actual: unknown,
  pattern: RegExp,
  description: string,
): asserts actual is string {
  if (typeof actual !== "string" || !pattern.test(actual)) {
    throw new AssertionError(subject, description, show(actual));
  }
}

/** Asserts that the value is there and not empty. It is not shown: it may be a secret. @throws AssertionError */
export function assertPresent<T>(subject: string, actual: T | undefined): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null || actual === "") {
    throw new AssertionError(subject, "present", "absent");
  }
}

/** Writes a value as the report shows it: absent values by that word, everything else as JSON. */
function show(value: unknown): string {
  return value === undefined || value === null ? "absent" : JSON.stringify(value);
}

/** Reads JSON that came over a network; undefined, which JSON cannot say, when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Takes the first line, with an ellipsis for those after it: of AWS's answer on a wrong signature, it says it all. */
export function firstLine(text: string): string {
  const [first = "", ...rest] = text.trim().split(/\r?\n/);
  return rest.length === 0 ? first : `${first} …`;
}
