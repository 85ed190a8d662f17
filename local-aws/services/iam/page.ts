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

/** One page, and the members that tell how to go on. */
export function listPage<Item>(
  items: readonly Item[],
  { Marker, MaxItems }: { Marker?: string; MaxItems: number },
) {
  const invalid = () => new ServiceError("ValidationError", "Invalid Marker.");
  const { page, nextToken } = pageOf(items, { token: Marker, size: MaxItems }, invalid);
  return { items: page, rest: { IsTruncated: nextToken !== undefined, Marker: nextToken } };
}
