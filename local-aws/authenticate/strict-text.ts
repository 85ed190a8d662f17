/** The text of a request target and of headers: decoded strictly, since a signature is over exactly what was sent. */
import { isUtf8 } from "node:buffer";
import { AuthenticationError } from "./authentication-error";

const incomplete = (message: string) => new AuthenticationError("IncompleteSignature", message);

/** A query's names and values, decoded, in the order sent. */
export type Query = readonly (readonly [name: string, value: string])[];

/**
 * The query's names and values, decoded. AWS reads a plus sign as a space:
 * https://github.com/saleweaver/python-amazon-sp-api/pull/405
 *
 * @throws AuthenticationError for what isn't the percent-encoding of UTF-8
 */
export function parseQuery(raw: string): Query {
  return raw
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals < 0
        ? [decode(pair), ""]
        : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(utf8(text).replaceAll("+", " "));
  } catch {
    throw incomplete("The query string holds an invalid percent-encoding.");
  }
}

/**
 * Node reads request lines and headers as Latin-1; signatures are over the bytes, which are UTF-8.
 *
 * @throws AuthenticationError for other bytes: decoded loosely, different requests would have the same signature
 */
export function utf8(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  if (isUtf8(bytes)) {
    return bytes.toString("utf8");
  }
  throw incomplete("The path, the query and the signed headers of a request must be UTF-8.");
}
