import {
  DeleteIntegrationCommand,
  DeleteIntegrationResponseCommand,
  GetIntegrationCommand,
  GetIntegrationResponseCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodResponseCommand,
  UpdateIntegrationCommand,
  UpdateIntegrationResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { ApiGatewayAccount, add, refusal, replace } from "../../../support/apigateway-account";

const FUNCTION_URI =
  "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations";

let account: ApiGatewayAccount;

beforeAll(async () => {
  account = await ApiGatewayAccount.start();
});

afterAll(() => account.stop());

describe("integrations", () => {
  test("are put, read, patched and deleted", async () => {
    const { get } = await account.newDeployedApi();
    await account.client.send(
      new PutIntegrationCommand({
        ...get,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: FUNCTION_URI,
      }),
    );
    expect(await account.client.send(new GetIntegrationCommand(get))).toMatchObject({
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
    expect(
      await account.client.send(new UpdateIntegrationCommand({ ...get, patchOperations })),
    ).toMatchObject({
      timeoutInMillis: 5000,
      requestTemplates: { "application/json": '{"statusCode": 204}' },
      requestParameters: { "integration.request.header.X-A": "'a'" },
      passthroughBehavior: "NEVER",
      cacheKeyParameters: ["method.request.path.a"],
      contentHandling: "CONVERT_TO_TEXT",
    });
    await account.client.send(new DeleteIntegrationCommand(get));
    expect((await refusal(account.client.send(new GetIntegrationCommand(get))))[2]).toBe(
      "Invalid Integration identifier specified",
    );
  });

  test("refuse what can't work", async () => {
    const { get } = await account.newDeployedApi();
    const put = (input: object) =>
      refusal(
        account.client.send(
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
    expect(await put({ type: "SMTP" })).toEqual([
      "ValidationException",
      400,
      "1 validation error detected: Value 'SMTP' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]",
    ]);
  });

  test("have responses that the method declares", async () => {
    const { get } = await account.newDeployedApi();
    const ok = { ...get, statusCode: "200" };
    expect((await refusal(account.client.send(new PutIntegrationResponseCommand(ok))))[2]).toBe(
      "Invalid mapping expression specified: Validation Result: warnings : [], errors : [No method response exists for method.]",
    );
    await account.client.send(
      new PutMethodResponseCommand({ ...ok, responseParameters: { "method.response.header.X-A": false } }),
    );
    const responseParameters = { "method.response.header.X-B": "'b'" };
    expect(
      (
        await refusal(account.client.send(new PutIntegrationResponseCommand({ ...ok, responseParameters })))
      )[2],
    ).toContain("method.response.header.X-B");
    await account.client.send(new PutIntegrationResponseCommand({ ...ok, selectionPattern: "2\\d\\d" }));
    await account.client.send(
      new UpdateIntegrationResponseCommand({
        ...ok,
        patchOperations: [
          add("/responseParameters/method.response.header.X-A", "'a'"),
          add("/responseTemplates/application~1json", "{}"),
        ],
      }),
    );
    expect(await account.client.send(new GetIntegrationResponseCommand(ok))).toMatchObject({
      statusCode: "200",
      selectionPattern: "2\\d\\d",
      responseParameters: { "method.response.header.X-A": "'a'" },
      responseTemplates: { "application/json": "{}" },
    });
    await account.client.send(new DeleteIntegrationResponseCommand(ok));
    expect((await refusal(account.client.send(new GetIntegrationResponseCommand(ok))))[0]).toBe(
      "NotFoundException",
    );
  });
});
