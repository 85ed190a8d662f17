/** The life of roles, their trust policy and their tags. */
import { z } from "zod";
import type { Account } from "../../account";
import { dictionary } from "../../account/dictionary";
import { uniqueId } from "../../account/ids";
import type { Role } from "../../account/state/iam";
import { managedPolicyDocument } from "../../authorize/role-policies";
import { ignoredMember } from "../input";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import { requirePolicyArn } from "./managed-policy";
import { listPage, listPageByName, paging } from "./page";
import {
  boundaryCondition,
  findRoleByName,
  onRole,
  requireRole,
  roleArn,
  roleBoundary,
  roleOutput,
  roleTags,
} from "./role";
import { iamTagConditions, tagKeys, tagList, tags, withoutTags, withTags } from "./tags";
import { validateTrustPolicy } from "./trust-policy-validation";

const onlyRole = z.object({ RoleName: inputs.roleName });

const NO_INSTANCE_PROFILES = "there are no instance profiles here, so the one page is empty";

export const roleOperations = {
  CreateRole: operation({
    input: onlyRole.extend({
      AssumeRolePolicyDocument: inputs.policyDocument,
      Path: inputs.rolePath.default("/"),
      Description: inputs.roleDescription.optional(),
      MaxSessionDuration: inputs.maxSessionDuration.default(3600),
      PermissionsBoundary: inputs.arn.optional(),
      Tags: tags.default([]),
    }),
    permission({ account, input }) {
      const permission = {
        resource: roleArn(account, input.Path, input.RoleName),
        context: {
          ...iamTagConditions({ passed: input.Tags }),
          ...boundaryCondition(input.PermissionsBoundary),
        },
      };
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html#id_tags_roles_permissions
      return input.Tags.length === 0 ? permission : [permission, { ...permission, action: "iam:TagRole" }];
    },
    run({ account, input }) {
      if (findRoleByName(account, input.RoleName) !== undefined) {
        throw new ServiceError(
          "EntityAlreadyExists",
          `Role with name ${input.RoleName} already exists.`,
          409,
        );
      }
      if (input.PermissionsBoundary !== undefined) {
        requireBoundary(account, input.PermissionsBoundary);
      }
      validateTrustPolicy(account, input.AssumeRolePolicyDocument);
      const role: Role = {
        id: uniqueId("AROA"),
        name: input.RoleName,
        path: input.Path,
        arn: roleArn(account, input.Path, input.RoleName),
        createdAt: account.now().getTime(),
        description: input.Description,
        maxSessionDuration: input.MaxSessionDuration,
        trustPolicy: input.AssumeRolePolicyDocument,
        permissionsBoundary: input.PermissionsBoundary,
        inlinePolicies: dictionary(),
        attachedPolicies: [],
        tags: withTags(dictionary(), input.Tags),
      };
      account.state.iam.roles[role.name] = role;
      return {
        Role: {
          ...roleOutput(role),
          ...roleBoundary(role),
          ...roleTags(role),
          MaxSessionDuration: undefined,
        },
      };
    },
  }),

  GetRole: operation({
    readOnly: true,
    input: onlyRole,
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      return { Role: { ...roleOutput(role), ...roleBoundary(role), ...roleTags(role), RoleLastUsed: {} } };
    },
  }),

  ListRoles: operation({
    readOnly: true,
    input: z.object({ PathPrefix: inputs.pathPrefix.default("/"), ...paging }),
    permission: ({ account, input }) => ({ resource: `arn:aws:iam::${account.id}:role${input.PathPrefix}` }),
    run({ account, input }) {
      const roles = Object.values(account.state.iam.roles).filter((role) =>
        role.path.startsWith(input.PathPrefix),
      );
      const { items, rest } = listPageByName(roles, ({ name }) => name, input);
      return { Roles: items.map(roleOutput), ...rest };
    },
  }),

  UpdateRole: operation({
    input: onlyRole.extend({
      Description: inputs.roleDescription.optional(),
      MaxSessionDuration: inputs.maxSessionDuration.optional(),
    }),
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      if (input.Description !== undefined) {
        role.description = input.Description;
      }
      if (input.MaxSessionDuration !== undefined) {
        role.maxSessionDuration = input.MaxSessionDuration;
      }
      return {};
    },
  }),

  UpdateRoleDescription: operation({
    input: onlyRole.extend({ Description: inputs.roleDescription }),
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      role.description = input.Description;
      return { Role: roleOutput(role) };
    },
  }),

  UpdateAssumeRolePolicy: operation({
    input: onlyRole.extend({ PolicyDocument: inputs.policyDocument }),
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      validateTrustPolicy(account, input.PolicyDocument);
      role.trustPolicy = input.PolicyDocument;
      return undefined;
    },
  }),

  PutRolePermissionsBoundary: operation({
    input: onlyRole.extend({ PermissionsBoundary: inputs.arn }),
    permission: (call) => {
      const permission = onRole(call);
      return {
        ...permission,
        context: { ...permission.context, ...boundaryCondition(call.input.PermissionsBoundary) },
      };
    },
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      requireBoundary(account, input.PermissionsBoundary);
      role.permissionsBoundary = input.PermissionsBoundary;
      return undefined;
    },
  }),

  DeleteRolePermissionsBoundary: operation({
    input: onlyRole,
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      if (role.permissionsBoundary === undefined) {
        throw new ServiceError("NoSuchEntity", `Role ${role.name} has no permissions boundary.`, 404);
      }
      delete role.permissionsBoundary;
      return undefined;
    },
  }),

  DeleteRole: operation({
    input: onlyRole,
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      if (role.attachedPolicies.length > 0) {
        throw new ServiceError(
          "DeleteConflict",
          "Cannot delete entity, must detach all policies first.",
          409,
        );
      }
      if (Object.keys(role.inlinePolicies).length > 0) {
        throw new ServiceError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
      }
      delete account.state.iam.roles[role.name];
      return undefined;
    },
  }),

  TagRole: operation({
    input: onlyRole.extend({ Tags: tags }),
    permission: (call) => onRole(call, { passed: call.input.Tags }),
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      role.tags = withTags(role.tags, input.Tags);
      return undefined;
    },
  }),

  UntagRole: operation({
    input: onlyRole.extend({ TagKeys: tagKeys }),
    permission: (call) => onRole(call, { removed: call.input.TagKeys }),
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      role.tags = withoutTags(role.tags, input.TagKeys);
      return undefined;
    },
  }),

  ListRoleTags: operation({
    readOnly: true,
    input: onlyRole.extend(paging),
    permission: onRole,
    run({ account, input }) {
      const { items, rest } = listPage(tagList(requireRole(account, input.RoleName).tags), input);
      return { Tags: items, ...rest };
    },
  }),

  ListInstanceProfilesForRole: operation({
    readOnly: true,
    input: onlyRole.extend({
      Marker: ignoredMember(NO_INSTANCE_PROFILES, paging.Marker),
      MaxItems: ignoredMember(NO_INSTANCE_PROFILES, paging.MaxItems),
    }),
    permission: onRole,
    run({ account, input }) {
      requireRole(account, input.RoleName);
      return { InstanceProfiles: [], IsTruncated: false };
    },
  }),
};

/** @throws ServiceError when there is no such managed policy */
function requireBoundary(account: Account, arn: string): void {
  requirePolicyArn(arn);
  if (managedPolicyDocument(account, arn) === undefined) {
    const message = `Scope ARN: ${arn} does not exist or is not attachable.`;
    throw new ServiceError("NoSuchEntity", message, 404);
  }
}
