/** Pages of lists whose token is opaque to clients: the place where the next page starts. */
import type { ServiceError } from "./service-error";

/**
 * One page, and the token of the next one if there is more.
 *
 * @param invalid the service's error for a token that it never gave
 * @throws ServiceError that error
 */
export function pageOf<Item>(
  items: readonly Item[],
  { token, size }: { token: string | undefined; size: number },
  invalid: () => ServiceError,
): { page: Item[]; nextToken: string | undefined } {
  const start = placeOf(token, invalid);
  const end = start + size;
  return { page: items.slice(start, end), nextToken: end < items.length ? pageToken(end) : undefined };
}

/** The place that a token names; without one it is the first. @throws ServiceError as `pageOf` does */
export function placeOf(token: string | undefined, invalid: () => ServiceError): number {
  const place = token === undefined ? "0" : Buffer.from(token, "base64url").toString();
  if (!/^\d{1,9}$/.test(place)) {
    throw invalid();
  }
  return Number(place);
}

export function pageToken(place: number): string {
  return Buffer.from(String(place)).toString("base64url");
}
