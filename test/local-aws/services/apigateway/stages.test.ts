import {
  CreateDeploymentCommand,
  CreateStageCommand,
  DeleteDeploymentCommand,
  DeleteStageCommand,
  GetAccountCommand,
  GetDeploymentCommand,
  GetDeploymentsCommand,
  GetStageCommand,
  GetStagesCommand,
  type PatchOperation,
  PutMethodCommand,
  UpdateAccountCommand,
  UpdateDeploymentCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { ApiGatewayAccount, refusal, remove, replace } from "../../../support/apigateway-account";

let account: ApiGatewayAccount;

beforeAll(async () => {
  account = await ApiGatewayAccount.start();
});

afterAll(() => account.stop());

describe("deployments and stages", () => {
  test("need something to deploy", async () => {
    const { restApiId, root } = await account.newApi();
    const deploy = () => refusal(account.client.send(new CreateDeploymentCommand({ restApiId })));
    expect(await deploy()).toEqual(["BadRequestException", 400, "The REST API doesn't contain any methods"]);
    await account.client.send(
      new PutMethodCommand({ restApiId, resourceId: root, httpMethod: "GET", authorizationType: "NONE" }),
    );
    expect(await deploy()).toEqual(["BadRequestException", 400, "No integration defined for method"]);
  });

  test("a deployment is read, described and deleted when no stage needs it", async () => {
    const { restApiId, deploymentId } = await account.newDeployedApi();
    await account.client.send(
      new UpdateDeploymentCommand({
        restApiId,
        deploymentId,
        patchOperations: [replace("/description", "first")],
      }),
    );
    const read = await account.client.send(
      new GetDeploymentCommand({ restApiId, deploymentId, embed: ["apisummary"] }),
    );
    expect(read).toMatchObject({
      id: deploymentId,
      description: "first",
      apiSummary: { "/": { GET: { authorizationType: "NONE", apiKeyRequired: false } } },
    });
    await account.client.send(new CreateStageCommand({ restApiId, deploymentId, stageName: "dev" }));
    expect(
      await refusal(account.client.send(new DeleteDeploymentCommand({ restApiId, deploymentId }))),
    ).toEqual([
      "BadRequestException",
      400,
      "Active stages pointing to this deployment must be moved or deleted",
    ]);
    const next = await account.client.send(new CreateDeploymentCommand({ restApiId, stageName: "dev" }));
    expect(
      (await account.client.send(new GetStageCommand({ restApiId, stageName: "dev" }))).deploymentId,
    ).toBe(next.id);
    await account.client.send(new DeleteDeploymentCommand({ restApiId, deploymentId }));
    const { items } = await account.client.send(new GetDeploymentsCommand({ restApiId }));
    expect(items?.map(({ id }) => id)).toEqual([next.id]);
  });

  test("a stage is created, patched and deleted", async () => {
    const { restApiId, deploymentId } = await account.newDeployedApi();
    const dev = { restApiId, stageName: "dev" };
    const created = await account.client.send(
      new CreateStageCommand({
        ...dev,
        deploymentId,
        variables: { a: "1" },
        tracingEnabled: true,
        tags: { t: "x" },
      }),
    );
    expect(created).toMatchObject({
      stageName: "dev",
      deploymentId,
      cacheClusterEnabled: false,
      methodSettings: {},
      variables: { a: "1" },
      tracingEnabled: true,
      tags: { t: "x" },
    });
    const patchOperations = [
      replace("/description", "for developers"),
      replace("/variables/b", "2"),
      remove("/variables/a"),
      replace("/tracingEnabled", "false"),
    ];
    expect(await account.client.send(new UpdateStageCommand({ ...dev, patchOperations }))).toMatchObject({
      description: "for developers",
      variables: { b: "2" },
      tracingEnabled: false,
    });
    const { item } = await account.client.send(new GetStagesCommand({ restApiId, deploymentId }));
    expect(item?.map(({ stageName }) => stageName)).toEqual(["dev"]);
    await account.client.send(new DeleteStageCommand(dev));
    expect(await refusal(account.client.send(new GetStageCommand(dev)))).toEqual([
      "NotFoundException",
      404,
      "Invalid stage identifier specified",
    ]);
  });

  test("stages refuse what they can't be", async () => {
    const { restApiId, deploymentId } = await account.newDeployedApi();
    const create = (input: object) =>
      account.client.send(new CreateStageCommand({ restApiId, deploymentId, stageName: "dev", ...input }));
    expect((await refusal(create({ stageName: "a b" })))[2]).toBe("Stage name only allows a-zA-Z0-9_-");
    expect((await refusal(create({ deploymentId: "nope" })))[2]).toBe("Deployment id does not exist");
    expect((await refusal(create({ variables: { "a b": "1" } })))[0]).toBe("BadRequestException");
    expect((await refusal(create({ cacheClusterEnabled: true })))[2]).toMatch(
      /^Local AWS does not offer 'cacheClusterEnabled': leave response caching off/,
    );
    await create({});
    expect(await refusal(create({}))).toEqual(["ConflictException", 409, "Stage already exists"]);
  });

  test("method settings come and go by patches of the stage", async () => {
    const { restApiId, deploymentId } = await account.newDeployedApi();
    const dev = { restApiId, stageName: "dev" };
    await account.client.send(new CreateStageCommand({ ...dev, deploymentId }));
    const patch = (...patchOperations: PatchOperation[]) =>
      account.client.send(new UpdateStageCommand({ ...dev, patchOperations }));
    const { methodSettings } = await patch(
      replace("/*/*/throttling/burstLimit", "5"),
      replace("/*/*/throttling/rateLimit", "10.000000"),
      replace("/users/{user}/GET/metrics/enabled", "true"),
      replace("/~1orders/POST/throttling/rateLimit", "1"),
    );
    expect(methodSettings).toMatchObject({
      "*/*": {
        throttlingBurstLimit: 5,
        throttlingRateLimit: 10,
        loggingLevel: "OFF",
        metricsEnabled: false,
        cachingEnabled: false,
        cacheTtlInSeconds: 300,
      },
      "users/{user}/GET": { metricsEnabled: true, throttlingBurstLimit: 5 },
      "~1orders/POST": { throttlingRateLimit: 1 },
    });
    expect(Object.keys((await patch(remove("/*/*"))).methodSettings ?? {})).not.toContain("*/*");
    expect((await refusal(patch(remove("/*/*"))))[2]).toBe(
      "Cannot remove method setting */* because there is no method setting for this method",
    );
    expect((await refusal(patch(replace("/*/*/throttling/colour", "1"))))[2]).toMatch(
      /^Invalid method setting path: \/\*\/\*\/throttling\/colour\. Must be one of: \[/,
    );
    expect((await refusal(patch(replace("/*/*/throttling/rateLimit", "fast"))))[0]).toBe(
      "BadRequestException",
    );
  });

  test("logging needs the account's role", async () => {
    const { restApiId, deploymentId } = await account.newDeployedApi();
    const dev = { restApiId, stageName: "dev" };
    await account.client.send(new CreateStageCommand({ ...dev, deploymentId }));
    const logTo = (destinationArn: string, format: string) =>
      account.client.send(
        new UpdateStageCommand({
          ...dev,
          patchOperations: [
            replace("/accessLogSettings/destinationArn", destinationArn),
            replace("/accessLogSettings/format", format),
          ],
        }),
      );
    const group = `arn:aws:logs:${account.aws.region}:${account.aws.accountId}:log-group:/api/dev`;
    const format = "$context.requestId $context.status";
    expect((await refusal(logTo(group, format)))[2]).toBe(
      "CloudWatch Logs role ARN must be set in account settings to enable logging",
    );

    const iam = new IAMClient({
      endpoint: account.aws.endpoint,
      region: account.aws.region,
      credentials: account.aws.credentials,
    });
    const roleFor = async (service: string) => {
      const trust = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
      };
      const RoleName = `for-${service.split(".")[0]}`;
      const { Role } = await iam.send(
        new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }),
      );
      return Role?.Arn as string;
    };
    const setRole = async (arn: string) =>
      account.client.send(
        new UpdateAccountCommand({ patchOperations: [replace("/cloudwatchRoleArn", arn)] }),
      );
    const distrustful = await roleFor("lambda.amazonaws.com");
    expect((await refusal(setRole(distrustful)))[2]).toMatch(
      /^The role ARN does not have required permissions configured/,
    );
    const trusting = await roleFor("apigateway.amazonaws.com");
    await setRole(trusting);
    expect(await account.client.send(new GetAccountCommand({}))).toMatchObject({
      cloudwatchRoleArn: trusting,
      throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
    });
    iam.destroy();

    expect((await logTo(`${group}:*`, format)).accessLogSettings).toEqual({ destinationArn: group, format });
    expect((await refusal(logTo("arn:aws:s3:::bucket", format)))[0]).toBe("BadRequestException");
    expect((await refusal(logTo(group, "$context.status")))[0]).toBe("BadRequestException");
    const off = await account.client.send(
      new UpdateStageCommand({ ...dev, patchOperations: [remove("/accessLogSettings")] }),
    );
    expect(off.accessLogSettings).toBeUndefined();
  });
});

