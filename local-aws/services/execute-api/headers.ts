/** Response headers: merged whatever the case of their names, and never ones that HTTP can't carry. */
import { validateHeaderName, validateHeaderValue } from "node:http";
import type { HttpResponse } from "../../respond/http-response";
import type { ApiCall } from "./api-call";
import { mappedValue } from "./mapping";

type Headers = HttpResponse["headers"];

/** The headers of both; where both have one, the second's. */
export function mergeHeaders(first: Headers, second: Headers): Headers {
  const taken = new Set(Object.keys(second).map((name) => name.toLowerCase()));
  const kept = Object.entries(first).filter(([name]) => !taken.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...second };
}

/**
 * The headers that response parameters map to, e.g. `gatewayresponse.header.X-Stage` to `context.stage`. Those without a value,
 * or with one that would break the response, are left out.
 * @param prefix what stands before the header's name, e.g. `method.response.header.`
 */
export function mappedHeaders(
  parameters: Readonly<Record<string, string>>,
  prefix: string,
  call: ApiCall,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [target, source] of Object.entries(parameters)) {
    const name = target.slice(prefix.length);
    const value = mappedValue(source, call);
    if (value !== undefined && isSendable(name, value)) {
      headers[name] = value;
    }
  }
  return headers;
}

/** Tells whether a header can go over the wire: no line breaks, no characters beyond Latin-1. */
export function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
