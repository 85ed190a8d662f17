/** What somebody with a console could do to the varied stack behind Terraform's back. */
import { UpdateRestApiCommand, UpdateStageCommand } from "@aws-sdk/client-api-gateway";
import { DeleteRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeIdentityPoolCommand,
  SetIdentityPoolRolesCommand,
  UpdateIdentityPoolCommand,
} from "@aws-sdk/client-cognito-identity";
import {
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  TagRoleCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import {
  GetPolicyCommand,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import type { Clients } from "./clients";
import type { Varied } from "./observed";

/** What a plan has to say about it, by type of resource. */
export const DRIFT = [
  "aws_api_gateway_method_settings will be updated in-place",
  "aws_api_gateway_rest_api will be updated in-place",
  "aws_api_gateway_stage will be updated in-place",
  "aws_cloudwatch_log_group will be updated in-place",
  "aws_cognito_identity_pool will be updated in-place",
  "aws_cognito_identity_pool_roles_attachment must be replaced",
  "aws_iam_role will be updated in-place",
  "aws_iam_role_policy will be created",
  "aws_iam_role_policy_attachment will be created",
  "aws_lambda_function will be updated in-place",
  "aws_lambda_permission will be created",
];

export async function drift(clients: Clients, varied: Varied, stageName: string): Promise<void> {
  await driftIdentities(clients, varied.varied_pool_id);
  await driftRole(clients, varied.varied_role_name);
  await driftFunction(clients, varied.varied_function_name);
  await driftApi(clients, varied.varied_api_id, stageName);
}

async function driftIdentities({ cognito }: Clients, IdentityPoolId: string): Promise<void> {
  const pool = await cognito.send(new DescribeIdentityPoolCommand({ IdentityPoolId }));
  await cognito.send(
    new UpdateIdentityPoolCommand({
      ...pool,
      IdentityPoolId,
      IdentityPoolName: pool.IdentityPoolName,
      AllowUnauthenticatedIdentities: false,
      AllowClassicFlow: false,
      SupportedLoginProviders: {},
    }),
  );
  await cognito.send(new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles: {} }));
}

async function driftRole({ iam }: Clients, RoleName: string): Promise<void> {
  await iam.send(new UpdateRoleCommand({ RoleName, Description: "Somebody's", MaxSessionDuration: 43_200 }));
  await iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: "revision", Value: "mine" }] }));
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "inline" }));
  const { AttachedPolicies: attached } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: attached?.[0]?.PolicyArn }));
}

async function driftFunction({ lambda, logs }: Clients, FunctionName: string): Promise<void> {
  await lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 128, Environment: { Variables: {} } }),
  );
  await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 10 }, { FunctionName });
  const { Policy: policy = "" } = await lambda.send(new GetPolicyCommand({ FunctionName }));
  const StatementId = JSON.parse(policy).Statement[0].Sid;
  await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
  await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: `/aws/lambda/${FunctionName}` }));
}

async function driftApi({ gateway }: Clients, restApiId: string, stageName: string): Promise<void> {
  const replace = (path: string, value: string) => [{ op: "replace" as const, path, value }];
  await gateway.send(
    new UpdateRestApiCommand({ restApiId, patchOperations: replace("/description", "Somebody's") }),
  );
  await gateway.send(
    new UpdateStageCommand({
      restApiId,
      stageName,
      patchOperations: [
        ...replace("/variables/colour", "red"),
        ...replace("/*/*/throttling/rateLimit", "1000"),
      ],
    }),
  );
}
