import {
  APIGatewayClient,
  type APIGatewayServiceException,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  CreateStageCommand,
  DeleteDeploymentCommand,
  DeleteGatewayResponseCommand,
  DeleteIntegrationCommand,
  DeleteIntegrationResponseCommand,
  DeleteMethodCommand,
  DeleteMethodResponseCommand,
  DeleteResourceCommand,
  DeleteRestApiCommand,
  DeleteStageCommand,
  GetAccountCommand,
  GetDeploymentCommand,
  GetDeploymentsCommand,
  GetGatewayResponseCommand,
  GetGatewayResponsesCommand,
  GetIntegrationCommand,
  GetIntegrationResponseCommand,
  GetMethodCommand,
  GetMethodResponseCommand,
  GetResourceCommand,
  GetResourcesCommand,
  GetRestApiCommand,
  GetRestApisCommand,
  GetStageCommand,
  GetStagesCommand,
  GetTagsCommand,
  type PatchOperation,
  PutGatewayResponseCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAccountCommand,
  UpdateDeploymentCommand,
  UpdateGatewayResponseCommand,
  UpdateIntegrationCommand,
  UpdateIntegrationResponseCommand,
  UpdateMethodCommand,
  UpdateMethodResponseCommand,
  UpdateResourceCommand,
  UpdateRestApiCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { identitySession } from "./identity-session";

const FUNCTION_URI =
  "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations";

let aws: LocalAws;
let client: APIGatewayClient;

beforeAll(async () => {
  aws = await startLocalAws();
  client = new APIGatewayClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
});

afterAll(async () => {
  client.destroy();
  await aws.stop();
});

/** An API with nothing but its root. */
async function newApi(): Promise<{ restApiId: string; root: string }> {
  const { id, rootResourceId } = await client.send(new CreateRestApiCommand({ name: "test" }));
  return { restApiId: id as string, root: rootResourceId as string };
}

/** An API whose root answers GET from a template, and a deployment of it. */
async function newDeployedApi() {
  const { restApiId, root } = await newApi();
  const get = { restApiId, resourceId: root, httpMethod: "GET" };
  await client.send(new PutMethodCommand({ ...get, authorizationType: "NONE" }));
  await client.send(new PutIntegrationCommand({ ...get, type: "MOCK" }));
  const { id } = await client.send(new CreateDeploymentCommand({ restApiId, stageName: "" }));
  return { restApiId, root, get, deploymentId: id as string };
}

/** The class, status and message of a refusal. */
async function refusal(
  answer: Promise<unknown>,
): Promise<[name: string, status: number | undefined, message: string]> {
  const error = (await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  )) as APIGatewayServiceException | undefined;
  if (error === undefined) throw new Error("the call was expected to be refused");
  return [error.name, error.$metadata.httpStatusCode, error.message];
}

const replace = (path: string, value: string): PatchOperation => ({ op: "replace", path, value });
const add = (path: string, value?: string): PatchOperation => ({ op: "add", path, value });
const remove = (path: string): PatchOperation => ({ op: "remove", path });

