/** Assertions about what AWS answered. A failure carries what was expected and what came, ready for the report. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { AssertionError, UnreadableAnswerError } from "../run/errors";

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

/**
 * Asserts that the text is JSON of a form, and reads it.
 *
 * @param form in words
 * @param shown what is told of a text that is not JSON: it may hold a secret
 * @throws AssertionError
 */
export function assertJson<Schema extends z.ZodType>(
  subject: string,
  text: string,
  schema: Schema,
  form: string,
  shown = "something else",
): z.infer<Schema> {
  const content = parseJson(text);
  if (content === undefined) {
    throw new UnreadableAnswerError(subject, "a JSON object", shown);
  }
  const { data, error } = schema.safeParse(content);
  if (error !== undefined) {
    throw new AssertionError(subject, form, z.prettifyError(error));
  }
  return data;
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