describe("names that JavaScript knows", () => {
  const NAMES = ["__proto__", "constructor", "toString"];

  test.each(NAMES)("a stage may be called %s", async (stageName) => {
    const { restApiId, deploymentId } = await account.newDeployedApi();
    const at = { restApiId, stageName };
    expect(await refusal(account.client.send(new GetStageCommand(at)))).toEqual([
      "NotFoundException",
      404,
      "Invalid stage identifier specified",
    ]);
    await account.client.send(new CreateStageCommand({ ...at, deploymentId }));
    expect(await account.client.send(new GetStageCommand(at))).toMatchObject({ stageName, deploymentId });
    await account.client.send(new DeleteStageCommand(at));
    expect((await refusal(account.client.send(new GetStageCommand(at))))[0]).toBe("NotFoundException");
  });

  test.each(NAMES)("a stage variable may be called %s", async (name) => {
    const { restApiId, deploymentId } = await account.newDeployedApi();
    const at = { restApiId, stageName: "dev" };
    await account.client.send(new CreateStageCommand({ ...at, deploymentId }));
    const patch = (operation: PatchOperation) =>
      account.client.send(new UpdateStageCommand({ ...at, patchOperations: [operation] }));
    // The SDK itself loses `__proto__` when it reads, so the account is asked what it holds by taking it away.
    await patch(replace(`/variables/${name}`, "1"));
    const { variables } = await patch(replace("/variables/other", "2"));
    if (name !== "__proto__") {
      expect(variables).toEqual({ [name]: "1", other: "2" });
    }
    expect((await refusal(patch(replace(`/variables/${name}`, "not a value"))))[0]).toBe(
      "BadRequestException",
    );
  });
});
