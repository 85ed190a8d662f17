/** Assertions about what AWS answered. A failure carries what was expected and what came, ready for the report. */
import { isDeepStrictEqual } from "node:util";

/** What a service answered when it refused; what is repeated and what is diagnosed is decided by it. */
export interface Refusal {
  /** Who refused. `issuer` publishes the keys that tokens are signed with. */
  readonly service: "cognito-identity" | "execute-api" | "issuer";
  /** The HTTP status. */
  readonly status: number;
  /** AWS's error code, e.g. `AccessDeniedException`; null when the answer names none. */
  readonly code: string | null;
  readonly message: string;
}

/** A refusal as the report shows it, e.g. `403 AccessDeniedException: User: … is not authorized …`. */
export function showRefusal({ status, code, message }: Refusal): string {
  return `${[status, code].filter((part) => part !== null).join(" ")}: ${message}`;
}

/** The subject of a refusal that came as it should, but for its words. */
export const OTHER_WORDS = "words of the refusal";

/** The deployment answered, but not what it should have. */
export class AssertionFailure extends Error {
  override readonly name: string = "AssertionFailure";

  /**
   * @param subject what was looked at, e.g. `developer provider`
   * @param refusal the service's refusal, when that is what came instead
   */
  constructor(
    readonly subject: string,
    readonly expected: string,
    readonly actual: string,
    readonly refusal: Refusal | null = null,
  ) {
    super(`${subject}: expected ${expected}, got ${actual}`);
  }
}

/** The answer came, but not in the form that it must have, e.g. cut off, or a proxy's page. */
export class UnreadableAnswer extends AssertionFailure {
  override readonly name = "UnreadableAnswer";
}

/** Throws `AssertionFailure` unless both are deeply equal. */
export function assertEqual<T>(subject: string, actual: unknown, expected: T): asserts actual is T {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new AssertionFailure(subject, show(expected), show(actual));
  }
}

/** Throws `AssertionFailure` unless the value is a string of that form. */
export function assertMatches(
  subject: string,
  actual: unknown,
  pattern: RegExp,
  description: string,
): asserts actual is string {
  if (typeof actual !== "string" || !pattern.test(actual)) {
    throw new AssertionFailure(subject, description, show(actual));
  }
}

/** Throws `AssertionFailure` when the value is missing or empty. The value itself is not shown: it may be a secret. */
export function assertPresent<T>(
  subject: string,
  actual: T | undefined | null,
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null || actual === "") {
    throw new AssertionFailure(subject, "present", "absent");
  }
}

/** A value as the report shows it: absent values by that word, everything else as JSON. */
function show(value: unknown): string {
  return value === undefined || value === null ? "absent" : JSON.stringify(value);
}
