/**
 * What version 6 of the Terraform provider reads without asking whether it is there, or waits for, through AWS's SDK: nobody
 * applied provider 6 on local AWS, its source and change log say this.
 */
import {
  CreateRestApiCommand,
  GetAccountCommand,
  GetDeploymentsCommand,
  GetIntegrationCommand,
  GetResourcesCommand,
  GetRestApiCommand,
  GetStagesCommand,
  PutRestApiCommand,
  UpdateAccountCommand,
  UpdateRestApiCommand,
} from "@aws-sdk/client-api-gateway";
import {
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  PutLogGroupDeletionProtectionCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  DeleteRoleCommand,
  GetRoleCommand,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import {
  DeleteFunctionCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { deployWithSdk } from "../../scripts/sdk-deployment";
import { Clients } from "../e2e/life-cycle/clients";
import { replace } from "../support/apigateway-account";

let aws: LocalAws;
let clients: Clients;
let restApiId: string;
let functionName: string;
let roleName: string;

beforeAll(async () => {
  aws = await startLocalAws();
  clients = new Clients(aws);
  const { invoke_url, authenticated_role_arn } = await deployWithSdk(aws, {
    throttled: { rate: 5, burst: 5 },
  });
  restApiId = new URL(invoke_url).hostname.split(".")[0] as string;
  roleName = authenticated_role_arn.split("/").at(-1) as string;
  const { Functions = [] } = await clients.lambda.send(new ListFunctionsCommand({}));
  functionName = Functions[0]?.FunctionName as string;
});

afterAll(async () => {
  clients.close();
  await aws.stop();
});

describe("aws_api_gateway_rest_api", () => {
  const AVAILABLE = {
    apiStatus: "AVAILABLE",
    createdDate: expect.any(Date),
    endpointConfiguration: { types: ["REGIONAL"], ipAddressType: "ipv4" },
  };

  test("is available in every answer, with its endpoint configuration", async () => {
    const { gateway } = clients;
    const created = await gateway.send(
      new CreateRestApiCommand({ name: "six", endpointConfiguration: { types: ["REGIONAL"] } }),
    );
    const api = { restApiId: created.id as string };
    const body = Buffer.from(
      JSON.stringify({ openapi: "3.0.1", info: { title: "six", version: "1" }, paths: {} }),
    );
    const put = await gateway.send(new PutRestApiCommand({ ...api, mode: "overwrite", body }));
    const updated = await gateway.send(
      new UpdateRestApiCommand({
        ...api,
        patchOperations: [
          { op: "replace", path: "/minimumCompressionSize" },
          replace("/endpointConfiguration/ipAddressType", "ipv4"),
          replace("/endpointConfiguration/types/0", "REGIONAL"),
        ],
      }),
    );
    const read = await gateway.send(new GetRestApiCommand(api));
    for (const answer of [created, put, updated, read]) {
      expect(answer).toMatchObject(AVAILABLE);
    }
  });

  test("has a root", async () => {
    const { items = [] } = await clients.gateway.send(new GetResourcesCommand({ restApiId }));
    expect(items.map(({ path }) => path)).toContain("/");
  });

  test("its policy is escaped, to be quoted, parsed and unquoted", async () => {
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "*" }],
    });
    const patchOperations = [replace("/policy", policy)];
    await clients.gateway.send(new UpdateRestApiCommand({ restApiId, patchOperations }));
    const read = await clients.gateway.send(new GetRestApiCommand({ restApiId }));
    expect(JSON.parse(JSON.parse(`"${read.policy}"`))).toEqual(JSON.parse(policy));
    await clients.gateway.send(
      new UpdateRestApiCommand({ restApiId, patchOperations: [replace("/policy", "")] }),
    );
    expect(await clients.gateway.send(new GetRestApiCommand({ restApiId }))).not.toHaveProperty("policy");
  });
});

test("aws_api_gateway_integration has a transfer mode", async () => {
  const { items = [] } = await clients.gateway.send(new GetResourcesCommand({ restApiId }));
  const resourceId = items.find(({ path }) => path === "/hello")?.id;
  const integration = new GetIntegrationCommand({ restApiId, resourceId, httpMethod: "GET" });
  expect(await clients.gateway.send(integration)).toMatchObject({
    type: "AWS_PROXY",
    httpMethod: "POST",
    uri: expect.any(String),
    passthroughBehavior: "WHEN_NO_MATCH",
    timeoutInMillis: 29_000,
    cacheNamespace: resourceId,
    responseTransferMode: "BUFFERED",
  });
});

test("aws_api_gateway_deployment, aws_api_gateway_stage and aws_api_gateway_method_settings", async () => {
  const { items: deployments = [] } = await clients.gateway.send(new GetDeploymentsCommand({ restApiId }));
  const { item: stages = [] } = await clients.gateway.send(new GetStagesCommand({ restApiId }));
  expect(deployments).toMatchObject([{ id: stages[0]?.deploymentId, createdDate: expect.any(Date) }]);
  expect(stages[0]?.methodSettings).toHaveProperty(["*/*"]);
});

