/** The versions of managed policies; the default one is in force wherever the policy is attached. */
import { z } from "zod";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import { addVersion, onPolicy, readPolicy, requirePolicy, versionOutput } from "./managed-policy";
import { listPage, paging } from "./page";
import { validateManagedPolicy } from "./policy-validation";

const onlyArn = z.object({ PolicyArn: inputs.arn });
const onVersion = onlyArn.extend({ VersionId: inputs.versionId });

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const VERSIONS_LIMIT = 5;

export const policyVersionOperations = {
  CreatePolicyVersion: operation({
    input: onlyArn.extend({
      PolicyDocument: inputs.policyDocument,
      SetAsDefault: inputs.boolean.default(false),
    }),
    permission: onPolicy,
    run({ account, input }) {
      const policy = requirePolicy(account, input.PolicyArn);
      validateManagedPolicy(input.PolicyDocument);
      if (Object.keys(policy.versions).length >= VERSIONS_LIMIT) {
        throw new ServiceError(
          "LimitExceeded",
          `A managed policy can have up to ${VERSIONS_LIMIT} versions. Before you create a new version, you must delete an existing version.`,
          409,
        );
      }
      const id = addVersion(policy, input.PolicyDocument, {
        makeDefault: input.SetAsDefault,
        now: account.now().getTime(),
      });
      return { PolicyVersion: { ...versionOutput(policy, id), Document: undefined } };
    },
  }),

  GetPolicyVersion: operation({
    readOnly: true,
    input: onVersion,
    permission: onPolicy,
    run: ({ account, input }) => ({
      PolicyVersion: versionOutput(readPolicy(account, input.PolicyArn), input.VersionId),
    }),
  }),

  ListPolicyVersions: operation({
    readOnly: true,
    input: onlyArn.extend(paging),
    permission: onPolicy,
    run({ account, input }) {
      const policy = readPolicy(account, input.PolicyArn);
      const { items, rest } = listPage(Object.keys(policy.versions).reverse(), input);
      const versions = items.map((id) => ({ ...versionOutput(policy, id), Document: undefined }));
      return { Versions: versions, ...rest };
    },
  }),

  SetDefaultPolicyVersion: operation({
    input: onVersion,
    permission: onPolicy,
    run({ account, input }) {
      const policy = requirePolicy(account, input.PolicyArn);
      policy.defaultVersion = versionOutput(policy, input.VersionId).VersionId;
      policy.updatedAt = account.now().getTime();
      return undefined;
    },
  }),

  DeletePolicyVersion: operation({
    input: onVersion,
    permission: onPolicy,
    run({ account, input }) {
      const policy = requirePolicy(account, input.PolicyArn);
      if (versionOutput(policy, input.VersionId).IsDefaultVersion) {
        throw new ServiceError("DeleteConflict", "Cannot delete the default version of a policy.", 409);
      }
      delete policy.versions[input.VersionId];
      return undefined;
    },
  }),
};
