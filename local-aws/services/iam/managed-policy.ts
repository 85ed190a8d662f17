/** One managed policy, a customer's or AWS's: finding it by ARN, and how IAM shows it. */
import type { Account } from "../../account";
import { dictionary } from "../../account/dictionary";
import type { ManagedPolicy, Role } from "../../account/state/iam";
import { AWS_MANAGED_POLICIES } from "../../authorize/aws-managed-policies";
import { percentEncode } from "../../read/percent-encoding";
import type { Permission } from "../service";
import { ServiceError } from "../service-error";
import { iamTagConditions, type Tag } from "./tags";

export function policyArn(account: Account, path: string, name: string): string {
  return `arn:aws:iam::${account.id}:policy${path}${name}`;
}

/** Permission on the policy that the input names. */
export function onPolicy(
  { account, input }: { account: Account; input: { PolicyArn: string } },
  tags: { passed?: readonly Tag[]; removed?: readonly string[] } = {},
): Permission {
  const resource = account.state.iam.policies[input.PolicyArn]?.tags;
  return { resource: input.PolicyArn, context: iamTagConditions({ resource, ...tags }) };
}

/** @throws ServiceError when the text isn't a managed policy's ARN */
export function requirePolicyArn(arn: string, code = "InvalidInput"): void {
  // The two blanks are AWS's, which doesn't say what could not be parsed.
  if (!arn.startsWith("arn:")) {
    throw new ServiceError("ValidationError", "Invalid ARN:  Could not be parsed!");
  }
  if (!/^arn:aws[\w-]*:iam::(aws|\d{12}):policy\/.+$/.test(arn)) {
    throw new ServiceError(code, `ARN ${arn} is not valid.`);
  }
}

/**
 * A policy that can be changed: a customer's.
 *
 * @throws ServiceError NoSuchEntity
 */
export function requirePolicy(account: Account, arn: string): ManagedPolicy {
  requirePolicyArn(arn);
  const policy = account.state.iam.policies[arn];
  if (policy === undefined) {
    throw new ServiceError("NoSuchEntity", `Policy ${arn} was not found.`, 404);
  }
  return policy;
}

/**
 * A policy to read: a customer's, or AWS's in the same form.
 *
 * @throws ServiceError NoSuchEntity
 */
export function readPolicy(account: Account, arn: string): ManagedPolicy {
  const aws = AWS_MANAGED_POLICIES.get(arn);
  if (aws === undefined) {
    return requirePolicy(account, arn);
  }
  return {
    id: "ANPAAWSMANAGEDPOLICY",
    name: arn.slice(arn.lastIndexOf("/") + 1),
    path: aws.path,
    arn,
    createdAt: 0,
    updatedAt: 0,
    description: undefined,
    defaultVersion: "v1",
    versionCount: 1,
    versions: dictionary([["v1", { document: aws.document, createdAt: 0 }]]),
    tags: dictionary(),
  };
}

export function attachedTo(account: Account, arn: string): Role[] {
  return Object.values(account.state.iam.roles).filter((role) => role.attachedPolicies.includes(arn));
}

export function boundedBy(account: Account, arn: string): Role[] {
  return Object.values(account.state.iam.roles).filter((role) => role.permissionsBoundary === arn);
}

/** A policy as lists show it. */
export function policyOutput(account: Account, policy: ManagedPolicy) {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: attachedTo(account, policy.arn).length,
    PermissionsBoundaryUsageCount: boundedBy(account, policy.arn).length,
    IsAttachable: true,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.updatedAt),
  };
}

/** @throws ServiceError NoSuchEntity */
export function versionOutput(policy: ManagedPolicy, id: string) {
  const version = policy.versions[id];
  if (version === undefined) {
    const message = `Policy ${policy.arn} version ${id} does not exist or is not attachable.`;
    throw new ServiceError("NoSuchEntity", message, 404);
  }
  return {
    Document: percentEncode(version.document),
    VersionId: id,
    IsDefaultVersion: id === policy.defaultVersion,
    CreateDate: new Date(version.createdAt),
  };
}

export function addVersion(
  policy: ManagedPolicy,
  document: string,
  options: { makeDefault: boolean; now: number },
): string {
  policy.versionCount += 1;
  const id = `v${policy.versionCount}`;
  policy.versions[id] = { document, createdAt: options.now };
  policy.updatedAt = options.now;
  if (options.makeDefault) {
    policy.defaultVersion = id;
  }
  return id;
}