test("aws_api_gateway_account is reset on destroy", async () => {
  const patchOperations = [{ op: "replace", path: "/cloudwatchRoleArn" }] as const;
  await clients.gateway.send(new UpdateAccountCommand({ patchOperations: [...patchOperations] }));
  expect(await clients.gateway.send(new GetAccountCommand({}))).toMatchObject({
    throttleSettings: { burstLimit: expect.any(Number), rateLimit: expect.any(Number) },
    features: expect.any(Array),
    apiKeyVersion: expect.any(String),
  });
});

test("aws_cloudwatch_log_group is read by prefix and protected by its ARN", async () => {
  await clients.logs.send(new CreateLogGroupCommand({ logGroupName: "six" }));
  const describe = new DescribeLogGroupsCommand({ logGroupNamePrefix: "six" });
  const [group] = (await clients.logs.send(describe)).logGroups ?? [];
  expect(group).toMatchObject({ logGroupName: "six", logGroupClass: "STANDARD", arn: expect.any(String) });
  const protection = { logGroupIdentifier: group?.logGroupArn, deletionProtectionEnabled: true };
  await clients.logs.send(new PutLogGroupDeletionProtectionCommand(protection));
  expect((await clients.logs.send(describe)).logGroups).toMatchObject([{ deletionProtectionEnabled: true }]);
});

describe("aws_lambda_function", () => {
  test("is active and has nothing that was not asked for", async () => {
    const { Code, Configuration } = await clients.lambda.send(
      new GetFunctionCommand({ FunctionName: functionName }),
    );
    expect(Code).toMatchObject({ RepositoryType: "S3" });
    expect(Configuration).toMatchObject({
      State: "Active",
      PackageType: "Zip",
      TracingConfig: { Mode: "PassThrough" },
      LoggingConfig: { LogGroup: `/aws/lambda/${functionName}` },
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: "None" },
    });
    for (const unset of ["CapacityProviderConfig", "DurableConfig", "TenancyConfig"]) {
      expect(Configuration).not.toHaveProperty(unset);
    }
  });

  test("is successful after an update, and so is a version", async () => {
    const name = { FunctionName: functionName };
    await clients.lambda.send(new UpdateFunctionConfigurationCommand({ ...name, Description: "six" }));
    const read = await clients.lambda.send(new GetFunctionCommand(name));
    expect(read.Configuration?.LastUpdateStatus).toBe("Successful");
    const { Version } = await clients.lambda.send(new PublishVersionCommand(name));
    const versions = new ListVersionsByFunctionCommand({ ...name, MaxItems: 10_000 });
    expect((await clients.lambda.send(versions)).Versions?.at(-1)).toMatchObject({ Version });
    expect(
      await clients.lambda.send(new GetFunctionConfigurationCommand({ ...name, Qualifier: Version })),
    ).toMatchObject({ LastUpdateStatus: "Successful" });
  });

  test("answers for code signing", async () => {
    const answer = await clients.lambda.send(
      new GetFunctionCodeSigningConfigCommand({ FunctionName: functionName }),
    );
    expect(answer.$metadata.httpStatusCode).toBe(200);
  });
});

test("aws_lambda_permission is one statement with single strings", async () => {
  const { Policy = "" } = await clients.lambda.send(new GetPolicyCommand({ FunctionName: functionName }));
  for (const statement of JSON.parse(Policy).Statement) {
    expect(statement).toMatchObject({
      Action: "lambda:InvokeFunction",
      Resource: expect.stringMatching(/^arn:aws:lambda:/),
      Principal: { Service: "apigateway.amazonaws.com" },
      Condition: { ArnLike: { "AWS:SourceArn": expect.stringMatching(/^arn:aws:execute-api:/) } },
    });
  }
});

test("aws_iam_role is read with its policies and goes with its instance profiles looked up", async () => {
  const role = { RoleName: roleName };
  const { Role } = await clients.iam.send(new GetRoleCommand(role));
  expect(Role).toMatchObject({ Arn: expect.stringMatching(/^arn:aws:iam::/), CreateDate: expect.any(Date) });
  expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""))).toHaveProperty("Statement");
  expect((await clients.iam.send(new ListRolePoliciesCommand(role))).PolicyNames).toHaveLength(1);
  expect((await clients.iam.send(new ListAttachedRolePoliciesCommand(role))).AttachedPolicies).toEqual([]);
  expect((await clients.iam.send(new ListInstanceProfilesForRoleCommand(role))).InstanceProfiles).toEqual([]);
  await expect(clients.iam.send(new DeleteRoleCommand(role))).rejects.toMatchObject({
    name: "DeleteConflictException",
  });
});

test("aws_lambda_function is gone once it is deleted", async () => {
  const name = { FunctionName: functionName };
  await clients.lambda.send(new DeleteFunctionCommand(name));
  await expect(clients.lambda.send(new GetFunctionCommand(name))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});
