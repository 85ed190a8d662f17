/** Amazon Cognito identity pools. */
import type { Service } from "../service";
import { credentialsOperations } from "./credentials";
import { developerUserOperations } from "./developer-users";
import { identityOperations } from "./identity-operations";
import { poolArn } from "./pool";
import { poolOperations } from "./pool-operations";
import { poolRoleOperations } from "./pool-roles";
import { poolTagOperations } from "./pool-tags";
import { publicLoginOperations } from "./public-logins";

export const cognitoIdentity: Service = {
  name: "cognito-identity",
  protocol: "json-1.1",
  targetPrefix: "AWSCognitoIdentityService",
  validationErrorCode: "ValidationException",
  refusalErrorCode: "InvalidParameterException",
  faultCode: "InternalErrorException",
  resources: (account) => Object.keys(account.state.cognitoIdentity.pools).map((id) => poolArn(account, id)),
  operations: {
    ...poolOperations,
    ...poolRoleOperations,
    ...poolTagOperations,
    ...identityOperations,
    ...developerUserOperations,
    ...publicLoginOperations,
    ...credentialsOperations,
  },
};
