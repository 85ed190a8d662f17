/** Pages of IAM's lists. */
import { z } from "zod";
import { pageOf } from "../page";
import { ServiceError } from "../service-error";

/** The members by which a request asks for a page. */
export const paging = {
  Marker: z
    .string()
    .min(1)
    .max(320)
    .regex(/^[\u0020-\u00FF]+$/)
    .optional(),
  MaxItems: z.coerce.number().int().min(1).max(1000).default(100),
};

const invalid = () => new ServiceError("ValidationError", "Invalid Marker.");

/** One page, and the members that tell how to go on. */
export function listPage<Item>(
  items: readonly Item[],
  { Marker, MaxItems }: { Marker?: string; MaxItems: number },
) {
  const { page, nextToken } = pageOf(items, { token: Marker, size: MaxItems }, invalid);
  return { items: page, rest: { IsTruncated: nextToken !== undefined, Marker: nextToken } };
}

/** What a marker of {@link listPageByName} holds before the name. */
const AFTER = "after ";

/**
 * The same in the order of names. A marker is the last name that was given, so that entries that come and go between two pages have
 * no other one left out or given twice.
 */
export function listPageByName<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  { Marker, MaxItems }: { Marker?: string; MaxItems: number },
) {
  const last = Marker === undefined ? "" : nameIn(Marker);
  const following = items
    .filter((item) => nameOf(item) > last)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const page = following.slice(0, MaxItems);
  const IsTruncated = following.length > page.length;
  const token = () => Buffer.from(`${AFTER}${nameOf(page.at(-1) as Item)}`).toString("base64url");
  return { items: page, rest: { IsTruncated, Marker: IsTruncated ? token() : undefined } };
}

/** @throws ServiceError for a marker that was never given */
function nameIn(marker: string): string {
  const text = Buffer.from(marker, "base64url").toString();
  if (!text.startsWith(AFTER)) {
    throw invalid();
  }
  return text.slice(AFTER.length);
}
