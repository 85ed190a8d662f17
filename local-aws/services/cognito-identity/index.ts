/** Amazon Cognito identity pools. */
import type { CrossOrigin, Service } from "../service";
import { credentialsOperations } from "./credentials";
import { developerUserOperations } from "./developer-users";
import { identityOperations } from "./identity-operations";
import { poolArn } from "./pool";
import { poolOperations } from "./pool-operations";
import { poolRoleOperations } from "./pool-roles";
import { poolTagOperations } from "./pool-tags";
import { publicLoginOperations } from "./public-logins";

/**
 * Recorded of cognito-identity (as of 138 services, which all repeat what was asked for) in preflights for the SDK's headers; the
 * allowed headers are those and what signers and Amplify send besides.
 *
 * @see https://github.com/AllanZhengYP/cors-test/blob/79b224231cb536c17b3cb60bf774da0bc92284e3/output.md
 */
const CROSS_ORIGIN: CrossOrigin = {
  allowedHeaders: [
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "authorization",
    "cache-control",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-target",
    "x-amz-user-agent",
  ],
  exposedHeaders: ["x-amzn-RequestId", "x-amzn-ErrorType", "x-amzn-ErrorMessage", "Date"],
  maxAge: 172_800,
};

export const cognitoIdentity: Service = {
  name: "cognito-identity",
  protocol: "json-1.1",
  targetPrefix: "AWSCognitoIdentityService",
  validationErrorCode: "ValidationException",
  refusalErrorCode: "InvalidParameterException",
  faultCode: "InternalErrorException",
  crossOrigin: CROSS_ORIGIN,
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