describe("REST APIs", () => {
  test("are created, read, listed and deleted", async () => {
    const before = Date.now();
    const created = await client.send(
      new CreateRestApiCommand({
        name: "orders",
        description: "takes orders",
        endpointConfiguration: { types: ["REGIONAL"] },
        binaryMediaTypes: ["image/png"],
        tags: { team: "shop" },
      }),
    );
    expect(created.$metadata.httpStatusCode).toBe(201);
    expect(created).toMatchObject({
      id: expect.stringMatching(/^[a-z0-9]{10}$/),
      name: "orders",
      description: "takes orders",
      apiKeySource: "HEADER",
      endpointConfiguration: { types: ["REGIONAL"], ipAddressType: "ipv4" },
      binaryMediaTypes: ["image/png"],
      tags: { team: "shop" },
      disableExecuteApiEndpoint: false,
    });
    expect(created.createdDate?.getTime()).toBeGreaterThanOrEqual(before - 1000);
    const restApiId = created.id;
    const { $metadata: _, ...read } = await client.send(new GetRestApiCommand({ restApiId }));
    expect(created).toMatchObject(read);
    const { items } = await client.send(new GetRestApisCommand({ limit: 500 }));
    expect(items?.map(({ id }) => id)).toContain(restApiId);
    const { items: resources } = await client.send(new GetResourcesCommand({ restApiId }));
    expect(resources).toEqual([{ id: created.rootResourceId, path: "/" }]);
    expect((await client.send(new DeleteRestApiCommand({ restApiId }))).$metadata.httpStatusCode).toBe(202);
    expect(await refusal(client.send(new GetRestApiCommand({ restApiId })))).toEqual([
      "NotFoundException",
      404,
      `Invalid API identifier specified ${aws.accountId}:${restApiId}`,
    ]);
  });

  test("are updated by patches, all of them or none", async () => {
    const { restApiId } = await newApi();
    const patchOperations = [
      replace("/name", "renamed"),
      replace("/description", "new"),
      add("/binaryMediaTypes/image~1png"),
      add("/binaryMediaTypes/application~1pdf"),
      remove("/binaryMediaTypes/image~1png"),
      replace("/endpointConfiguration/types/0", "REGIONAL"),
      replace("/minimumCompressionSize", "1024"),
      replace("/disableExecuteApiEndpoint", "true"),
      replace("/apiKeySource", "AUTHORIZER"),
    ];
    const changed = {
      name: "renamed",
      description: "new",
      binaryMediaTypes: ["application/pdf"],
      endpointConfiguration: { types: ["REGIONAL"], ipAddressType: "ipv4" },
      minimumCompressionSize: 1024,
      disableExecuteApiEndpoint: true,
      apiKeySource: "AUTHORIZER",
    };
    expect(await client.send(new UpdateRestApiCommand({ restApiId, patchOperations }))).toMatchObject(
      changed,
    );
    const halfWrong = [replace("/name", "again"), replace("/colour", "blue")];
    const [name, status, message] = await refusal(
      client.send(new UpdateRestApiCommand({ restApiId, patchOperations: halfWrong })),
    );
    expect([name, status]).toEqual(["BadRequestException", 400]);
    expect(message).toContain(
      "Invalid patch path  '/colour' specified for op 'replace'. Must be one of: [/name, ",
    );
    expect(await client.send(new GetRestApiCommand({ restApiId }))).toMatchObject(changed);
  });

  test.each(["/constructor", "/__proto__/x", "name", ""])("refuse the patch path '%s'", async (path) => {
    const { restApiId } = await newApi();
    const patchOperations = [replace(path, "x")];
    const [name] = await refusal(client.send(new UpdateRestApiCommand({ restApiId, patchOperations })));
    expect(name).toBe("BadRequestException");
  });

  test("keep a resource policy with its shorthand written out", async () => {
    const { restApiId } = await newApi();
    const statement = { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke" };
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ ...statement, Resource: ["execute-api:/dev/GET/*", "execute-api:/*"] }],
    });
    const answer = await client.send(
      new UpdateRestApiCommand({ restApiId, patchOperations: [replace("/policy", policy)] }),
    );
    const base = `arn:aws:execute-api:${aws.region}:${aws.accountId}:${restApiId}`;
    // The policy is answered as the inside of a JSON string.
    expect(JSON.parse(JSON.parse(`"${answer.policy}"`))).toEqual({
      Version: "2012-10-17",
      Statement: [{ ...statement, Resource: [`${base}/dev/GET/*`, `${base}/*`] }],
    });
    const emptied = await client.send(
      new UpdateRestApiCommand({ restApiId, patchOperations: [replace("/policy", "")] }),
    );
    expect(emptied.policy).toBeUndefined();
  });

  test.each([
    ["malformed JSON", "{"],
    ["a list", "[]"],
    ["no principal", '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'],
    ["more than 8,192 bytes", `"${"x".repeat(9000)}"`],
  ])("refuse a resource policy with %s", async (_, policy) => {
    const [name, , message] = await refusal(client.send(new CreateRestApiCommand({ name: "x", policy })));
    expect(name).toBe("BadRequestException");
    expect(message).toMatch(/^Invalid policy document\./);
  });

  test("are listed in pages", async () => {
    await aws.reset();
    const names = ["a", "b", "c"];
    for (const name of names) await client.send(new CreateRestApiCommand({ name }));
    const first = await client.send(new GetRestApisCommand({ limit: 2 }));
    const second = await client.send(new GetRestApisCommand({ limit: 2, position: first.position }));
    expect([...(first.items ?? []), ...(second.items ?? [])].map(({ name }) => name)).toEqual(names);
    expect(second.position).toBeUndefined();
  });

  test("are tagged, like stages", async () => {
    const { restApiId, deploymentId } = await newDeployedApi();
    await client.send(new CreateStageCommand({ restApiId, deploymentId, stageName: "dev" }));
    for (const path of [`/restapis/${restApiId}`, `/restapis/${restApiId}/stages/dev`]) {
      const resourceArn = `arn:aws:apigateway:${aws.region}::${path}`;
      await client.send(new TagResourceCommand({ resourceArn, tags: { a: "1", b: "2", c: "3" } }));
      await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["a", "b"] }));
      await client.send(new TagResourceCommand({ resourceArn, tags: { d: "4" } }));
      expect((await client.send(new GetTagsCommand({ resourceArn }))).tags).toEqual({ c: "3", d: "4" });
    }
    expect((await client.send(new GetRestApiCommand({ restApiId }))).tags).toEqual({ c: "3", d: "4" });
    const [name] = await refusal(client.send(new GetTagsCommand({ resourceArn: "arn:aws:s3:::bucket" })));
    expect(name).toBe("BadRequestException");
  });
});

