/** AWS Security Token Service: who am I, and sessions of roles. */
import { z } from "zod";
import { operation, type Service } from "../service";
import { assumeRole } from "./assume-role";
import { assumeRoleWithWebIdentity } from "./assume-role-with-web-identity";

export const sts: Service = {
  name: "sts",
  protocol: "query",
  version: "2011-06-15",
  xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
  validationErrorCode: "ValidationError",
  refusalErrorCode: "ValidationError",
  // https://docs.aws.amazon.com/general/latest/gr/sts.html
  globalEndpoint: "also",
  operations: {
    GetCallerIdentity: operation({
      readOnly: true,
      input: z.object({}),
      // IAM never refuses this one: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
      permission: () => [],
      run: ({ caller }) => ({ Arn: caller.arn, UserId: caller.userId, Account: caller.accountId }),
    }),
    AssumeRole: assumeRole,
    AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  },
};
