/** Tags as CloudWatch Logs takes them. */
import { z } from "zod";

export const tagKey = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u);

const tagValue = z
  .string()
  .max(256)
  .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);

export const tags = z
  .record(tagKey, tagValue)
  .refine((map) => Object.keys(map).length >= 1 && Object.keys(map).length <= 50, {
    message: "Map must have length between 1 and 50",
  });