describe("resources", () => {
  test("form a tree that is moved and deleted with its branches", async () => {
    const { restApiId, root } = await newApi();
    const users = await client.send(
      new CreateResourceCommand({ restApiId, parentId: root, pathPart: "users" }),
    );
    const user = await client.send(
      new CreateResourceCommand({ restApiId, parentId: users.id, pathPart: "{user}" }),
    );
    expect(user).toMatchObject({ parentId: users.id, pathPart: "{user}", path: "/users/{user}" });
    await client.send(
      new UpdateResourceCommand({
        restApiId,
        resourceId: users.id,
        patchOperations: [replace("/pathPart", "people")],
      }),
    );
    expect((await client.send(new GetResourceCommand({ restApiId, resourceId: user.id }))).path).toBe(
      "/people/{user}",
    );
    const below = [replace("/parentId", user.id as string)];
    expect(
      (
        await refusal(
          client.send(new UpdateResourceCommand({ restApiId, resourceId: users.id, patchOperations: below })),
        )
      )[0],
    ).toBe("BadRequestException");
    await client.send(new DeleteResourceCommand({ restApiId, resourceId: users.id }));
    expect(await refusal(client.send(new GetResourceCommand({ restApiId, resourceId: user.id })))).toEqual([
      "NotFoundException",
      404,
      "Invalid Resource identifier specified",
    ]);
  });

  test("show their methods when asked to", async () => {
    const { restApiId, root } = await newDeployedApi();
    const brief = await client.send(new GetResourcesCommand({ restApiId }));
    expect(brief.items?.[0]?.resourceMethods).toEqual({ GET: {} });
    const whole = await client.send(
      new GetResourceCommand({ restApiId, resourceId: root, embed: ["methods"] }),
    );
    expect(whole.resourceMethods?.GET).toMatchObject({
      authorizationType: "NONE",
      methodIntegration: { type: "MOCK" },
    });
  });

  test("refuse what the tree has no room for", async () => {
    const { restApiId, root } = await newApi();
    const create = (pathPart: string, parentId = root) =>
      client.send(new CreateResourceCommand({ restApiId, parentId, pathPart }));
    await create("{id}");
    const users = await create("users");
    const greedy = await create("{proxy+}", users.id);
    expect(await refusal(create("users"))).toEqual([
      "ConflictException",
      409,
      "Another resource with the same parent already has this name: users",
    ]);
    for (const variable of ["{other}", "{proxy+}"]) {
      expect((await refusal(create(variable)))[2]).toBe(
        "A sibling ({id}) of this resource already has a variable path part -- only one is allowed",
      );
    }
    expect((await refusal(create("below", greedy.id)))[2]).toBe(
      "Cannot create a child of a resource with a greedy path variable: {proxy+}",
    );
    for (const pathPart of ["a/b", "{", "{}", "{a", "a b", "{a}{b}", "{+}", "x{y}"]) {
      expect([pathPart, (await refusal(create(pathPart)))[2]]).toEqual([
        pathPart,
        expect.stringContaining("Resource's path part only allow a-zA-Z0-9._-:"),
      ]);
    }
    expect((await refusal(client.send(new DeleteResourceCommand({ restApiId, resourceId: root }))))[0]).toBe(
      "BadRequestException",
    );
    expect((await refusal(create("x", "constructor")))[0]).toBe("NotFoundException");
  });
});

