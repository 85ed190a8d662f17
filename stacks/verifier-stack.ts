// The role of the nightly verification: a workflow of one GitHub repository assumes it, and it may do what `npm run verify` does.
// A stack of its own, since what it grants is on the other stacks' resources and none of them needs it.
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { Construct } from "constructs";
import type { DeveloperIdentityPool } from "./modules/developer-identity-pool";
import { GithubRole } from "./modules/github-role";
import type { RestApi } from "./modules/rest-api";
import { declareOutputs, resourceName, StageStack, type StageStackProps } from "./stage-stack";
import type { VerifierSettings } from "./verifier-settings";

export interface VerifierStackProps extends StageStackProps {
  readonly verifier: VerifierSettings;
  /** The pool whose flow is walked. */
  readonly pool: Pick<DeveloperIdentityPool, "identityPoolArn" | "authenticatedRoleArn">;
  /** The API that is called, whose routes are compared with what may be called. */
  readonly api: Pick<RestApi, "restApiId">;
}

export class VerifierStack extends StageStack {
  constructor(scope: Construct, id: string, props: VerifierStackProps) {
    super(scope, id, props);
    const { settings, verifier } = props;
    const role = new GithubRole(this, "verifier", {
      roleName: resourceName(settings, "verifier"),
      ...verifier,
    });
    new IamRolePolicy(this, "verify", {
      name: "verify",
      role: role.roleName,
      policy: verifyingPolicy(props),
    });
    declareOutputs(this, {
      verifier_role_arn: { value: role.roleArn, description: "Role that the nightly workflow assumes." },
    });
  }
}

/**
 * What `verify --access --slot NAME --print-policy` prints of the deployment. It mints tokens: whoever holds the role can become any
 * user of the pool.
 */
function verifyingPolicy({ settings, pool, api }: VerifierStackProps): string {
  const allow = (Sid: string, Action: string | string[], Resource: string) => ({
    Sid,
    Effect: "Allow",
    Action,
    Resource,
  });
  const { identityPoolArn, authenticatedRoleArn } = pool;
  const restApi = `arn:aws:apigateway:${settings.region}::/restapis/${api.restApiId}`;
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      allow("Pool", "cognito-identity:DescribeIdentityPool", identityPoolArn),
      allow("Roles", "cognito-identity:GetIdentityPoolRoles", identityPoolArn),
      allow("Token", "cognito-identity:GetOpenIdTokenForDeveloperIdentity", identityPoolArn),
      allow("CleanUpUnknown", "cognito-identity:LookupDeveloperIdentity", identityPoolArn),
      // It has no resource type: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitoidentity.html
      {
        ...allow("CleanUp", "cognito-identity:DeleteIdentities", "*"),
        Condition: { ArnEquals: { "cognito-identity:IdentityPoolArn": identityPoolArn } },
      },
      allow("Routes", "apigateway:GET", `${restApi}/resources`),
      allow("ResourcePolicy", "apigateway:GET", restApi),
      allow(
        "Grants",
        ["iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"],
        authenticatedRoleArn,
      ),
    ],
  });
}
