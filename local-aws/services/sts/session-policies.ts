/** Session policies: what a request passes to narrow the session that it asks for. */
import { z } from "zod";
import type { Account } from "../../account";
import type { Session } from "../../account/state/sts";
import { managedPolicyDocument } from "../../authorize/role-policies";
import { listOf } from "../../protocols/query";
import { arn, arnCharacters, sessionPolicy } from "../iam/inputs";
import { requirePolicyArn } from "../iam/managed-policy";
import { validateIdentityPolicy } from "../iam/policy-validation";
import { ServiceError } from "../service-error";

/** Characters of all session policies together, and how many managed ones there may be. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const SIZE_LIMIT = 2048;
const MANAGED_LIMIT = 10;

/** The members by which a request passes session policies. */
export const sessionPolicyMembers = {
  Policy: sessionPolicy.optional(),
  PolicyArns: listOf(z.object({ arn: arn.regex(arnCharacters) }), MANAGED_LIMIT).optional(),
};

interface SessionPolicyInput {
  readonly Policy?: string;
  readonly PolicyArns?: readonly { readonly arn: string }[];
}

/**
 * The session policies as the session has them.
 *
 * @throws ServiceError when one is malformed or doesn't exist
 */
export function passedSessionPolicies(
  account: Account,
  { Policy, PolicyArns = [] }: SessionPolicyInput,
): Pick<Session, "sessionPolicies" | "sessionPolicyArns"> {
  if (Policy !== undefined) {
    validateIdentityPolicy(Policy);
  }
  for (const { arn } of PolicyArns) {
    requirePolicyArn(arn, "ValidationError");
    if (managedPolicyDocument(account, arn) === undefined) {
      throw new ServiceError("ValidationError", `Policy ${arn} does not exist or is not attachable.`);
    }
  }
  return {
    sessionPolicies: Policy === undefined ? [] : [Policy],
    sessionPolicyArns: PolicyArns.map(({ arn }) => arn),
  };
}

/**
 * How much of the space for session policies and tags a request takes, in percent. AWS packs them in a form of its own before it
 * counts; here their characters count.
 *
 * @returns undefined when the request passes neither
 * @throws ServiceError above 100
 */
export function packedPolicySize(
  input: SessionPolicyInput,
  tags: readonly { readonly Key: string; readonly Value: string }[],
): number | undefined {
  const texts = [
    ...(input.Policy === undefined ? [] : [input.Policy]),
    ...(input.PolicyArns ?? []).map(({ arn }) => arn),
    ...tags.flatMap(({ Key, Value }) => [Key, Value]),
  ];
  if (texts.length === 0) {
    return undefined;
  }
  return packedPercent(texts.join("").length, SIZE_LIMIT);
}

/** @throws ServiceError above 100 */
export function packedPercent(characters: number, limit: number): number {
  const percent = Math.ceil((100 * characters) / limit);
  if (percent > 100) {
    throw new ServiceError(
      "PackedPolicyTooLarge",
      `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
    );
  }
  return percent;
}
