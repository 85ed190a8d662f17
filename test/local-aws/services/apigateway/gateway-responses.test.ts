import {
  DeleteGatewayResponseCommand,
  GetGatewayResponseCommand,
  GetGatewayResponsesCommand,
  PutGatewayResponseCommand,
  UpdateGatewayResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { ApiGatewayAccount, add, refusal, remove, replace } from "../../../support/apigateway-account";

let account: ApiGatewayAccount;

beforeAll(async () => {
  account = await ApiGatewayAccount.start();
});

afterAll(() => account.stop());

describe("gateway responses", () => {
  const responseType = "DEFAULT_4XX";

  test("are API Gateway's own until customized", async () => {
    const { restApiId } = await account.newApi();
    expect(
      await account.client.send(new GetGatewayResponseCommand({ restApiId, responseType: "THROTTLED" })),
    ).toMatchObject({
      responseType: "THROTTLED",
      statusCode: "429",
      responseParameters: {},
      responseTemplates: { "application/json": '{"message":$context.error.messageString}' },
      defaultResponse: true,
    });
    const put = await account.client.send(
      new PutGatewayResponseCommand({
        restApiId,
        responseType,
        responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": "'*'" },
      }),
    );
    expect(put.$metadata.httpStatusCode).toBe(201);
    await account.client.send(
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
    expect(
      await account.client.send(new GetGatewayResponseCommand({ restApiId, responseType })),
    ).toMatchObject({
      statusCode: "418",
      responseParameters: {},
      responseTemplates: { "text/plain": "no" },
      defaultResponse: false,
    });
    const { items } = await account.client.send(new GetGatewayResponsesCommand({ restApiId }));
    expect(items).toHaveLength(21);
    expect(items?.filter(({ defaultResponse }) => !defaultResponse)).toHaveLength(1);
    const deleted = await account.client.send(new DeleteGatewayResponseCommand({ restApiId, responseType }));
    expect(deleted.$metadata.httpStatusCode).toBe(202);
    expect(
      await refusal(account.client.send(new DeleteGatewayResponseCommand({ restApiId, responseType }))),
    ).toEqual(["NotFoundException", 404, "Gateway response type not defined on api"]);
  });

  test("are the same whether headers alone are put or patched", async () => {
    const { restApiId } = await account.newApi();
    const header = "gatewayresponse.header.Access-Control-Allow-Origin";
    const send = async (command: PutGatewayResponseCommand | UpdateGatewayResponseCommand) => {
      const { $metadata: _, ...answer } = await account.client.send(command as PutGatewayResponseCommand);
      return answer;
    };
    const at = { restApiId, responseType: "ACCESS_DENIED" as const };
    const put = await send(new PutGatewayResponseCommand({ ...at, responseParameters: { [header]: "'*'" } }));
    await account.client.send(new DeleteGatewayResponseCommand(at));
    const patch = [add(`/responseParameters/${header}`, "'*'")];
    expect(await send(new UpdateGatewayResponseCommand({ ...at, patchOperations: patch }))).toEqual(put);
  });

  test.each([
    [{ "header.X": "'a'" }],
    [{ "gatewayresponse.header.X": "a" }],
    [{ "gatewayresponse.header.X": "method.response.header.a" }],
    [{ "gatewayresponse.body.X": "'a'" }],
  ])("refuse the parameters %j", async (responseParameters) => {
    const { restApiId } = await account.newApi();
    const put = account.client.send(
      new PutGatewayResponseCommand({ restApiId, responseType, responseParameters }),
    );
    expect((await refusal(put))[0]).toBe("BadRequestException");
  });
});
