/**
 * Tags as condition keys.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
 */
import type { ConditionContext } from "./iam-policy/context";

type Tags = Readonly<Record<string, string>>;

/** The keys of a request that passes tags: `aws:RequestTag/…` and `aws:TagKeys`. */
export function requestTagKeys(tags: Tags): ConditionContext {
  const keys = Object.keys(tags);
  return keys.length === 0 ? {} : { ...prefixed("aws:RequestTag", tags), "aws:TagKeys": keys };
}

/** The keys of a resource that has tags: `aws:ResourceTag/…`. */
export const resourceTagKeys = (tags: Tags): ConditionContext => prefixed("aws:ResourceTag", tags);

/** One key for each tag. */
export function prefixed(prefix: string, tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]));
}
