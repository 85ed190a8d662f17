/** What the harness needs of IAM. */
import type { Deployment } from "../run/outputs";

/**
 * Writes the policy under which a walk passes, with one statement a purpose: without one of them the step of that name fails, and
 * without the last ones identities of the run stay behind.
 *
 * `DeleteIdentities` has no resource type, so that it can only be allowed on everything.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitoidentity.html
 */
export function requiredPolicy({ region, identityPoolId, authenticatedRoleArn }: Deployment) {
  const [, partition, , , account] = authenticatedRoleArn.split(":");
  const pool = `arn:${partition}:cognito-identity:${region}:${account}:identitypool/${identityPoolId}`;
  const allow = (Sid: string, operation: string, Resource: string) => ({
    Sid,
    Effect: "Allow",
    Action: `cognito-identity:${operation}`,
    Resource,
  });
  return {
    Version: "2012-10-17",
    Statement: [
      allow("Pool", "DescribeIdentityPool", pool),
      allow("Roles", "GetIdentityPoolRoles", pool),
      allow("Token", "GetOpenIdTokenForDeveloperIdentity", pool),
      allow("CleanUpUnknown", "LookupDeveloperIdentity", pool),
      allow("CleanUp", "DeleteIdentities", "*"),
    ],
  };
}
