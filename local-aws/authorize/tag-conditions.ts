/**
 * Tags as condition keys.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
 */
import type { ConditionContext } from "../../iam-policy/context";
import { prefixed } from "../authenticate/condition-keys";

type Tags = Readonly<Record<string, string>>;

/** The tags that take part in one request. */
export interface RequestTags {
  /** What the resource is tagged with before the request: `aws:ResourceTag/…`. */
  readonly resource?: Tags;
  /** What the request puts on it: `aws:RequestTag/…` and `aws:TagKeys`. */
  readonly passed?: Tags;
  /** The keys that the request takes away: `aws:TagKeys`. */
  readonly removed?: readonly string[];
}

/**
 * The condition keys of a request's tags, for the `context` of its permission.
 *
 * @example
 * permission: ({ account, input }) => ({
 *   resource: input.Resource,
 *   context: tagConditions({ resource: find(account, input.Resource)?.tags, passed: input.Tags }),
 * })
 */
export function tagConditions({ resource = {}, passed = {}, removed = [] }: RequestTags): ConditionContext {
  const keys = [...Object.keys(passed), ...removed];
  return {
    ...prefixed("aws:ResourceTag", resource),
    ...prefixed("aws:RequestTag", passed),
    ...(keys.length === 0 ? {} : { "aws:TagKeys": keys }),
  };
}
