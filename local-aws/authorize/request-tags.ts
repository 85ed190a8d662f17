/**
 * The tags that take part in a request to Lambda, CloudWatch Logs or API Gateway, as condition keys. Their operations name
 * resource and tags alike, so one place serves all of them and none can forget it; IAM, STS and Cognito, where tags stand on
 * several things at once, say it in their own permissions.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
 */

import type { ConditionContext } from "../../iam-policy/context";
import type { Account } from "../account";
import { tagConditions } from "./tag-conditions";

type Tags = Readonly<Record<string, string>>;

/**
 * @param resource the ARN that the permission is about
 * @param input the operation's members, of which `tags` or `Tags` put tags on and `tagKeys` take them away
 */
export function requestTagConditions(account: Account, resource: string, input: unknown): ConditionContext {
  const { tags, Tags, tagKeys } = input as { tags?: unknown; Tags?: unknown; tagKeys?: string | string[] };
  const passed = tags ?? Tags;
  return tagConditions({
    resource: tagsOf(account, resource),
    passed: isRecord(passed) ? passed : undefined,
    removed: [tagKeys ?? []].flat(),
  });
}

/** IAM and STS pass tags as lists of pairs. */
function isRecord(value: unknown): value is Tags {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The tags of a function, a log group, an API or a stage; undefined for every other ARN and for what doesn't exist. */
function tagsOf(account: Account, arn: string): Tags | undefined {
  const { lambda, logs, apiGateway } = account.state;
  const name = (pattern: RegExp) => pattern.exec(arn)?.[1] ?? "";
  if (arn.startsWith("arn:aws:lambda:")) {
    return lambda.functions[name(/:function:([^:]+)/)]?.tags;
  }
  if (arn.startsWith("arn:aws:logs:")) {
    return logs.groups[name(/:log-group:([^:]+)/)]?.tags;
  }
  const [, encoded] = /^arn:aws:apigateway:[^:]*::\/tags\/(.+)$/.exec(arn) ?? [];
  if (encoded !== undefined) {
    return tagsOf(account, decodeURIComponent(encoded));
  }
  const [, apiId = "", , stageName] =
    /^arn:aws:apigateway:[^:]*::\/restapis\/([^/]+)(\/stages\/([^/]+))?/.exec(arn) ?? [];
  const api = apiGateway.restApis[apiId];
  return stageName === undefined ? api?.tags : api?.stages[stageName]?.tags;
}
