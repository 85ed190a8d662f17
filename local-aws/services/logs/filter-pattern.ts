/** Filter patterns over unstructured text: terms, quoted phrases, alternatives (`?term`) and exclusions (`-term`). */
import { ServiceError } from "../service-error";

const TERM = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/g;

/**
 * Makes a test of a pattern. Terms match with their case, anywhere in the message; the empty pattern matches everything.
 *
 * @throws ServiceError `InvalidParameterException` for patterns over JSON, over columns, and for regular expressions,
 * which are not implemented here
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseFilterPattern(pattern: string): (message: string) => boolean {
  const trimmed = pattern.trim();
  if (/^[{[]/.test(trimmed) || /%.*%/.test(trimmed)) {
    throw new ServiceError(
      "InvalidParameterException",
      `Invalid filter pattern: local AWS filters by terms only ("term", ?either ?or, -without), not by ${trimmed}`,
    );
  }
  const terms = [...trimmed.matchAll(TERM)].map(([, sign, quoted, plain]) => ({
    sign,
    text: quoted?.replace(/\\(.)/g, "$1") ?? (plain as string),
  }));
  const withSign = (sign: string) => terms.filter((term) => term.sign === sign).map((term) => term.text);
  const [required, alternatives, excluded] = [withSign(""), withSign("?"), withSign("-")];
  return (message) =>
    required.every((text) => message.includes(text)) &&
    (alternatives.length === 0 ||
      required.length > 0 ||
      alternatives.some((text) => message.includes(text))) &&
    !excluded.some((text) => message.includes(text));
}