describe("methods", () => {
  test("are put, read, patched and deleted", async () => {
    const { restApiId, root } = await newApi();
    const get = { restApiId, resourceId: root, httpMethod: "GET" };
    const put = await client.send(
      new PutMethodCommand({
        ...get,
        authorizationType: "AWS_IAM",
        operationName: "read",
        requestParameters: { "method.request.querystring.q": true },
      }),
    );
    expect(put.$metadata.httpStatusCode).toBe(201);
    expect(put).toMatchObject({
      httpMethod: "GET",
      authorizationType: "AWS_IAM",
      apiKeyRequired: false,
      operationName: "read",
      requestParameters: { "method.request.querystring.q": true },
    });
    const patchOperations = [
      replace("/authorizationType", "NONE"),
      replace("/apiKeyRequired", "true"),
      remove("/requestParameters/method.request.querystring.q"),
      add("/requestParameters/method.request.header.X-A", "false"),
      add("/requestModels/application~1json", "Empty"),
      remove("/operationName"),
    ];
    await client.send(new UpdateMethodCommand({ ...get, patchOperations }));
    const read = await client.send(new GetMethodCommand(get));
    expect(read).toMatchObject({
      authorizationType: "NONE",
      apiKeyRequired: true,
      requestParameters: { "method.request.header.X-A": false },
      requestModels: { "application/json": "Empty" },
    });
    expect(read.operationName).toBeUndefined();
    expect((await client.send(new DeleteMethodCommand(get))).$metadata.httpStatusCode).toBe(204);
    expect(await refusal(client.send(new GetMethodCommand(get)))).toEqual([
      "NotFoundException",
      404,
      "Invalid Method identifier specified",
    ]);
  });

  test("refuse what they can't be", async () => {
    const { restApiId, root } = await newDeployedApi().then(({ restApiId, root }) => ({ restApiId, root }));
    const put = (input: object) =>
      refusal(
        client.send(
          new PutMethodCommand({
            restApiId,
            resourceId: root,
            httpMethod: "POST",
            authorizationType: "AWS_IAM",
            ...input,
          }),
        ),
      );
    expect(await put({ httpMethod: "GET" })).toEqual([
      "ConflictException",
      409,
      "Method already exists for this resource",
    ]);
    expect((await put({ httpMethod: "BREW" }))[0]).toBe("BadRequestException");
    expect((await put({ authorizationType: "BASIC" }))[0]).toBe("BadRequestException");
    expect((await put({ authorizationType: "CUSTOM", authorizerId: "abc123" }))[2]).toBe(
      "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
    );
    expect((await put({ requestModels: { "application/json": "Order" } }))[2]).toBe(
      "Invalid model identifier specified: Order",
    );
    expect((await put({ requestParameters: { "integration.request.header.x": true } }))[2]).toContain(
      "Invalid mapping expression specified",
    );
  });

  test("have responses", async () => {
    const { get } = await newDeployedApi();
    const ok = { ...get, statusCode: "200" };
    const responseParameters = { "method.response.header.X-A": true };
    await client.send(new PutMethodResponseCommand({ ...ok, responseParameters }));
    expect((await refusal(client.send(new PutMethodResponseCommand(ok))))[0]).toBe("ConflictException");
    await client.send(
      new UpdateMethodResponseCommand({
        ...ok,
        patchOperations: [
          add("/responseParameters/method.response.header.X-B", "false"),
          add("/responseModels/application~1json", "Error"),
        ],
      }),
    );
    expect(await client.send(new GetMethodResponseCommand(ok))).toMatchObject({
      statusCode: "200",
      responseParameters: { ...responseParameters, "method.response.header.X-B": false },
      responseModels: { "application/json": "Error" },
    });
    expect((await client.send(new GetMethodCommand(get))).methodResponses).toHaveProperty("200");
    await client.send(new DeleteMethodResponseCommand(ok));
    expect((await refusal(client.send(new GetMethodResponseCommand(ok))))[0]).toBe("NotFoundException");
  });
});

