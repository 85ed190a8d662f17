/**
 * The global condition keys, all in one place: what a request, its caller and its resource are to policies. FIDELITY.md says of each
 * key of AWS's whether it is here. The keys of tags are in `authorize/tag-conditions.ts`; those of one service are with its operations.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */

import type { ConditionContext } from "../../iam-policy/context";
import type { Account } from "../account";
import { type HttpRequest, header } from "../read/http-request";

type Place = Pick<Account, "id" | "region" | "now">;

/** What every request has, whoever makes it: the time, the region, the resource's account. */
export function commonConditions(account: Place, resource: string): ConditionContext {
  const now = account.now();
  return {
    "aws:CurrentTime": now.toISOString(),
    "aws:EpochTime": String(Math.floor(now.getTime() / 1000)),
    "aws:RequestedRegion": account.region,
    "aws:ResourceAccount": ownerOf(resource) || account.id,
    // The listener speaks HTTP on loopback in place of AWS's TLS endpoints: policies that demand TLS are to hold as deployed.
    "aws:SecureTransport": "true",
    // No service here makes requests with its caller's credentials; one that works in a role of its own counts as direct.
    "aws:ViaAWSService": "false",
  };
}

/** The account in an ARN; many name none. */
function ownerOf(arn: string): string | undefined {
  return arn.split(":")[4];
}

/** What a request has that came over HTTP; what services do among themselves has no address and no client. */
export function requestConditions(request: HttpRequest): ConditionContext {
  const userAgent = header(request, "user-agent");
  const referer = header(request, "referer");
  return {
    "aws:SourceIp": request.sourceIp,
    ...(userAgent === undefined ? {} : { "aws:UserAgent": userAgent }),
    ...(referer === undefined ? {} : { "aws:referer": referer }),
  };
}

export function rootArn(account: Pick<Account, "id">): string {
  return `arn:aws:iam::${account.id}:root`;
}

/** The root user with its long-term key, which says nothing of MFA. */
export function rootConditions(account: Pick<Account, "id">): ConditionContext {
  return {
    "aws:PrincipalArn": rootArn(account),
    "aws:PrincipalAccount": account.id,
    "aws:PrincipalType": "Account",
    "aws:PrincipalIsAWSService": "false",
    "aws:userid": account.id,
  };
}

/** A session of a role, be it a service that works in it. Whether MFA is also said of federated sessions, AWS says both. */
export function sessionConditions(
  account: Pick<Account, "id">,
  { roleArn, userId }: { roleArn: string; userId: string },
): ConditionContext {
  return {
    "aws:PrincipalArn": roleArn,
    "aws:PrincipalAccount": account.id,
    "aws:PrincipalType": "AssumedRole",
    "aws:PrincipalIsAWSService": "false",
    "aws:MultiFactorAuthPresent": "false",
    "aws:userid": userId,
  };
}

/** Who signed nothing. */
export const ANONYMOUS_CONDITIONS: ConditionContext = {
  "aws:PrincipalAccount": "anonymous",
  "aws:PrincipalType": "Anonymous",
  "aws:userid": "anonymous",
};

/** A service that acts under its own name. */
export function serviceConditions(service: string): ConditionContext {
  return {
    "aws:PrincipalIsAWSService": "true",
    "aws:PrincipalServiceName": service,
    "aws:PrincipalServiceNamesList": [service],
  };
}

/** The resource for which a service acts under its own name. */
export function sourceConditions(source: {
  readonly arn: string;
  readonly account: string;
}): ConditionContext {
  return { "aws:SourceArn": source.arn, "aws:SourceAccount": source.account };
}

/** One key for each tag. */
export function prefixed(prefix: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]));
}
