/** The life of customer managed policies and their tags; AWS's own can be read. */
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import { uniqueId } from "../../account/ids";
import type { ManagedPolicy } from "../../account/state/iam";
import { AWS_MANAGED_POLICIES } from "../../authorize/aws-managed-policies";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import {
  addVersion,
  attachedTo,
  boundedBy,
  onPolicy,
  policyArn,
  policyOutput,
  readPolicy,
  requirePolicy,
} from "./managed-policy";
import { listPage, paging } from "./page";
import { validateManagedPolicy } from "./policy-validation";
import { iamTagConditions, tagKeys, tagList, tags, withoutTags, withTags } from "./tags";

const onlyArn = z.object({ PolicyArn: inputs.arn });

export const managedPolicyOperations = {
  CreatePolicy: operation({
    input: z.object({
      PolicyName: inputs.policyName,
      Path: inputs.policyPath.default("/"),
      PolicyDocument: inputs.policyDocument,
      Description: inputs.policyDescription.optional(),
      Tags: tags.default([]),
    }),
    permission({ account, input }) {
      const permission = {
        resource: policyArn(account, input.Path, input.PolicyName),
        context: iamTagConditions({ passed: input.Tags }),
      };
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_customer-managed-policies.html
      return input.Tags.length === 0 ? permission : [permission, { ...permission, action: "iam:TagPolicy" }];
    },
    run({ account, input }) {
      const { policies } = account.state.iam;
      const name = input.PolicyName.toLowerCase();
      if (Object.values(policies).some((policy) => policy.name.toLowerCase() === name)) {
        const message = `A policy called ${input.PolicyName} already exists. Duplicate names are not allowed.`;
        throw new ServiceError("EntityAlreadyExists", message, 409);
      }
      validateManagedPolicy(input.PolicyDocument);
      const now = account.now().getTime();
      const policy: ManagedPolicy = {
        id: uniqueId("ANPA"),
        name: input.PolicyName,
        path: input.Path,
        arn: policyArn(account, input.Path, input.PolicyName),
        createdAt: now,
        updatedAt: now,
        description: input.Description,
        defaultVersion: "v1",
        versionCount: 0,
        versions: dictionary(),
        tags: withTags(dictionary(), input.Tags),
      };
      addVersion(policy, input.PolicyDocument, { makeDefault: true, now });
      policies[policy.arn] = policy;
      const Tags = input.Tags.length > 0 ? tagList(policy.tags) : undefined;
      // Recorded: the description only comes with GetPolicy.
      return { Policy: { ...policyOutput(account, policy), Tags } };
    },
  }),

  GetPolicy: operation({
    readOnly: true,
    input: onlyArn,
    permission: onPolicy,
    run({ account, input }) {
      const policy = readPolicy(account, input.PolicyArn);
      return {
        Policy: {
          ...policyOutput(account, policy),
          Description: policy.description,
          Tags: tagList(policy.tags),
        },
      };
    },
  }),

  ListPolicies: operation({
    readOnly: true,
    input: z.object({
      Scope: z.enum(["All", "AWS", "Local"]).default("All"),
      OnlyAttached: inputs.boolean.default(false),
      PathPrefix: inputs.policyPath.default("/"),
      PolicyUsageFilter: z.enum(["PermissionsPolicy", "PermissionsBoundary"]).optional(),
      ...paging,
    }),
    permission: () => ({ resource: "*" }),
    run({ account, input }) {
      const arns = [
        ...(input.Scope === "Local" ? [] : AWS_MANAGED_POLICIES.keys()),
        ...(input.Scope === "AWS" ? [] : Object.keys(account.state.iam.policies)),
      ];
      const policies = arns
        .map((arn) => policyOutput(account, readPolicy(account, arn)))
        .filter((policy) => policy.Path.startsWith(input.PathPrefix))
        .filter((policy) => !input.OnlyAttached || policy.AttachmentCount > 0)
        .filter(
          (policy) =>
            input.PolicyUsageFilter !== "PermissionsBoundary" || policy.PermissionsBoundaryUsageCount > 0,
        );
      const { items, rest } = listPage(policies, input);
      return { Policies: items, ...rest };
    },
  }),

  ListEntitiesForPolicy: operation({
    readOnly: true,
    input: onlyArn.extend({
      PolicyUsageFilter: z.enum(["PermissionsPolicy", "PermissionsBoundary"]).optional(),
      EntityFilter: z.enum(["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]).optional(),
      PathPrefix: inputs.rolePath.default("/"),
      ...paging,
    }),
    permission: onPolicy,
    run({ account, input }) {
      const { arn } = readPolicy(account, input.PolicyArn);
      const users = {
        PermissionsPolicy: attachedTo(account, arn),
        PermissionsBoundary: boundedBy(account, arn),
      };
      const used = input.PolicyUsageFilter ? users[input.PolicyUsageFilter] : Object.values(users).flat();
      const roles = (input.EntityFilter ?? "Role") === "Role" ? [...new Set(used)] : [];
      const { items, rest } = listPage(
        roles.filter((role) => role.path.startsWith(input.PathPrefix)),
        input,
      );
      return {
        PolicyGroups: [],
        PolicyUsers: [],
        PolicyRoles: items.map((role) => ({ RoleName: role.name, RoleId: role.id })),
        ...rest,
      };
    },
  }),

  DeletePolicy: operation({
    input: onlyArn,
    permission: onPolicy,
    run({ account, input }) {
      const policy = requirePolicy(account, input.PolicyArn);
      if (attachedTo(account, policy.arn).length + boundedBy(account, policy.arn).length > 0) {
        throw new ServiceError("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
      }
      if (Object.keys(policy.versions).length > 1) {
        throw new ServiceError(
          "DeleteConflict",
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions.",
          409,
        );
      }
      delete account.state.iam.policies[policy.arn];
      return undefined;
    },
  }),

  TagPolicy: operation({
    input: onlyArn.extend({ Tags: tags }),
    permission: (call) => onPolicy(call, { passed: call.input.Tags }),
    run({ account, input }) {
      const policy = requirePolicy(account, input.PolicyArn);
      policy.tags = withTags(policy.tags, input.Tags);
      return undefined;
    },
  }),

  UntagPolicy: operation({
    input: onlyArn.extend({ TagKeys: tagKeys }),
    permission: (call) => onPolicy(call, { removed: call.input.TagKeys }),
    run({ account, input }) {
      const policy = requirePolicy(account, input.PolicyArn);
      policy.tags = withoutTags(policy.tags, input.TagKeys);
      return undefined;
    },
  }),

  ListPolicyTags: operation({
    readOnly: true,
    input: onlyArn.extend(paging),
    permission: onPolicy,
    run({ account, input }) {
      const { items, rest } = listPage(tagList(readPolicy(account, input.PolicyArn).tags), input);
      return { Tags: items, ...rest };
    },
  }),
};
