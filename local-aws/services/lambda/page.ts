/** Paging of Lambda's lists: a marker is where the next page begins. */
import { z } from "zod";
import { pageOf } from "../page";
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
  const size = Math.min(MaxItems, LARGEST_PAGE);
  const { page, nextToken } = pageOf(all, { token: Marker, size }, () => invalidParameter("Invalid Marker"));
  return { items: page, NextMarker: nextToken };
}
