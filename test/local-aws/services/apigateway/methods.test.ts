import {
  DeleteMethodCommand,
  DeleteMethodResponseCommand,
  GetMethodCommand,
  GetMethodResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  UpdateMethodCommand,
  UpdateMethodResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { ApiGatewayAccount, add, refusal, remove, replace } from "../../../support/apigateway-account";

let account: ApiGatewayAccount;

beforeAll(async () => {
  account = await ApiGatewayAccount.start();
});

afterAll(() => account.stop());

describe("methods", () => {
  test("are put, read, patched and deleted", async () => {
    const { restApiId, root } = await account.newApi();
    const get = { restApiId, resourceId: root, httpMethod: "GET" };
    const put = await account.client.send(
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
      replace("/operationName", "readAll"),
    ];
    await account.client.send(new UpdateMethodCommand({ ...get, patchOperations }));
    const read = await account.client.send(new GetMethodCommand(get));
    expect(read).toMatchObject({
      authorizationType: "NONE",
      apiKeyRequired: true,
      requestParameters: { "method.request.header.X-A": false },
      requestModels: { "application/json": "Empty" },
    });
    expect(read.operationName).toBe("readAll");
    expect((await account.client.send(new DeleteMethodCommand(get))).$metadata.httpStatusCode).toBe(204);
    expect(await refusal(account.client.send(new GetMethodCommand(get)))).toEqual([
      "NotFoundException",
      404,
      "Invalid Method identifier specified",
    ]);
  });

  test("refuse what they can't be", async () => {
    const { restApiId, root } = await account
      .newDeployedApi()
      .then(({ restApiId, root }) => ({ restApiId, root }));
    const put = (input: object) =>
      refusal(
        account.client.send(
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
    const { get } = await account.newDeployedApi();
    const ok = { ...get, statusCode: "200" };
    const responseParameters = { "method.response.header.X-A": true };
    await account.client.send(new PutMethodResponseCommand({ ...ok, responseParameters }));
    expect((await refusal(account.client.send(new PutMethodResponseCommand(ok))))[0]).toBe(
      "ConflictException",
    );
    await account.client.send(
      new UpdateMethodResponseCommand({
        ...ok,
        patchOperations: [
          add("/responseParameters/method.response.header.X-B", "false"),
          add("/responseModels/application~1json", "Error"),
        ],
      }),
    );
    expect(await account.client.send(new GetMethodResponseCommand(ok))).toMatchObject({
      statusCode: "200",
      responseParameters: { ...responseParameters, "method.response.header.X-B": false },
      responseModels: { "application/json": "Error" },
    });
    expect((await account.client.send(new GetMethodCommand(get))).methodResponses).toHaveProperty("200");
    await account.client.send(new DeleteMethodResponseCommand(ok));
    expect((await refusal(account.client.send(new GetMethodResponseCommand(ok))))[0]).toBe(
      "NotFoundException",
    );
  });
});
