/** What hangs on a role: inline policies and attachments of managed ones. */
import { z } from "zod";
import type { Account } from "../../account";
import { dictionary } from "../../account/dictionary";
import { managedPolicyDocument } from "../../authorize/role-policies";
import { percentEncode } from "../../read/percent-encoding";
import { operation, type Permission } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import { requirePolicyArn } from "./managed-policy";
import { listPage, paging } from "./page";
import { documentSize, validateIdentityPolicy } from "./policy-validation";
import { onRole, requireRole } from "./role";

const onlyRole = z.object({ RoleName: inputs.roleName });
const onInlinePolicy = onlyRole.extend({ PolicyName: inputs.policyName });
const onAttachment = onlyRole.extend({ PolicyArn: inputs.arn });

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
/** Characters that all inline policies of a role may have together. */
const INLINE_POLICIES_LIMIT = 10_240;
const ATTACHED_POLICIES_LIMIT = 10;

export const rolePolicyOperations = {
  PutRolePolicy: operation({
    input: onInlinePolicy.extend({ PolicyDocument: inputs.policyDocument }),
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      validateIdentityPolicy(input.PolicyDocument);
      const policies = dictionary(Object.entries(role.inlinePolicies));
      policies[input.PolicyName] = input.PolicyDocument;
      if (documentSize(Object.values(policies).join("")) > INLINE_POLICIES_LIMIT) {
        const message = `Maximum policy size of ${INLINE_POLICIES_LIMIT} bytes exceeded for role ${role.name}`;
        throw new ServiceError("LimitExceeded", message, 409);
      }
      role.inlinePolicies = policies;
      return undefined;
    },
  }),

  GetRolePolicy: operation({
    readOnly: true,
    input: onInlinePolicy,
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      const document = role.inlinePolicies[input.PolicyName];
      if (document === undefined) {
        throw noSuchInlinePolicy(input.PolicyName);
      }
      return {
        RoleName: role.name,
        PolicyName: input.PolicyName,
        PolicyDocument: percentEncode(document),
      };
    },
  }),

  ListRolePolicies: operation({
    readOnly: true,
    input: onlyRole.extend(paging),
    permission: onRole,
    run({ account, input }) {
      const names = Object.keys(requireRole(account, input.RoleName).inlinePolicies);
      const { items, rest } = listPage(names, input);
      return { PolicyNames: items, ...rest };
    },
  }),

  DeleteRolePolicy: operation({
    input: onInlinePolicy,
    permission: onRole,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      if (role.inlinePolicies[input.PolicyName] === undefined) {
        throw noSuchInlinePolicy(input.PolicyName);
      }
      delete role.inlinePolicies[input.PolicyName];
      return undefined;
    },
  }),

  AttachRolePolicy: operation({
    input: onAttachment,
    permission: onRoleAndPolicy,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      requirePolicyArn(input.PolicyArn);
      if (managedPolicyDocument(account, input.PolicyArn) === undefined) {
        const message = `Policy ${input.PolicyArn} does not exist or is not attachable.`;
        throw new ServiceError("NoSuchEntity", message, 404);
      }
      if (role.attachedPolicies.includes(input.PolicyArn)) {
        return undefined;
      }
      if (role.attachedPolicies.length >= ATTACHED_POLICIES_LIMIT) {
        const message = `Cannot exceed quota for PoliciesPerRole: ${ATTACHED_POLICIES_LIMIT}`;
        throw new ServiceError("LimitExceeded", message, 409);
      }
      role.attachedPolicies.push(input.PolicyArn);
      return undefined;
    },
  }),

  DetachRolePolicy: operation({
    input: onAttachment,
    permission: onRoleAndPolicy,
    run({ account, input }) {
      const role = requireRole(account, input.RoleName);
      requirePolicyArn(input.PolicyArn);
      if (!role.attachedPolicies.includes(input.PolicyArn)) {
        throw new ServiceError("NoSuchEntity", `Policy ${input.PolicyArn} was not found.`, 404);
      }
      role.attachedPolicies = role.attachedPolicies.filter((arn) => arn !== input.PolicyArn);
      return undefined;
    },
  }),

  ListAttachedRolePolicies: operation({
    readOnly: true,
    input: onlyRole.extend({ PathPrefix: inputs.policyPath.default("/"), ...paging }),
    permission: onRole,
    run({ account, input }) {
      const attached = requireRole(account, input.RoleName).attachedPolicies.filter((arn) =>
        arn.slice(arn.indexOf("/")).startsWith(input.PathPrefix),
      );
      const { items, rest } = listPage(attached, input);
      return {
        AttachedPolicies: items.map((arn) => ({
          PolicyName: arn.slice(arn.lastIndexOf("/") + 1),
          PolicyArn: arn,
        })),
        ...rest,
      };
    },
  }),
};

/** Permission on the role, which may depend on the policy: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
function onRoleAndPolicy(call: {
  account: Account;
  input: { RoleName: string; PolicyArn: string };
}): Permission {
  const permission = onRole(call);
  return { ...permission, context: { ...permission.context, "iam:PolicyARN": call.input.PolicyArn } };
}

function noSuchInlinePolicy(name: string): ServiceError {
  return new ServiceError("NoSuchEntity", `The role policy with name ${name} cannot be found.`, 404);
}
