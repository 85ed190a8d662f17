/** AWS Identity and Access Management, as far as roles, their policies, and the OpenID Connect providers that they trust. */
import type { Service } from "../service";
import { managedPolicyOperations } from "./managed-policy-operations";
import { openIdConnectProviderOperations } from "./open-id-connect-provider-operations";
import { policyVersionOperations } from "./policy-version-operations";
import { roleOperations } from "./role-operations";
import { rolePolicyOperations } from "./role-policy-operations";

export const iam: Service = {
  name: "iam",
  protocol: "query",
  version: "2010-05-08",
  xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/",
  validationErrorCode: "ValidationError",
  refusalErrorCode: "InvalidInput",
  // https://docs.aws.amazon.com/general/latest/gr/iam-service.html
  globalEndpoint: "only",
  resources: ({ state: { iam } }) => [
    ...Object.values(iam.roles).map((role) => role.arn),
    ...Object.keys(iam.policies),
    ...Object.keys(iam.openIdConnectProviders),
  ],
  operations: {
    ...roleOperations,
    ...rolePolicyOperations,
    ...managedPolicyOperations,
    ...policyVersionOperations,
    ...openIdConnectProviderOperations,
  },
};
