/** What hangs on a role: inline policies and attachments of managed ones. */
import { z } from "zod";
import { ServiceError } from "../../errors";
import { operation } from "../../service";
import * as inputs from "./inputs";
import { validateIdentityPolicy } from "./policy-validation";
import { managedPolicyDocument } from "./role-policies";
import { encodeDocument, onRole, requireRole } from "./roles";

const onInlinePolicy = z.object({ RoleName: inputs.roleName, PolicyName: inputs.policyName });
const onAttachment = z.object({ RoleName: inputs.roleName, PolicyArn: inputs.arn });

/** Characters that all inline policies of a role may have together. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const INLINE_POLICIES_LIMIT = 10_240;

export const rolePolicyOperations = {
  PutRolePolicy: operation({
    input: onInlinePolicy.extend({ PolicyDocument: inputs.policyDocument }),
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      validateIdentityPolicy(input.PolicyDocument);
      const policies = { ...role.inlinePolicies, [input.PolicyName]: input.PolicyDocument };
      if (Object.values(policies).join("").replace(/\s/g, "").length > INLINE_POLICIES_LIMIT) {
        const message = `Maximum policy size of ${INLINE_POLICIES_LIMIT} bytes exceeded for role ${role.name}`;
        throw new ServiceError("LimitExceeded", message, 409);
      }
      role.inlinePolicies = policies;
      return undefined;
    },
  }),

  GetRolePolicy: operation({
    input: onInlinePolicy,
    permission: onRole,
    run({ account, input }) {
      const document = requireRole(account, input.RoleName).inlinePolicies[input.PolicyName];
      if (document === undefined) throw noSuchInlinePolicy(input.PolicyName);
      return {
        RoleName: input.RoleName,
        PolicyName: input.PolicyName,
        PolicyDocument: encodeDocument(document),
      };
    },
  }),

  ListRolePolicies: operation({
    input: z.object({ RoleName: inputs.roleName }),
    permission: onRole,
    run: ({ account, input }) => ({
      PolicyNames: Object.keys(requireRole(account, input.RoleName).inlinePolicies),
      IsTruncated: false,
    }),
  }),

  DeleteRolePolicy: operation({
    input: onInlinePolicy,
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      if (role.inlinePolicies[input.PolicyName] === undefined) throw noSuchInlinePolicy(input.PolicyName);
      delete role.inlinePolicies[input.PolicyName];
      return undefined;
    },
  }),

  AttachRolePolicy: operation({
    input: onAttachment,
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      if (managedPolicyDocument(account, input.PolicyArn) === undefined) {
        throw new ServiceError(
          "NoSuchEntity",
          `Policy ${input.PolicyArn} does not exist or is not attachable.`,
          404,
        );
      }
      if (!role.attachedPolicies.includes(input.PolicyArn)) role.attachedPolicies.push(input.PolicyArn);
      return undefined;
    },
  }),

  DetachRolePolicy: operation({
    input: onAttachment,
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      if (!role.attachedPolicies.includes(input.PolicyArn)) {
        throw new ServiceError("NoSuchEntity", `Policy ${input.PolicyArn} was not found.`, 404);
      }
      role.attachedPolicies = role.attachedPolicies.filter((arn) => arn !== input.PolicyArn);
      return undefined;
    },
  }),

  ListAttachedRolePolicies: operation({
    input: z.object({ RoleName: inputs.roleName }),
    permission: onRole,
    run: ({ account, input }) => ({
      AttachedPolicies: requireRole(account, input.RoleName).attachedPolicies.map((arn) => ({
        PolicyName: arn.slice(arn.lastIndexOf("/") + 1),
        PolicyArn: arn,
      })),
      IsTruncated: false,
    }),
  }),
};

function noSuchInlinePolicy(name: string): ServiceError {
  return new ServiceError("NoSuchEntity", `The role policy with name ${name} cannot be found.`, 404);
}
