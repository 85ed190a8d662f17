import {
  CreateDeploymentCommand,
  PutIntegrationResponseCommand,
  PutMethodResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { ApiClient, INTERNAL_ERROR, MOCK, refusal, STAGE } from "./api-client";

let client: ApiClient;

beforeAll(async () => {
  client = await ApiClient.start();
});

afterAll(() => client.stop());

test("answers preflights from MOCK", async () => {
  const api = await client.createApi({ "OPTIONS /hello": { integration: MOCK } });
  const route = { resourceId: await client.resourceId(api, "/hello"), httpMethod: "OPTIONS" };
  await client.answerWith(api, route, {
    "Access-Control-Allow-Origin": "'https://app.example'",
    "Access-Control-Allow-Headers": "'Authorization,X-Amz-Date'",
    "X-Stage": "context.stage",
    "X-Colour": "stageVariables.colour",
    "X-Missing": "stageVariables.none",
  });
  await client.deploy(api, { colour: "red" });
  const preflight = { method: "OPTIONS", path: "/hello" };
  const answer = await client.call(api, { ...preflight, headers: { Origin: "https://app.example" } });
  expect([answer.status, answer.text]).toEqual([200, ""]);
  expect(answer.headers).toMatchObject({
    "access-control-allow-origin": "https://app.example",
    "access-control-allow-headers": "Authorization,X-Amz-Date",
    "content-type": "application/json",
    "x-stage": STAGE,
    "x-colour": "red",
  });
  expect(answer.headers).not.toHaveProperty("x-missing");
  // A body of another type has no template, so nothing says which status to answer with.
  const other = await client.call(api, {
    ...preflight,
    headers: { "Content-Type": "text/plain" },
    body: "x",
  });
  expect(refusal(other)).toEqual([500, "InternalServerErrorException", INTERNAL_ERROR]);
});

test("renders MOCK's templates", async () => {
  const template = '#if($input.params("fail") == "yes"){"statusCode": 500}#else{"statusCode": 200}#end';
  const api = await client.createApi({
    "GET /users/{user}": {
      integration: { type: "MOCK", requestTemplates: { "application/json": template } },
    },
  });
  const route = { resourceId: await client.resourceId(api, "/users/{user}"), httpMethod: "GET" };
  const body =
    '{"user": "$input.params(\'user\')", "by": "$context.httpMethod", "ip": "$context.identity.sourceIp"}';
  await client.answerWith(api, route, {}, { "application/json": body });
  await client.deploy(api);
  const answer = await client.call(api, { path: "/users/ann" });
  expect(JSON.parse(answer.text)).toEqual({ user: "ann", by: "GET", ip: "127.0.0.1" });
  const failed = { restApiId: api, ...route, statusCode: "503" };
  await client.gateway.send(new PutMethodResponseCommand(failed));
  await client.gateway.send(new PutIntegrationResponseCommand({ ...failed, selectionPattern: "5\\d\\d" }));
  await client.gateway.send(new CreateDeploymentCommand({ restApiId: api, stageName: STAGE }));
  expect((await client.call(api, { path: "/users/ann?fail=yes" })).status).toBe(503);
  expect((await client.call(api, { path: "/users/ann?fail=no" })).status).toBe(200);
});

test.each([
  '{"statusCode":200}',
  "{statusCode: 200}",
  "{'statusCode': '200'}",
  '{ "a": {}, "statusCode" : 200, "b": 1 }',
])("takes %s for a status", async (template) => {
  const requestTemplates = { "application/json": template };
  const api = await client.createApi({ "GET /": { integration: { type: "MOCK", requestTemplates } } });
  await client.answerWith(api, { resourceId: await client.resourceId(api, "/"), httpMethod: "GET" }, {});
  await client.deploy(api);
  expect((await client.call(api, { path: "" })).status).toBe(200);
});

test("has no answer for a template that can't be rendered", async () => {
  const requestTemplates = { "application/json": "#if($broken" };
  const api = await client.createApi({ "GET /": { integration: { type: "MOCK", requestTemplates } } });
  await client.deploy(api);
  expect(refusal(await client.call(api, { path: "/" }))).toEqual([
    500,
    "InternalServerErrorException",
    INTERNAL_ERROR,
  ]);
  expect(client.aws.decisions(1)[0]?.detail.join()).toMatch(/^a template can't be rendered/);
});

test("refuses types that a NEVER integration has no template for", async () => {
  const api = await client.createApi({
    "POST /": { integration: { ...MOCK, passthroughBehavior: "NEVER" } },
  });
  await client.deploy(api);
  const answer = await client.call(api, {
    method: "POST",
    path: "/",
    headers: { "Content-Type": "text/xml" },
    body: "<a/>",
  });
  expect(refusal(answer)).toEqual([415, "BadRequestException", { message: "Unsupported Media Type" }]);
});
