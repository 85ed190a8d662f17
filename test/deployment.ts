/** Deploys the flow by plain SDK calls, whole or with a fault in it: what Terraform would make, in a tenth of the time. */
import { join } from "node:path";
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  CreateStageCommand,
  GetResourcesCommand,
  PutIntegrationCommand,
  PutMethodCommand,
} from "@aws-sdk/client-api-gateway";
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { buildSync } from "esbuild";
import { zipSync } from "fflate";
import type { LocalAws } from "../local-aws";

const DEVELOPER_PROVIDER = "login.developer.example";
const STAGE = "dev";
/** The first is granted to the authenticated role, the second to nobody. */
const ROUTES = ["hello", "restricted"] as const;

export interface DeploymentFaults {
  /** The authenticated role may not invoke anything. */
  readonly withoutInvokeGrant?: boolean;
  /** API Gateway may not invoke the function. */
  readonly withoutLambdaPermission?: boolean;
  /** The pool has no roles. */
  readonly withoutRolesAttachment?: boolean;
  /** The trust policy demands this audience. @default the pool */
  readonly trustedAudience?: string;
}

/** Outputs under the names that the stacks give them. */
export interface DeploymentOutputs {
  readonly region: string;
  readonly identity_pool_id: string;
  readonly developer_provider_name: string;
  readonly authenticated_role_arn: string;
  readonly invoke_url: string;
}

/** Deploys into the account and returns the outputs. */
export async function deployByHand(
  local: LocalAws,
  faults: DeploymentFaults = {},
): Promise<DeploymentOutputs> {
  const { region, endpoint, credentials } = local;
  const connection = { region, endpoint, credentials };
  const clients = {
    cognito: new CognitoIdentityClient(connection),
    iam: new IAMClient(connection),
    lambda: new LambdaClient(connection),
    api: new APIGatewayClient(connection),
  };
  try {
    const pool = await createPool(clients.cognito, clients.iam, faults);
    const functionArn = await createFunction(clients.lambda, clients.iam);
    const apiId = await createApi(clients.api, functionArn, region);
    const routeArn = (route: string) =>
      `arn:aws:execute-api:${region}:${local.accountId}:${apiId}/${STAGE}/GET/${route}`;

    if (!faults.withoutLambdaPermission) {
      for (const route of ROUTES) {
        await clients.lambda.send(
          new AddPermissionCommand({
            FunctionName: functionArn,
            StatementId: route,
            Action: "lambda:InvokeFunction",
            Principal: "apigateway.amazonaws.com",
            SourceArn: routeArn(route),
          }),
        );
      }
    }
    if (!faults.withoutInvokeGrant) {
      await clients.iam.send(
        new PutRolePolicyCommand({
          RoleName: pool.roleName,
          PolicyName: "invoke",
          PolicyDocument: policy({
            Effect: "Allow",
            Action: "execute-api:Invoke",
            Resource: routeArn(ROUTES[0]),
          }),
        }),
      );
    }
    return {
      region,
      identity_pool_id: pool.id,
      developer_provider_name: DEVELOPER_PROVIDER,
      authenticated_role_arn: pool.roleArn,
      invoke_url: `https://${apiId}.execute-api.${region}.amazonaws.com/${STAGE}`,
    };
  } finally {
    for (const client of Object.values(clients)) {
      client.destroy();
    }
  }
}

async function createPool(cognito: CognitoIdentityClient, iam: IAMClient, faults: DeploymentFaults) {
  const { IdentityPoolId: id } = await cognito.send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: "by-hand",
      DeveloperProviderName: DEVELOPER_PROVIDER,
      AllowUnauthenticatedIdentities: false,
      AllowClassicFlow: false,
    }),
  );
  const roleName = "by-hand-authenticated";
  const { Role: role } = await iam.send(
    new CreateRoleCommand({
      RoleName: roleName,
      AssumeRolePolicyDocument: policy({
        Effect: "Allow",
        Principal: { Federated: "cognito-identity.amazonaws.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { "cognito-identity.amazonaws.com:aud": faults.trustedAudience ?? id },
          "ForAnyValue:StringEquals": { "cognito-identity.amazonaws.com:amr": DEVELOPER_PROVIDER },
        },
      }),
    }),
  );
  const roleArn = present(role?.Arn);
  if (!faults.withoutRolesAttachment) {
    await cognito.send(
      new SetIdentityPoolRolesCommand({ IdentityPoolId: id, Roles: { authenticated: roleArn } }),
    );
  }
  return { id: present(id), roleName, roleArn };
}

/** The project's own function, bundled and zipped. */
async function createFunction(lambda: LambdaClient, iam: IAMClient): Promise<string> {
  const { Role: role } = await iam.send(
    new CreateRoleCommand({
      RoleName: "by-hand-function",
      AssumeRolePolicyDocument: policy({
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
      }),
    }),
  );
  const bundle = buildSync({
    entryPoints: [join(__dirname, "../functions/hello.ts")],
    bundle: true,
    platform: "node",
    write: false,
  });
  const { FunctionArn: functionArn } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: "by-hand-hello",
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: present(role?.Arn),
      Code: { ZipFile: zipSync({ "index.js": present(bundle.outputFiles[0]).contents }) },
      Environment: { Variables: { DEVELOPER_PROVIDER_NAME: DEVELOPER_PROVIDER } },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 10 }, { FunctionName: functionArn });
  return present(functionArn);
}

async function createApi(api: APIGatewayClient, functionArn: string, region: string): Promise<string> {
  const { id: restApiId } = await api.send(new CreateRestApiCommand({ name: "by-hand" }));
  const { items = [] } = await api.send(new GetResourcesCommand({ restApiId }));
  const parentId = items.find((resource) => resource.path === "/")?.id;
  for (const pathPart of ROUTES) {
    const { id: resourceId } = await api.send(new CreateResourceCommand({ restApiId, parentId, pathPart }));
    const route = { restApiId, resourceId, httpMethod: "GET" };
    await api.send(new PutMethodCommand({ ...route, authorizationType: "AWS_IAM" }));
    await api.send(
      new PutIntegrationCommand({
        ...route,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
      }),
    );
  }
  const { id: deploymentId } = await api.send(new CreateDeploymentCommand({ restApiId }));
  await api.send(new CreateStageCommand({ restApiId, deploymentId, stageName: STAGE }));
  return present(restApiId);
}

function policy(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

function present<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("The service's answer lacks a member that the deployment needs.");
  }
  return value;
}
