/** Paging through a list of names: the token is the last name that was given. */
import { z } from "zod";
import { ServiceError } from "../service-error";

export const pageToken = z.string().min(1);

/** What a token holds before the name. */
const AFTER = "after ";

/**
 * One page of names, and the token of the next one.
 *
 * @param isAfter the order that the names are in, so that a list goes on behind a name that is gone
 * @throws ServiceError `InvalidParameterException` for a token that was never given, and for one whose name is gone without `isAfter`
 */
export function page(
  names: readonly string[],
  { limit = 50, nextToken: token }: { limit?: number; nextToken?: string },
  isAfter?: (name: string, last: string) => boolean,
): { items: string[]; nextToken: string | undefined } {
  const start = token === undefined ? 0 : startAfter(names, nameIn(token), isAfter);
  const items = names.slice(start, start + limit);
  const more = start + limit < names.length;
  const nextToken = () => Buffer.from(`${AFTER}${items.at(-1)}`).toString("base64url");
  return { items, nextToken: more ? nextToken() : undefined };
}

function startAfter(
  names: readonly string[],
  last: string,
  isAfter?: (name: string, last: string) => boolean,
): number {
  const at = names.indexOf(last);
  if (at >= 0) {
    return at + 1;
  }
  if (isAfter === undefined) {
    throw invalid();
  }
  const next = names.findIndex((name) => isAfter(name, last));
  return next < 0 ? names.length : next;
}

function nameIn(token: string): string {
  const text = Buffer.from(token, "base64url").toString();
  if (!text.startsWith(AFTER)) {
    throw invalid();
  }
  return text.slice(AFTER.length);
}

const invalid = () => new ServiceError("InvalidParameterException", "The specified nextToken is invalid.");
