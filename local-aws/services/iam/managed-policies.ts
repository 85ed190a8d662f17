/** Customer managed policies and their versions; AWS's own can be read. */
import { z } from "zod";
import type { Account } from "../../account";
import { ServiceError } from "../../errors";
import { uniqueId } from "../../ids";
import { operation, type Permission } from "../../service";
import { AWS_MANAGED_POLICIES } from "./aws-managed-policies";
import * as inputs from "./inputs";
import { validateIdentityPolicy } from "./policy-validation";
import { encodeDocument, tagList, tagRecord } from "./roles";
import type { ManagedPolicy } from "./state";

const onlyArn = z.object({ PolicyArn: inputs.arn });
const onVersion = onlyArn.extend({ VersionId: z.string().regex(/^v[1-9][0-9]*(\.[A-Za-z0-9-]*)?$/) });

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const VERSIONS_LIMIT = 5;

const onPolicy = ({ input }: { input: { PolicyArn: string } }): Permission => ({ resource: input.PolicyArn });

const noSuchPolicy = (arn: string) => new ServiceError("NoSuchEntity", `Policy ${arn} was not found.`, 404);

function requirePolicy(account: Account, arn: string): ManagedPolicy {
  const policy = Object.hasOwn(account.state.iam.policies, arn) ? account.state.iam.policies[arn] : undefined;
  if (policy === undefined) throw noSuchPolicy(arn);
  return policy;
}

/** A customer's policy, or AWS's in the same form. */
function readPolicy(account: Account, arn: string): ManagedPolicy {
  const aws = AWS_MANAGED_POLICIES[arn];
  if (aws === undefined) return requirePolicy(account, arn);
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
    versions: { v1: { document: aws.document, createdAt: 0 } },
    tags: {},
  };
}

function policyOutput(account: Account, policy: ManagedPolicy) {
  const attachments = Object.values(account.state.iam.roles).filter((role) =>
    role.attachedPolicies.includes(policy.arn),
  );
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: attachments.length,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    Description: policy.description,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.updatedAt),
    Tags: tagList(policy.tags),
  };
}

function versionOutput(policy: ManagedPolicy, id: string) {
  const version = policy.versions[id];
  if (version === undefined) {
    throw new ServiceError(
      "NoSuchEntity",
      `Policy ${policy.arn} version ${id} does not exist or is not attachable.`,
      404,
    );
  }
  return {
    Document: encodeDocument(version.document),
    VersionId: id,
    IsDefaultVersion: id === policy.defaultVersion,
    CreateDate: new Date(version.createdAt),
  };
}

function addVersion(policy: ManagedPolicy, document: string, makeDefault: boolean, now: number): string {
  const id = `v${++policy.versionCount}`;
  policy.versions[id] = { document, createdAt: now };
  policy.updatedAt = now;
  if (makeDefault) policy.defaultVersion = id;
  return id;
}

