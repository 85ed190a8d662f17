/** Roles: their life, their trust policy, their tags. */
import { z } from "zod";
import type { Account } from "../../account";
import { ServiceError } from "../../errors";
import { uniqueId } from "../../ids";
import { operation, type Permission } from "../../service";
import * as inputs from "./inputs";
import { validateTrustPolicy } from "./policy-validation";
import type { Role } from "./state";

export function requireRole(account: Account, name: string): Role {
  const role = Object.hasOwn(account.state.iam.roles, name) ? account.state.iam.roles[name] : undefined;
  if (role === undefined)
    throw new ServiceError("NoSuchEntity", `The role with name ${name} cannot be found.`, 404);
  return role;
}

/** Permission on the role that the input names. */
export function onRole({ account, input }: { account: Account; input: { RoleName: string } }): Permission {
  return { resource: account.state.iam.roles[input.RoleName]?.arn ?? roleArn(account, "/", input.RoleName) };
}

function roleArn(account: Account, path: string, name: string): string {
  return `arn:aws:iam::${account.id}:role${path}${name}`;
}

function roleOutput(role: Role) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    // IAM answers documents percent-encoded after RFC 3986.
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
    Tags: tagList(role.tags),
    RoleLastUsed: {},
  };
}

export function encodeDocument(json: string): string {
  return encodeURIComponent(json).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export const tagList = (tags: Record<string, string>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const tagRecord = (tags: readonly { Key: string; Value: string }[] = []) =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

const onlyRole = z.object({ RoleName: inputs.roleName });

export const roleOperations = {
  CreateRole: operation({
    input: z.object({
      RoleName: inputs.roleName,
      AssumeRolePolicyDocument: inputs.policyDocument,
      Path: inputs.path.default("/"),
      Description: inputs.description.optional(),
      MaxSessionDuration: inputs.maxSessionDuration.default(3600),
      PermissionsBoundary: inputs.arn.optional(),
      Tags: inputs.tags.optional(),
    }),
    permission: ({ account, input }) => ({ resource: roleArn(account, input.Path, input.RoleName) }),
    run({ account, input }) {
      const { roles } = account.state.iam;
      if (Object.keys(roles).some((name) => name.toLowerCase() === input.RoleName.toLowerCase())) {
        throw new ServiceError(
          "EntityAlreadyExists",
          `Role with name ${input.RoleName} already exists.`,
          409,
        );
      }
      if (input.PermissionsBoundary !== undefined) {
        throw new ServiceError(
          "InvalidInput",
          "Local AWS doesn't evaluate permissions boundaries: leave PermissionsBoundary out.",
        );
      }
      validateTrustPolicy(input.AssumeRolePolicyDocument);
      const role: Role = {
        id: uniqueId("AROA"),
        name: input.RoleName,
        path: input.Path,
        arn: roleArn(account, input.Path, input.RoleName),
        createdAt: account.now().getTime(),
        description: input.Description,
        maxSessionDuration: input.MaxSessionDuration,
        trustPolicy: input.AssumeRolePolicyDocument,
        inlinePolicies: {},
        attachedPolicies: [],
        tags: tagRecord(input.Tags),
      };
      roles[role.name] = role;
      return { Role: roleOutput(role) };
    },
  }),

  GetRole: operation({
    input: onlyRole,
    permission: onRole,
    run: ({ account, input }) => ({ Role: roleOutput(requireRole(account, input.RoleName)) }),
  }),

  ListRoles: operation({
    input: z.object({ PathPrefix: z.string().default("/") }),
    permission: ({ account, input }) => ({ resource: `arn:aws:iam::${account.id}:role${input.PathPrefix}` }),
    run: ({ account, input }) => ({
      Roles: Object.values(account.state.iam.roles)
        .filter((role) => role.path.startsWith(input.PathPrefix))
        .map((role) => ({ ...roleOutput(role), Tags: undefined, RoleLastUsed: undefined })),
      IsTruncated: false,
    }),
  }),

  UpdateRole: operation({
    input: z.object({
      RoleName: inputs.roleName,
      Description: inputs.description.optional(),
      MaxSessionDuration: inputs.maxSessionDuration.optional(),
    }),
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      if (input.Description !== undefined) role.description = input.Description;
      if (input.MaxSessionDuration !== undefined) role.maxSessionDuration = input.MaxSessionDuration;
      return {};
    },
  }),

  UpdateRoleDescription: operation({
    input: z.object({ RoleName: inputs.roleName, Description: inputs.description }),
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      role.description = input.Description;
      return { Role: roleOutput(role) };
    },
  }),

  UpdateAssumeRolePolicy: operation({
    input: z.object({ RoleName: inputs.roleName, PolicyDocument: inputs.policyDocument }),
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      validateTrustPolicy(input.PolicyDocument);
      role.trustPolicy = input.PolicyDocument;
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
    input: z.object({ RoleName: inputs.roleName, Tags: inputs.tags }),
    permission: onRole,
    run({ account, input }) {
      Object.assign(requireRole(account, input.RoleName).tags, tagRecord(input.Tags));
      return undefined;
    },
  }),

  UntagRole: operation({
    input: z.object({ RoleName: inputs.roleName, TagKeys: inputs.tagKeys }),
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      for (const key of input.TagKeys) delete role.tags[key];
      return undefined;
    },
  }),

  ListRoleTags: operation({
    input: onlyRole,
    permission: onRole,
    run: ({ account, input }) => ({
      Tags: tagList(requireRole(account, input.RoleName).tags),
      IsTruncated: false,
    }),
  }),

  ListInstanceProfilesForRole: operation({
    input: onlyRole,
    permission: onRole,
    run({ account, input }) {
      requireRole(account, input.RoleName);
      return { InstanceProfiles: [], IsTruncated: false };
    },
  }),
};
