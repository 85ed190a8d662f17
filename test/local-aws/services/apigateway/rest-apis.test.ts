import {
  APIGatewayClient,
  CreateRestApiCommand,
  CreateStageCommand,
  DeleteRestApiCommand,
  GetResourcesCommand,
  GetRestApiCommand,
  GetRestApisCommand,
  GetTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateRestApiCommand,
} from "@aws-sdk/client-api-gateway";
import { ApiGatewayAccount, add, refusal, remove, replace } from "../../../support/apigateway-account";
import { identitySession } from "../../../support/identity-session";

let account: ApiGatewayAccount;

beforeAll(async () => {
  account = await ApiGatewayAccount.start();
});

afterAll(() => account.stop());

describe("REST APIs", () => {
  test("are created, read, listed and deleted", async () => {
    const before = Date.now();
    const created = await account.client.send(
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
    const { $metadata: _, ...read } = await account.client.send(new GetRestApiCommand({ restApiId }));
    expect(created).toMatchObject(read);
    const { items } = await account.client.send(new GetRestApisCommand({ limit: 500 }));
    expect(items?.map(({ id }) => id)).toContain(restApiId);
    const { items: resources } = await account.client.send(new GetResourcesCommand({ restApiId }));
    expect(resources).toEqual([{ id: created.rootResourceId, path: "/" }]);
    expect(
      (await account.client.send(new DeleteRestApiCommand({ restApiId }))).$metadata.httpStatusCode,
    ).toBe(202);
    expect(await refusal(account.client.send(new GetRestApiCommand({ restApiId })))).toEqual([
      "NotFoundException",
      404,
      `Invalid API identifier specified ${account.aws.accountId}:${restApiId}`,
    ]);
  });

  test("are updated by patches, all of them or none", async () => {
    const { restApiId } = await account.newApi();
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
    expect(await account.client.send(new UpdateRestApiCommand({ restApiId, patchOperations }))).toMatchObject(
      changed,
    );
    const halfWrong = [replace("/name", "again"), replace("/colour", "blue")];
    const [name, status, message] = await refusal(
      account.client.send(new UpdateRestApiCommand({ restApiId, patchOperations: halfWrong })),
    );
    expect([name, status]).toEqual(["BadRequestException", 400]);
    expect(message).toContain(
      "Invalid patch path  '/colour' specified for op 'replace'. Must be one of: [/name, ",
    );
    expect(await account.client.send(new GetRestApiCommand({ restApiId }))).toMatchObject(changed);
  });

  test.each(["/constructor", "/__proto__/x", "name", ""])("refuse the patch path '%s'", async (path) => {
    const { restApiId } = await account.newApi();
    const patchOperations = [replace(path, "x")];
    const [name] = await refusal(
      account.client.send(new UpdateRestApiCommand({ restApiId, patchOperations })),
    );
    expect(name).toBe("BadRequestException");
  });

  test("keep a resource policy with its shorthand written out", async () => {
    const { restApiId } = await account.newApi();
    const statement = { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke" };
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ ...statement, Resource: ["execute-api:/dev/GET/*", "execute-api:/*"] }],
    });
    const answer = await account.client.send(
      new UpdateRestApiCommand({ restApiId, patchOperations: [replace("/policy", policy)] }),
    );
    const base = `arn:aws:execute-api:${account.aws.region}:${account.aws.accountId}:${restApiId}`;
    // The policy is answered as the inside of a JSON string.
    expect(JSON.parse(JSON.parse(`"${answer.policy}"`))).toEqual({
      Version: "2012-10-17",
      Statement: [{ ...statement, Resource: [`${base}/dev/GET/*`, `${base}/*`] }],
    });
    const emptied = await account.client.send(
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
    const [name, , message] = await refusal(
      account.client.send(new CreateRestApiCommand({ name: "x", policy })),
    );
    expect(name).toBe("BadRequestException");
    expect(message).toMatch(/^Invalid policy document\./);
  });

  test("are listed in pages", async () => {
    await account.aws.reset();
    const names = ["a", "b", "c"];
    for (const name of names) {
      await account.client.send(new CreateRestApiCommand({ name }));
    }
    const first = await account.client.send(new GetRestApisCommand({ limit: 2 }));
    const second = await account.client.send(new GetRestApisCommand({ limit: 2, position: first.position }));
    expect([...(first.items ?? []), ...(second.items ?? [])].map(({ name }) => name)).toEqual(names);
    expect(second.position).toBeUndefined();
  });

  test("are tagged, like stages", async () => {
    const { restApiId, deploymentId } = await account.newDeployedApi();
    await account.client.send(new CreateStageCommand({ restApiId, deploymentId, stageName: "dev" }));
    for (const path of [`/restapis/${restApiId}`, `/restapis/${restApiId}/stages/dev`]) {
      const resourceArn = `arn:aws:apigateway:${account.aws.region}::${path}`;
      await account.client.send(new TagResourceCommand({ resourceArn, tags: { a: "1", b: "2", c: "3" } }));
      await account.client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["a", "b"] }));
      await account.client.send(new TagResourceCommand({ resourceArn, tags: { d: "4" } }));
      expect((await account.client.send(new GetTagsCommand({ resourceArn }))).tags).toEqual({
        c: "3",
        d: "4",
      });
    }
    expect((await account.client.send(new GetRestApiCommand({ restApiId }))).tags).toEqual({
      c: "3",
      d: "4",
    });
    const [name] = await refusal(
      account.client.send(new GetTagsCommand({ resourceArn: "arn:aws:s3:::bucket" })),
    );
    expect(name).toBe("BadRequestException");
  });
});

test("IAM decides on the verb and the path of each request", async () => {
  const { restApiId } = await account.newApi();
  const other = await account.newApi();
  const resource = `arn:aws:apigateway:${account.aws.region}::/restapis/${restApiId}`;
  const credentials = await identitySession(account.aws, "reader", [
    { Effect: "Allow", Action: "apigateway:GET", Resource: `${resource}*` },
  ]);
  const reader = new APIGatewayClient({
    endpoint: account.aws.endpoint,
    region: account.aws.region,
    credentials,
  });
  expect((await reader.send(new GetResourcesCommand({ restApiId }))).items).toHaveLength(1);
  const [name, status, message] = await refusal(reader.send(new DeleteRestApiCommand({ restApiId })));
  expect([name, status]).toEqual(["AccessDeniedException", 403]);
  expect(message).toContain(`is not authorized to perform: apigateway:DELETE on resource: ${resource}`);
  const foreign = reader.send(new GetRestApiCommand({ restApiId: other.restApiId }));
  expect((await refusal(foreign))[0]).toBe("AccessDeniedException");
  reader.destroy();
});
