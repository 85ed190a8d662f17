/** Paging of Lambda's lists: a marker is where the next page begins. */
import { z } from "zod";
import { invalidParameter } from "./failure";

/** However many are asked for, a page of functions holds at most fifty. */
const LARGEST_PAGE = 50;

export const paging = z.object({
  Marker: z.string().optional(),
  MaxItems: z.coerce.number().int().min(1).max(10_000).optional(),
});

/** @throws ServiceError `InvalidParameterValueException` for a marker that isn't one */
export function listPage<Item>(
  all: readonly Item[],
  { Marker, MaxItems = LARGEST_PAGE }: z.infer<typeof paging>,
): { items: Item[]; NextMarker: string | undefined } {
  const start = Marker === undefined ? "0" : Buffer.from(Marker, "base64url").toString();
  if (!/^\d+$/.test(start)) throw invalidParameter("Invalid Marker");
  const end = Number(start) + Math.min(MaxItems, LARGEST_PAGE);
  return {
    items: all.slice(Number(start), end),
    NextMarker: end < all.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}
