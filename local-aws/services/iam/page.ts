/** Pages of IAM's lists. */
import { z } from "zod";
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

/** One page, and the members that tell how to go on; the marker is the place where the next page starts. */
export function pageOf<Item>(items: readonly Item[], input: { Marker?: string; MaxItems: number }) {
  const { Marker = "0" } = input;
  if (!/^\d{1,9}$/.test(Marker)) {
    throw new ServiceError("ValidationError", "Invalid Marker.");
  }
  const start = Number(Marker);
  const end = start + input.MaxItems;
  const more = end < items.length;
  return {
    items: items.slice(start, end),
    rest: { IsTruncated: more, Marker: more ? String(end) : undefined },
  };
}
