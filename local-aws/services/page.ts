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
  const start = token === undefined ? "0" : Buffer.from(token, "base64url").toString();
  if (!/^\d{1,9}$/.test(start)) {
    throw invalid();
  }
  const end = Number(start) + size;
  return {
    page: items.slice(Number(start), end),
    nextToken: end < items.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}
