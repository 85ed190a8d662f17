/**
 * The tags that take part in a request to Lambda, CloudWatch Logs or API Gateway, as condition keys. Their operations name
 * resource and tags alike, so one place serves all of them and none can forget it; IAM, STS and Cognito, where tags stand on
 * several things at once, say it in their own permissions.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
 */

import type { ConditionContext } from "../../iam-policy/context";
import type { Account } from "../account";
import type { Service } from "../services/service";
import { tagConditions } from "./tag-conditions";

type Tags = Readonly<Record<string, string>>;

/**
 * @param service the one that is called
 * @param resource the ARN that the permission is about
 * @param input the operation's members, of which `tags` or `Tags` put tags on and `tagKeys` take them away
 */
export function requestTagConditions(
  account: Account,
  service: Pick<Service, "tagsOf">,
  resource: string,
  input: unknown,
): ConditionContext {
  const { tags, Tags, tagKeys } = input as { tags?: unknown; Tags?: unknown; tagKeys?: string | string[] };
  const passed = tags ?? Tags;
  return tagConditions({
    resource: service.tagsOf?.(account, resource),
    passed: isRecord(passed) ? passed : undefined,
    removed: [tagKeys ?? []].flat(),
  });
}

/** IAM and STS pass tags as lists of pairs. */
function isRecord(value: unknown): value is Tags {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
