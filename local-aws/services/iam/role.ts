/** One role: finding it by name, and how IAM shows it. */

import type { ConditionContext } from "../../../iam-policy/context";
import type { Account } from "../../account";
import type { Role } from "../../account/state/iam";
import { percentEncode } from "../../read/percent-encoding";
import type { Permission } from "../service";
import { ServiceError } from "../service-error";
import { iamTagConditions, type Tag, tagList } from "./tags";

/** Role names are compared without case: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
export function findRoleByName(account: Account, name: string): Role | undefined {
  const { roles } = account.state.iam;
  const wanted = name.toLowerCase();
  return roles[name] ?? Object.values(roles).find((role) => role.name.toLowerCase() === wanted);
}

/** @throws ServiceError NoSuchEntity */
export function requireRole(account: Account, name: string): Role {
  const role = findRoleByName(account, name);
  if (role === undefined) {
    throw new ServiceError("NoSuchEntity", `The role with name ${name} cannot be found.`, 404);
  }
  return role;
}

export function roleArn(account: Account, path: string, name: string): string {
  return `arn:aws:iam::${account.id}:role${path}${name}`;
}

/** Permission on the role that the input names. */
export function onRole(
  { account, input }: { account: Account; input: { RoleName: string } },
  tags: { passed?: readonly Tag[]; removed?: readonly string[] } = {},
): Permission {
  const role = findRoleByName(account, input.RoleName);
  return {
    resource: role?.arn ?? roleArn(account, "/", input.RoleName),
    context: {
      ...iamTagConditions({ resource: role?.tags, ...tags }),
      ...boundaryCondition(role?.permissionsBoundary),
    },
  };
}

/** What a role is bounded by, or will be: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
export function boundaryCondition(arn: string | undefined): ConditionContext {
  return arn === undefined ? {} : { "iam:PermissionsBoundary": arn };
}

/** A role as lists show it. */
export function roleOutput(role: Role) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: percentEncode(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
  };
}

/** Roles without one have no such member; lists leave it out. */
export function roleBoundary({ permissionsBoundary }: Role) {
  return {
    PermissionsBoundary: permissionsBoundary && {
      PermissionsBoundaryType: "Policy",
      PermissionsBoundaryArn: permissionsBoundary,
    },
  };
}

/** Untagged roles have no member `Tags` at all. */
export function roleTags(role: Role) {
  const tags = tagList(role.tags);
  return { Tags: tags.length > 0 ? tags : undefined };
}