export const managedPolicyOperations = {
  CreatePolicy: operation({
    input: z.object({
      PolicyName: inputs.policyName,
      Path: inputs.path.default("/"),
      PolicyDocument: inputs.policyDocument,
      Description: inputs.description.optional(),
      Tags: inputs.tags.optional(),
    }),
    permission: ({ account, input }) => ({
      resource: `arn:aws:iam::${account.id}:policy${input.Path}${input.PolicyName}`,
    }),
    run({ account, input }) {
      const arn = `arn:aws:iam::${account.id}:policy${input.Path}${input.PolicyName}`;
      if (account.state.iam.policies[arn] !== undefined) {
        throw new ServiceError(
          "EntityAlreadyExists",
          `A policy called ${input.PolicyName} already exists. Duplicate names are not allowed.`,
          409,
        );
      }
      validateIdentityPolicy(input.PolicyDocument);
      const now = account.now().getTime();
      const policy: ManagedPolicy = {
        id: uniqueId("ANPA"),
        name: input.PolicyName,
        path: input.Path,
        arn,
        createdAt: now,
        updatedAt: now,
        description: input.Description,
        defaultVersion: "v1",
        versionCount: 0,
        versions: {},
        tags: tagRecord(input.Tags),
      };
      addVersion(policy, input.PolicyDocument, true, now);
      account.state.iam.policies[arn] = policy;
      return { Policy: policyOutput(account, policy) };
    },
  }),

  GetPolicy: operation({
    input: onlyArn,
    permission: onPolicy,
    run: ({ account, input }) => ({ Policy: policyOutput(account, readPolicy(account, input.PolicyArn)) }),
  }),

  ListPolicies: operation({
    input: z.object({ Scope: z.enum(["All", "AWS", "Local"]).default("All") }),
    permission: () => ({ resource: "*" }),
    run: ({ account, input }) => ({
      Policies: [
        ...(input.Scope === "Local" ? [] : Object.keys(AWS_MANAGED_POLICIES)),
        ...(input.Scope === "AWS" ? [] : Object.keys(account.state.iam.policies)),
      ].map((arn) => policyOutput(account, readPolicy(account, arn))),
      IsTruncated: false,
    }),
  }),

  GetPolicyVersion: operation({
    input: onVersion,
    permission: onPolicy,
    run: ({ account, input }) => ({
      PolicyVersion: versionOutput(readPolicy(account, input.PolicyArn), input.VersionId),
    }),
  }),

  ListPolicyVersions: operation({
    input: onlyArn,
    permission: onPolicy,
    run({ account, input }) {
      const policy = readPolicy(account, input.PolicyArn);
      const versions = Object.keys(policy.versions).map((id) => ({
        ...versionOutput(policy, id),
        Document: undefined,
      }));
      return { Versions: versions, IsTruncated: false };
    },
  }),

  CreatePolicyVersion: operation({
    input: onlyArn.extend({
      PolicyDocument: inputs.policyDocument,
      SetAsDefault: z.stringbool().default(false),
    }),
    permission: onPolicy,
    run({ account, input }) {
      const policy = requirePolicy(account, input.PolicyArn);
      validateIdentityPolicy(input.PolicyDocument);
      if (Object.keys(policy.versions).length >= VERSIONS_LIMIT) {
        throw new ServiceError(
          "LimitExceeded",
          "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
          409,
        );
      }
      const id = addVersion(policy, input.PolicyDocument, input.SetAsDefault, account.now().getTime());
      return { PolicyVersion: { ...versionOutput(policy, id), Document: undefined } };
    },
  }),

  DeletePolicyVersion: operation({
    input: onVersion,
    permission: onPolicy,
    run({ account, input }) {
      const policy = requirePolicy(account, input.PolicyArn);
      versionOutput(policy, input.VersionId);
      if (input.VersionId === policy.defaultVersion) {
        throw new ServiceError("DeleteConflict", "Cannot delete the default version of a policy.", 409);
      }
      delete policy.versions[input.VersionId];
      return undefined;
    },
  }),

  DeletePolicy: operation({
    input: onlyArn,
    permission: onPolicy,
    run({ account, input }) {
      const policy = requirePolicy(account, input.PolicyArn);
      if (Object.values(account.state.iam.roles).some((role) => role.attachedPolicies.includes(policy.arn))) {
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
    input: onlyArn.extend({ Tags: inputs.tags }),
    permission: onPolicy,
    run({ account, input }) {
      Object.assign(requirePolicy(account, input.PolicyArn).tags, tagRecord(input.Tags));
      return undefined;
    },
  }),

  UntagPolicy: operation({
    input: onlyArn.extend({ TagKeys: inputs.tagKeys }),
    permission: onPolicy,
    run({ account, input }) {
      const policy = requirePolicy(account, input.PolicyArn);
      for (const key of input.TagKeys) delete policy.tags[key];
      return undefined;
    },
  }),
};
