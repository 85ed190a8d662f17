/** Amazon Cognito identity pools. */
import type { Service } from "../../service";
import { credentialsOperations } from "./credentials";
import { developerUserOperations } from "./developer-users";
import { identityOperations } from "./identities";
import { poolOperations } from "./pools";
import { publicLoginOperations } from "./public-logins";

export const cognitoIdentity: Service = {
  name: "cognito-identity",
  protocol: "json-1.1",
  targetPrefix: "AWSCognitoIdentityService",
  validationErrorCode: "ValidationException",
  operations: {
    ...poolOperations,
    ...identityOperations,
    ...developerUserOperations,
    ...publicLoginOperations,
    ...credentialsOperations,
  },
};
