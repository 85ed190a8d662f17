/** The headers and query parameters of a request in API Gateway's two views: the last value, and all values. */
import type { HttpRequest } from "../../read/http-request";
import { valuesByName } from "../../read/values-by-name";

/** Every value of every name, in the order sent. */
export type MultiValues = Readonly<Record<string, readonly string[]>>;

/** Header names keep the case of their first appearance. */
export function headersByName(headers: HttpRequest["headers"]): Record<string, string[]> {
  const spellings = new Map<string, string>();
  for (const [name] of headers) {
    if (!spellings.has(name.toLowerCase())) {
      spellings.set(name.toLowerCase(), name);
    }
  }
  return valuesByName(headers.map(([name, value]) => [spellings.get(name.toLowerCase()) ?? name, value]));
}

export function lastValues(values: MultiValues): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1) ?? ""]));
}

/** The last value of a header, whatever the case of its name. */
export function headerValue(request: HttpRequest, name: string): string | undefined {
  return request.headers.findLast(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}
