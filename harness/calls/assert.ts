/** Assertions about what AWS answered. A failure carries what was expected and what came, ready for the report. */
import { isDeepStrictEqual } from "node:util";
import { AssertionError } from "../run/errors";

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
