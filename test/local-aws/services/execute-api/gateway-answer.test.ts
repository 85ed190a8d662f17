import { PutGatewayResponseCommand } from "@aws-sdk/client-api-gateway";
import { ApiClient, IAM, MISSING_TOKEN, MOCK, refusal } from "../../../support/api-client";
import { type IdentitySession, identitySession } from "../../../support/identity-session";

let client: ApiClient;
/** May do nothing of its own. */
let session: IdentitySession;

beforeAll(async () => {
  client = await ApiClient.start();
  session = await identitySession(client.aws, "alice", []);
});

afterAll(() => client.stop());

test("customises its refusals", async () => {
  const api = await client.createApi({
    "GET /iam": { method: IAM, integration: MOCK },
    "GET /broken": { integration: { type: "MOCK" } },
  });
  const put = (responseType: "DEFAULT_4XX" | "DEFAULT_5XX" | "ACCESS_DENIED", rest: object) =>
    client.gateway.send(new PutGatewayResponseCommand({ restApiId: api, responseType, ...rest }));
  await put("DEFAULT_4XX", {
    responseParameters: {
      "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
      "gatewayresponse.header.X-Origin": "method.request.header.origin",
      "gatewayresponse.header.X-Request": "context.requestId",
      "gatewayresponse.header.X-Query": "method.request.querystring.q",
      "gatewayresponse.header.content-type": "'application/problem+json'",
    },
  });
  await put("ACCESS_DENIED", {
    statusCode: "404",
    responseTemplates: {
      "application/json": '{"why": $context.error.messageString, "type": "$context.error.responseType"}',
    },
  });
  await put("DEFAULT_5XX", { responseParameters: { "gatewayresponse.header.X-Five": "'5'" } });
  await client.deploy(api);
  const unsigned = await client.call(api, { path: "/iam", headers: { origin: "https://app.example" } });
  expect(refusal(unsigned)).toEqual(MISSING_TOKEN);
  expect(unsigned.headers).toMatchObject({
    "access-control-allow-origin": "*",
    "x-origin": "https://app.example",
    "x-request": unsigned.headers["x-amzn-requestid"],
    "content-type": "application/problem+json",
  });
  // What can't be a header is left out, whoever tries it.
  for (const query of ["q=a%0d%0aSet-Cookie:b", "q=%E2%82%AC"]) {
    const answer = await client.call(api, { path: `/iam?${query}` });
    expect([answer.status, answer.headers["x-query"], answer.headers["set-cookie"]]).toEqual([
      403,
      undefined,
      undefined,
    ]);
  }
  expect((await client.call(api, { path: "/iam?q=fine" })).headers["x-query"]).toBe("fine");
  const denied = await client.call(api, { path: "/iam", credentials: session });
  expect(refusal(denied)).toEqual([
    404,
    "AccessDeniedException",
    {
      why: expect.stringContaining("is not authorized to perform: execute-api:Invoke"),
      type: "ACCESS_DENIED",
    },
  ]);
  // A response of the error's own type is used alone, without the headers of DEFAULT_4XX.
  expect(denied.headers).not.toHaveProperty("access-control-allow-origin");
  const broken = await client.call(api, { path: "/broken" });
  expect([broken.status, broken.headers["x-five"]]).toEqual([500, "5"]);
});