describe("integrations", () => {
  test("are put, read, patched and deleted", async () => {
    const { get } = await newDeployedApi();
    await client.send(
      new PutIntegrationCommand({
        ...get,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: FUNCTION_URI,
      }),
    );
    expect(await client.send(new GetIntegrationCommand(get))).toMatchObject({
      type: "AWS_PROXY",
      httpMethod: "POST",
      uri: FUNCTION_URI,
      passthroughBehavior: "WHEN_NO_MATCH",
      timeoutInMillis: 29_000,
      cacheNamespace: get.resourceId,
      cacheKeyParameters: [],
    });
    const patchOperations = [
      replace("/timeoutInMillis", "5000"),
      add("/requestTemplates/application~1json", '{"statusCode": 204}'),
      add("/requestParameters/integration.request.header.X-A", "'a'"),
      replace("/passthroughBehavior", "NEVER"),
      add("/cacheKeyParameters/method.request.path.a", ""),
      replace("/contentHandling", "CONVERT_TO_TEXT"),
    ];
    expect(await client.send(new UpdateIntegrationCommand({ ...get, patchOperations }))).toMatchObject({
      timeoutInMillis: 5000,
      requestTemplates: { "application/json": '{"statusCode": 204}' },
      requestParameters: { "integration.request.header.X-A": "'a'" },
      passthroughBehavior: "NEVER",
      cacheKeyParameters: ["method.request.path.a"],
      contentHandling: "CONVERT_TO_TEXT",
    });
    await client.send(new DeleteIntegrationCommand(get));
    expect((await refusal(client.send(new GetIntegrationCommand(get))))[2]).toBe(
      "Invalid Integration identifier specified",
    );
  });

  test("refuse what can't work", async () => {
    const { get } = await newDeployedApi();
    const put = (input: object) =>
      refusal(
        client.send(
          new PutIntegrationCommand({
            ...get,
            type: "AWS_PROXY",
            integrationHttpMethod: "POST",
            uri: FUNCTION_URI,
            ...input,
          }),
        ),
      );
    expect((await put({ integrationHttpMethod: undefined }))[2]).toBe(
      "Enumeration value for HttpMethod must be non-empty",
    );
    expect((await put({ uri: "https://example.com" }))[2]).toBe("Invalid ARN specified in the request");
    expect((await put({ uri: "arn:aws:apigateway:us-east-1:sns:action/Publish" }))[2]).toContain(
      "only supports Lambda function",
    );
    expect((await put({ timeoutInMillis: 49 }))[2]).toBe("Timeout should be between 50 ms and 29000 ms");
    expect((await put({ type: "HTTP_PROXY" }))[2]).toMatch(
      /^Local AWS does not offer integrations of type HTTP_PROXY/,
    );
    expect((await put({ credentials: "arn:aws:iam::123456789012:role/x" }))[2]).toMatch(
      /^Local AWS does not offer/,
    );
    expect((await put({ type: "SMTP" }))[0]).toBe("BadRequestException");
  });

  test("have responses that the method declares", async () => {
    const { get } = await newDeployedApi();
    const ok = { ...get, statusCode: "200" };
    expect((await refusal(client.send(new PutIntegrationResponseCommand(ok))))[2]).toBe(
      "Invalid mapping expression specified: Validation Result: warnings : [], errors : [No method response exists for method.]",
    );
    await client.send(
      new PutMethodResponseCommand({ ...ok, responseParameters: { "method.response.header.X-A": false } }),
    );
    const responseParameters = { "method.response.header.X-B": "'b'" };
    expect(
      (await refusal(client.send(new PutIntegrationResponseCommand({ ...ok, responseParameters }))))[2],
    ).toContain("method.response.header.X-B");
    await client.send(new PutIntegrationResponseCommand({ ...ok, selectionPattern: "2\\d\\d" }));
    await client.send(
      new UpdateIntegrationResponseCommand({
        ...ok,
        patchOperations: [
          add("/responseParameters/method.response.header.X-A", "'a'"),
          add("/responseTemplates/application~1json", "{}"),
        ],
      }),
    );
    expect(await client.send(new GetIntegrationResponseCommand(ok))).toMatchObject({
      statusCode: "200",
      selectionPattern: "2\\d\\d",
      responseParameters: { "method.response.header.X-A": "'a'" },
      responseTemplates: { "application/json": "{}" },
    });
    await client.send(new DeleteIntegrationResponseCommand(ok));
    expect((await refusal(client.send(new GetIntegrationResponseCommand(ok))))[0]).toBe("NotFoundException");
  });
});

