/** Paging of API Gateway's lists: `limit` items from an opaque `position`. */
import { z } from "zod";
import { pageOf } from "../page";
import { badRequest } from "./failure";

export const pageInput = {
  position: z.string().optional(),
  limit: z.coerce.number().int().min(0).max(500).default(25),
};

/** One page of a list; `position` is there while more follow. A limit of 0 means the default of 25. */
export function page<Item>(
  items: readonly Item[],
  { position, limit }: { position?: string | undefined; limit: number },
): { item: Item[]; position?: string } {
  const invalid = () => badRequest("Invalid position parameter specified");
  const { page: item, nextToken } = pageOf(items, { token: position, size: limit || 25 }, invalid);
  return { item, ...(nextToken !== undefined && { position: nextToken }) };
}
