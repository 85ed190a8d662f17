/** The headers and query parameters of a request in API Gateway's two views: the last value, and all values. */
import type { HttpRequest } from "../../read/http-request";

/** Every value of every name, in the order sent. */
export type MultiValues = Readonly<Record<string, readonly string[]>>;

/** Header names keep the case of their first appearance. */
export function headerValues(headers: HttpRequest["headers"]): Record<string, string[]> {
  const spellings = new Map<string, string>();
  for (const [name] of headers) {
    if (!spellings.has(name.toLowerCase())) {
      spellings.set(name.toLowerCase(), name);
    }
  }
  return grouped(headers.map(([name, value]) => [spellings.get(name.toLowerCase()) ?? name, value]));
}

/** Decoded, as a form is. */
export function queryValues(query: string): Record<string, string[]> {
  return grouped(new URLSearchParams(query));
}

function grouped(pairs: Iterable<readonly [name: string, value: string]>): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known) {
      known.push(value);
    } else {
      values.set(name, [value]);
    }
  }
  return Object.fromEntries(values);
}

export function lastValues(values: MultiValues): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1) ?? ""]));
}

/** The last value of a header, whatever the case of its name. */
export function headerValue(request: HttpRequest, name: string): string | undefined {
  return request.headers.findLast(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}
