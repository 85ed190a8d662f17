/** Paging of API Gateway's lists: `limit` items from an opaque `position`. */
import { z } from "zod";
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
  const start = position === undefined ? 0 : Number(Buffer.from(position, "base64url").toString());
  if (!Number.isInteger(start) || start < 0) throw badRequest("Invalid position parameter specified");
  const end = start + (limit || 25);
  return {
    item: items.slice(start, end),
    ...(end < items.length && { position: Buffer.from(String(end)).toString("base64url") }),
  };
}
