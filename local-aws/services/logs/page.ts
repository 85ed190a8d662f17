/** Paging through a list of names: the token is the last name that was given. */
import { z } from "zod";
import { ServiceError } from "../service-error";

export const pageToken = z.string().min(1);

/**
 * One page of names, and the token of the next one.
 *
 * @throws ServiceError `InvalidParameterException` when the token names nothing in the list
 */
export function page(
  names: readonly string[],
  limit: number,
  token: string | undefined,
): { items: string[]; nextToken: string | undefined } {
  const last = token === undefined ? -1 : names.indexOf(Buffer.from(token, "base64url").toString());
  if (token !== undefined && last < 0) {
    throw new ServiceError("InvalidParameterException", "The specified nextToken is invalid.");
  }
  const items = names.slice(last + 1, last + 1 + limit);
  const more = last + 1 + limit < names.length;
  return { items, nextToken: more ? Buffer.from(items.at(-1) as string).toString("base64url") : undefined };
}
