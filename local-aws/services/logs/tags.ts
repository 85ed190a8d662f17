/** Tags as CloudWatch Logs takes them. */
import { z } from "zod";
import { mapOf } from "../input";
import { MAXIMUM_TAGS } from "../tags";

export const tagKey = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u);

const tagValue = z
  .string()
  .max(256)
  .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html */
export const tags = mapOf(tagKey, tagValue, MAXIMUM_TAGS).refine((map) => Object.keys(map).length > 0, {
  message: "Map must have length between 1 and 50",
});