describe("gateway responses", () => {
  const responseType = "DEFAULT_4XX";

  test("are API Gateway's own until customised", async () => {
    const { restApiId } = await newApi();
    expect(
      await client.send(new GetGatewayResponseCommand({ restApiId, responseType: "THROTTLED" })),
    ).toMatchObject({
      responseType: "THROTTLED",
      statusCode: "429",
      responseParameters: {},
      responseTemplates: { "application/json": '{"message":$context.error.messageString}' },
      defaultResponse: true,
    });
    const put = await client.send(
      new PutGatewayResponseCommand({
        restApiId,
        responseType,
        responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": "'*'" },
      }),
    );
    expect(put.$metadata.httpStatusCode).toBe(201);
    await client.send(
      new UpdateGatewayResponseCommand({
        restApiId,
        responseType,
        patchOperations: [
          replace("/statusCode", "418"),
          add("/responseTemplates/text~1plain", "no"),
          remove("/responseParameters/gatewayresponse.header.Access-Control-Allow-Origin"),
        ],
      }),
    );
    expect(await client.send(new GetGatewayResponseCommand({ restApiId, responseType }))).toMatchObject({
      statusCode: "418",
      responseParameters: {},
      responseTemplates: { "text/plain": "no" },
      defaultResponse: false,
    });
    const { items } = await client.send(new GetGatewayResponsesCommand({ restApiId }));
    expect(items).toHaveLength(21);
    expect(items?.filter(({ defaultResponse }) => !defaultResponse)).toHaveLength(1);
    const deleted = await client.send(new DeleteGatewayResponseCommand({ restApiId, responseType }));
    expect(deleted.$metadata.httpStatusCode).toBe(202);
    expect(await refusal(client.send(new DeleteGatewayResponseCommand({ restApiId, responseType })))).toEqual(
      ["NotFoundException", 404, "Gateway response type not defined on api"],
    );
  });

  test.each([
    [{ "header.X": "'a'" }],
    [{ "gatewayresponse.header.X": "a" }],
    [{ "gatewayresponse.header.X": "method.response.header.a" }],
    [{ "gatewayresponse.body.X": "'a'" }],
  ])("refuse the parameters %j", async (responseParameters) => {
    const { restApiId } = await newApi();
    const put = client.send(new PutGatewayResponseCommand({ restApiId, responseType, responseParameters }));
    expect((await refusal(put))[0]).toBe("BadRequestException");
  });
});

