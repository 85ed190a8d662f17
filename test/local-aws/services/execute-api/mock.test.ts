import {
  CreateDeploymentCommand,
  PutIntegrationResponseCommand,
  PutMethodResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { ApiClient, INTERNAL_ERROR, MOCK, refusal, STAGE } from "../../../support/api-client";

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

/** An API whose `GET /` renders the template and answers 200 if it yields JSON with that status. */
async function templateApi(template: string): Promise<string> {
  const requestTemplates = { "application/json": template };
  const api = await client.createApi({ "GET /": { integration: { type: "MOCK", requestTemplates } } });
  await client.answerWith(
    api,
    { resourceId: await client.resourceId(api, "/"), httpMethod: "GET" },
    { "X-Api": "context.apiId" },
  );
  await client.deploy(api);
  return api;
}

test.each([
  ["a long loop", "#foreach($i in [1..300000000])x#end", "more than 100000 steps"],
  [
    "nested loops",
    "#foreach($i in [1..900])#foreach($j in [1..900])#foreach($k in [1..900])#end#end#end",
    "more than 100000 steps",
  ],
  [
    "a text that doubles",
    '#set($s="xxxxxxxxxxxxxxxx")#foreach($i in [1..60])#set($s="$s$s")#end',
    "more than 41943040 characters in its values",
  ],
  ["a large output", `#foreach($i in [1..1000])${"x".repeat(11_000)}#end`, "more than 10485760 characters"],
  ["endless macros", "#macro(again)#again()#end#again()", "more than 100 levels of blocks and macros"],
  ["more rounds than API Gateway's", "#foreach($i in [1..1001])#end", "more than 1000 rounds"],
  ["a missing end", "#if($a)".repeat(40), "is an #end missing?"],
  ["a template of its own", '#eval("x")', "doesn't offer #eval"],
  ["code", '#set($f = $input.params.constructor("return process"))$f.call()', "the method constructor"],
  ["code by an index", '#set($f = $input["params"]["constructor"])$f.call("x")', "the method call"],
  ["code by a getter", '$input.get("constructor").keys($input)', "the method keys"],
  ["a method of another name", "$input.body.repeat(3)", "the method repeat"],
  ["a change of the context", '#set($context.apiId = "evil")', "#set variables only"],
  ["a change of the process", '#set($o.hasOwnProperty.call = "x")', "#set variables only"],
])("a template has no way to %s", async (_, template, reason) => {
  const startedAt = performance.now();
  const answer = await client.call(await templateApi(`${template}\n{"statusCode": 200}`), { path: "/" });
  expect(refusal(answer)).toEqual([500, "InternalServerErrorException", INTERNAL_ERROR]);
  expect(client.aws.decisions(1)[0]?.detail.join()).toContain(reason);
  expect(performance.now() - startedAt).toBeLessThan(3000);
});

test("templates have variables, loops, and the methods of maps", async () => {
  const api = await templateApi(
    '#set($all = $input.params())#foreach($type in $all.keySet())#foreach($name in $all.get($type).keySet())#if($name == "q"){"statusCode": "$all.get($type).get($name)"}#end#end#end',
  );
  const answer = await client.call(api, { path: "/?q=200" });
  expect([answer.status, answer.headers["x-api"]]).toEqual([200, api]);
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
