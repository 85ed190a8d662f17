/** The headers and query parameters of a request in API Gateway's two views: the last value, and all values. */
import type { HttpRequest } from "../http";

/** Every value of every name, in the order sent. */
export type MultiValues = Readonly<Record<string, readonly string[]>>;

/** Header names keep the case of their first appearance. */
export function headerValues(headers: HttpRequest["headers"]): Record<string, string[]> {
  const names = new Map<string, string>();
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const known = names.get(name.toLowerCase()) ?? name;
    names.set(name.toLowerCase(), known);
    values.set(known, [...(values.get(known) ?? []), value]);
  }
  return Object.fromEntries(values);
}

/** Decoded, as a form is. */
export function queryValues(query: string): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query))
    values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

export function lastValues(values: MultiValues): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1) ?? ""]));
}

/** The last value of a header, whatever the case of its name. */
export function headerValue(request: HttpRequest, name: string): string | undefined {
  return request.headers.findLast(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}