describe("deployments and stages", () => {
  test("need something to deploy", async () => {
    const { restApiId, root } = await newApi();
    const deploy = () => refusal(client.send(new CreateDeploymentCommand({ restApiId })));
    expect(await deploy()).toEqual(["BadRequestException", 400, "The REST API doesn't contain any methods"]);
    await client.send(
      new PutMethodCommand({ restApiId, resourceId: root, httpMethod: "GET", authorizationType: "NONE" }),
    );
    expect(await deploy()).toEqual(["BadRequestException", 400, "No integration defined for method"]);
  });

  test("a deployment is read, described and deleted when no stage needs it", async () => {
    const { restApiId, deploymentId } = await newDeployedApi();
    await client.send(
      new UpdateDeploymentCommand({
        restApiId,
        deploymentId,
        patchOperations: [replace("/description", "first")],
      }),
    );
    const read = await client.send(
      new GetDeploymentCommand({ restApiId, deploymentId, embed: ["apisummary"] }),
    );
    expect(read).toMatchObject({
      id: deploymentId,
      description: "first",
      apiSummary: { "/": { GET: { authorizationType: "NONE", apiKeyRequired: false } } },
    });
    await client.send(new CreateStageCommand({ restApiId, deploymentId, stageName: "dev" }));
    expect(await refusal(client.send(new DeleteDeploymentCommand({ restApiId, deploymentId })))).toEqual([
      "BadRequestException",
      400,
      "Active stages pointing to this deployment must be moved or deleted",
    ]);
    const next = await client.send(new CreateDeploymentCommand({ restApiId, stageName: "dev" }));
    expect((await client.send(new GetStageCommand({ restApiId, stageName: "dev" }))).deploymentId).toBe(
      next.id,
    );
    await client.send(new DeleteDeploymentCommand({ restApiId, deploymentId }));
    const { items } = await client.send(new GetDeploymentsCommand({ restApiId }));
    expect(items?.map(({ id }) => id)).toEqual([next.id]);
  });

  test("a stage is created, patched and deleted", async () => {
    const { restApiId, deploymentId } = await newDeployedApi();
    const dev = { restApiId, stageName: "dev" };
    const created = await client.send(
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
    expect(await client.send(new UpdateStageCommand({ ...dev, patchOperations }))).toMatchObject({
      description: "for developers",
      variables: { b: "2" },
      tracingEnabled: false,
    });
    const { item } = await client.send(new GetStagesCommand({ restApiId, deploymentId }));
    expect(item?.map(({ stageName }) => stageName)).toEqual(["dev"]);
    await client.send(new DeleteStageCommand(dev));
    expect(await refusal(client.send(new GetStageCommand(dev)))).toEqual([
      "NotFoundException",
      404,
      "Invalid stage identifier specified",
    ]);
  });

  test("stages refuse what they can't be", async () => {
    const { restApiId, deploymentId } = await newDeployedApi();
    const create = (input: object) =>
      client.send(new CreateStageCommand({ restApiId, deploymentId, stageName: "dev", ...input }));
    expect((await refusal(create({ stageName: "a b" })))[2]).toBe("Stage name only allows a-zA-Z0-9_-");
    expect((await refusal(create({ deploymentId: "nope" })))[2]).toBe("Deployment id does not exist");
    expect((await refusal(create({ variables: { "a b": "1" } })))[0]).toBe("BadRequestException");
    expect((await refusal(create({ cacheClusterEnabled: true })))[2]).toMatch(
      /^Local AWS does not offer response caching/,
    );
    await create({});
    expect(await refusal(create({}))).toEqual(["ConflictException", 409, "Stage already exists"]);
  });

  test("method settings come and go by patches of the stage", async () => {
    const { restApiId, deploymentId } = await newDeployedApi();
    const dev = { restApiId, stageName: "dev" };
    await client.send(new CreateStageCommand({ ...dev, deploymentId }));
    const patch = (...patchOperations: PatchOperation[]) =>
      client.send(new UpdateStageCommand({ ...dev, patchOperations }));
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
    const { restApiId, deploymentId } = await newDeployedApi();
    const dev = { restApiId, stageName: "dev" };
    await client.send(new CreateStageCommand({ ...dev, deploymentId }));
    const logTo = (destinationArn: string, format: string) =>
      client.send(
        new UpdateStageCommand({
          ...dev,
          patchOperations: [
            replace("/accessLogSettings/destinationArn", destinationArn),
            replace("/accessLogSettings/format", format),
          ],
        }),
      );
    const group = `arn:aws:logs:${aws.region}:${aws.accountId}:log-group:/api/dev`;
    const format = "$context.requestId $context.status";
    expect((await refusal(logTo(group, format)))[2]).toBe(
      "CloudWatch Logs role ARN must be set in account settings to enable logging",
    );

    const iam = new IAMClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
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
      client.send(new UpdateAccountCommand({ patchOperations: [replace("/cloudwatchRoleArn", arn)] }));
    const distrustful = await roleFor("lambda.amazonaws.com");
    expect((await refusal(setRole(distrustful)))[2]).toMatch(
      /^The role ARN does not have required permissions configured/,
    );
    const trusting = await roleFor("apigateway.amazonaws.com");
    await setRole(trusting);
    expect(await client.send(new GetAccountCommand({}))).toMatchObject({
      cloudwatchRoleArn: trusting,
      throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
    });
    iam.destroy();

    expect((await logTo(`${group}:*`, format)).accessLogSettings).toEqual({ destinationArn: group, format });
    expect((await refusal(logTo("arn:aws:s3:::bucket", format)))[0]).toBe("BadRequestException");
    expect((await refusal(logTo(group, "$context.status")))[0]).toBe("BadRequestException");
    const off = await client.send(
      new UpdateStageCommand({ ...dev, patchOperations: [remove("/accessLogSettings")] }),
    );
    expect(off.accessLogSettings).toBeUndefined();
  });
});

test("IAM decides on the verb and the path of each request", async () => {
  const { restApiId } = await newApi();
  const other = await newApi();
  const resource = `arn:aws:apigateway:${aws.region}::/restapis/${restApiId}`;
  const credentials = await identitySession(aws, "reader", [
    { Effect: "Allow", Action: "apigateway:GET", Resource: `${resource}*` },
  ]);
  const reader = new APIGatewayClient({ endpoint: aws.endpoint, region: aws.region, credentials });
  expect((await reader.send(new GetResourcesCommand({ restApiId }))).items).toHaveLength(1);
  const [name, status, message] = await refusal(reader.send(new DeleteRestApiCommand({ restApiId })));
  expect([name, status]).toEqual(["AccessDeniedException", 403]);
  expect(message).toContain(`is not authorized to perform: apigateway:DELETE on resource: ${resource}`);
  const foreign = reader.send(new GetRestApiCommand({ restApiId: other.restApiId }));
  expect((await refusal(foreign))[0]).toBe("AccessDeniedException");
  reader.destroy();
});
