/** Log groups: finding one by the names and ARNs that requests use, and the rules that its settings obey. */
import { z } from "zod";
import type { Account } from "../../account";
import { dictionary } from "../../account/dictionary";
import type { LogGroup } from "../../account/state/logs";
import { ServiceError } from "../service-error";

export const logGroupName = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[.\-_/#A-Za-z0-9]+$/);

/** A log group's name or ARN, as the newer operations take it. */
export const logGroupIdentifier = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[\w#+=/:,.@-]*$/);

/**
 * The days that a retention policy may name.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
export const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The group's ARN as tags use it: without the `:*` that IAM policies append. */
export function logGroupArn(account: Account, name: string): string {
  return `arn:aws:logs:${account.region}:${account.id}:log-group:${name}`;
}

/**
 * The resource that IAM policies have to cover for an operation on a group: a stream without a name, which `…:NAME:*` matches.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 */
export function logGroupResource(account: Account, name: string): string {
  return logStreamArn(account, name, "");
}

export function logStreamArn(account: Account, group: string, stream: string): string {
  return `${logGroupArn(account, group)}:log-stream:${stream}`;
}

/** The name in a log group's ARN, with or without `:*`; a plain name is returned as it is. */
export function logGroupNameOf(identifier: string): string {
  return /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:]*)(?::\*)?$/.exec(identifier)?.[1] ?? identifier;
}

/** The group that the ARN of a group or a stream names; the empty text for every other ARN. */
export function logGroupIn(arn: string): string {
  return /^arn:aws:logs:.*?:log-group:([^:]+)/.exec(arn)?.[1] ?? "";
}

/** @throws ServiceError `ResourceNotFoundException` */
export function findGroup(account: Account, name: string): LogGroup {
  const group = groupOf(account, name);
  if (group === undefined) {
    throw new ServiceError("ResourceNotFoundException", "The specified log group does not exist.");
  }
  return group;
}

export function groupOf(account: Account, name: string): LogGroup | undefined {
  return account.state.logs.groups[name];
}

/** Creates an empty group that keeps its events for ever. */
export function createGroup(account: Account, name: string, settings: Partial<LogGroup> = {}): void {
  account.state.logs.groups[name] = {
    createdAt: account.now().getTime(),
    logGroupClass: "STANDARD",
    deletionProtected: false,
    tags: dictionary(),
    streams: dictionary(),
    ...settings,
  };
}
