/** Tags of roles, policies and providers. Their keys keep the case in which they came first, and are compared without it. */
import { z } from "zod";
import type { ConditionContext } from "../../../iam-policy/context";
import { type Dictionary, dictionary } from "../../account/dictionary";
import { prefixed } from "../../authenticate/condition-keys";
import { tagConditions } from "../../authorize/tag-conditions";
import { listOf } from "../../protocols/query";
import { ServiceError } from "../service-error";

const key = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u);
const value = z
  .string()
  .max(256)
  .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** A resource may have as many: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LIMIT = 50;

export const tags = listOf(z.object({ Key: key, Value: value }), LIMIT);
export const tagKeys = listOf(key, LIMIT);

export const tagList = (record: Dictionary<string>): Tag[] =>
  Object.entries(record).map(([Key, Value]) => ({ Key, Value }));

/** The condition keys of a request's tags; IAM has its own name for those of a resource as well. */
export function iamTagConditions({
  resource = dictionary(),
  passed = [],
  removed,
}: {
  resource?: Dictionary<string>;
  passed?: readonly Tag[];
  removed?: readonly string[];
}): ConditionContext {
  return {
    ...tagConditions({
      resource,
      passed: Object.fromEntries(passed.map(({ Key, Value }) => [Key, Value])),
      removed,
    }),
    ...prefixed("iam:ResourceTag", resource),
  };
}

/** Whether a list names a key twice, whatever the case. */
export function repeatsKey(keys: readonly string[]): boolean {
  return new Set(keys.map((one) => one.toLowerCase())).size < keys.length;
}

/**
 * The given tags with others added, which replace those of the same key.
 *
 * @throws ServiceError for a key given twice or reserved, and above the limit
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
 */
export function withTags(record: Dictionary<string>, added: readonly Tag[]): Dictionary<string> {
  const keys = added.map((tag) => tag.Key);
  if (repeatsKey(keys)) {
    throw new ServiceError(
      "InvalidInput",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
  }
  if (keys.some((one) => one.toLowerCase().startsWith("aws:"))) {
    throw new ServiceError("InvalidInput", "Tag keys that begin with aws: are reserved for AWS.");
  }
  const merged = dictionary(Object.entries(record));
  for (const { Key, Value } of added) {
    merged[keyIn(merged, Key) ?? Key] = Value;
  }
  if (Object.keys(merged).length > LIMIT) {
    throw new ServiceError("LimitExceeded", "The number of tags has reached the maximum limit.", 409);
  }
  return merged;
}

/** The given tags without those of the keys. */
export function withoutTags(record: Dictionary<string>, keys: readonly string[]): Dictionary<string> {
  const removed = new Set(keys.map((one) => one.toLowerCase()));
  return dictionary(Object.entries(record).filter(([name]) => !removed.has(name.toLowerCase())));
}

function keyIn(record: Dictionary<string>, wanted: string): string | undefined {
  return Object.keys(record).find((name) => name.toLowerCase() === wanted.toLowerCase());
}
