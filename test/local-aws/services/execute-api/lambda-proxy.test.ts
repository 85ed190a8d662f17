import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateDeploymentCommand, PutIntegrationCommand } from "@aws-sdk/client-api-gateway";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AddPermissionCommand, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import {
  type Answer,
  ApiClient,
  type ApiRequest,
  INTERNAL_ERROR,
  MOCK,
  refusal,
  STAGE,
} from "../../../support/api-client";
import { deployEchoApi } from "../../../support/echo-api";

let client: ApiClient;
let apiId: string;

beforeAll(async () => {
  client = await ApiClient.start();
  ({ apiId } = await deployEchoApi(client));
});

afterAll(() => client.stop());

const call = (request: ApiRequest) => client.call(apiId, request);
const eventOf = (answer: Answer) => JSON.parse(answer.text);

describe("the event of a function", () => {
  test("holds the request", async () => {
    const answer = await call({
      method: "POST",
      path: "/open?a=1&a=2&b=x%20y&c",
      headers: {
        "Content-Type": "text/plain",
        "X-Twice": "one",
        Authorization: "Bearer abc",
        "User-Agent": "test",
      },
      body: "grüezi",
    });
    const event = eventOf(answer);
    expect(event).toMatchObject({
      resource: "/open",
      path: "/open",
      httpMethod: "POST",
      queryStringParameters: { a: "2", b: "x y", c: "" },
      multiValueQueryStringParameters: { a: ["1", "2"], b: ["x y"], c: [""] },
      pathParameters: null,
      stageVariables: { name: "app", colour: "blue" },
      body: "grüezi",
      isBase64Encoded: false,
    });
    expect(event.headers).toMatchObject({
      // Where nothing is signed, the header is the application's own.
      Authorization: "Bearer abc",
      "Content-Type": "text/plain",
      Host: client.host(apiId),
      "X-Forwarded-For": "127.0.0.1",
      "X-Forwarded-Port": "443",
      "X-Forwarded-Proto": "https",
      "X-Amzn-Trace-Id": answer.headers["x-amzn-trace-id"],
    });
    expect(event.multiValueHeaders["X-Twice"]).toEqual(["one"]);
    expect(Object.keys(event.headers).map((name) => name.toLowerCase())).not.toContain("content-length");
    expect(event.requestContext).toEqual({
      accountId: client.aws.accountId,
      apiId,
      deploymentId: expect.stringMatching(/^[a-z0-9]{6}$/),
      domainName: client.host(apiId),
      domainPrefix: apiId,
      extendedRequestId: answer.headers["x-amz-apigw-id"],
      httpMethod: "POST",
      identity: expect.objectContaining({
        sourceIp: "127.0.0.1",
        userAgent: "test",
        accessKey: null,
        caller: null,
      }),
      path: `/${STAGE}/open`,
      protocol: "HTTP/1.1",
      requestId: answer.headers["x-amzn-requestid"],
      requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      requestTimeEpoch: expect.any(Number),
      resourceId: expect.stringMatching(/^[a-z0-9]{6}$/),
      resourcePath: "/open",
      stage: STAGE,
    });
  });

  test("has null where the request has nothing", async () => {
    expect(eventOf(await call({ path: "/open" }))).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      body: null,
      isBase64Encoded: false,
    });
  });

  test("keeps the path as it was sent", async () => {
    const slashes = eventOf(await call({ path: "//open/" }));
    expect([slashes.path, slashes.requestContext.path]).toEqual(["/open/", `/${STAGE}//open/`]);
    const greedy = eventOf(await call({ path: "/open/a%20b/c" }));
    expect(greedy).toMatchObject({ resource: "/open/{rest+}", pathParameters: { rest: "a%20b/c" } });
  });

  test("carries binary bodies as base64", async () => {
    const body = Buffer.from([0, 255, 1, 254]);
    const event = eventOf(
      await call({ method: "PUT", path: "/open", headers: { "Content-Type": "image/png" }, body }),
    );
    expect([event.body, event.isBase64Encoded]).toEqual([body.toString("base64"), true]);
  });
});

describe("the answer of a function", () => {
  const respond = (answer: unknown, headers = {}) =>
    call({ method: "POST", path: "/respond", body: JSON.stringify(answer), headers });

  test("becomes the client's", async () => {
    const answer = await respond({
      statusCode: 201,
      headers: { "Content-Type": "text/plain", "X-One": "1", Date: "never" },
      multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"] },
      body: "made",
    });
    expect([answer.status, answer.text]).toEqual([201, "made"]);
    expect(answer.headers).toMatchObject({
      "content-type": "text/plain",
      "x-one": "1",
      "set-cookie": ["a=1", "b=2"],
      "x-amzn-remapped-date": "never",
    });
  });

  test("is empty JSON when it says nothing", async () => {
    const answer = await respond({});
    expect([answer.status, answer.text, answer.headers["content-type"]]).toEqual([
      200,
      "",
      "application/json",
    ]);
  });

  test("of an error has no error type: that is how applications' errors are told from the gateway's", async () => {
    const answer = await respond({ statusCode: 403, body: "{}" });
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty("x-amzn-errortype");
  });

  test("is decoded where the client accepts its type as binary", async () => {
    const png = { isBase64Encoded: true, body: "AAEC/w==", headers: { "Content-Type": "image/png" } };
    expect((await respond(png, { Accept: "image/png" })).body).toEqual(Buffer.from([0, 1, 2, 255]));
    expect((await respond(png, { Accept: "text/html" })).text).toBe("AAEC/w==");
    const broken = await respond({ isBase64Encoded: true, body: "?" }, { Accept: "image/png" });
    expect(refusal(broken)).toEqual([500, "InternalServerErrorException", INTERNAL_ERROR]);
  });

  test.each([["hello"], [{ status: 200 }], [{ statusCode: 200, body: {} }], [[]]])(
    "%j is a bad gateway",
    async (answer) => {
      expect(refusal(await respond(answer))).toEqual([502, "InternalServerErrorException", INTERNAL_ERROR]);
    },
  );
});

describe("an integration that fails", () => {
  test.each([
    ["/fail", 502, "Internal server error", "the function failed"],
    ["/closed", 500, "Internal server error", "no Lambda permission"],
    ["/gone", 500, "Internal server error", "there is no such function"],
    ["/by-get", 500, "Internal server error", "Lambda is invoked by POST only"],
    ["/slow", 504, "Endpoint request timed out", "did not answer within 60 ms"],
  ])("%s answers %d and the decisions say why", async (path, status, message, reason) => {
    const answer = await call({ path });
    expect(refusal(answer)).toEqual([status, "InternalServerErrorException", { message }]);
    const [decision] = client.aws.decisions(1);
    expect(decision).toMatchObject({ kind: "integration", outcome: "refused" });
    expect(decision?.detail.join("\n")).toContain(reason);
  });
});

describe("the function's own end", () => {
  test.each([
    ["time-out", "exports.handler = () => new Promise((resolve) => setTimeout(resolve, 20_000));", 502],
    ["exit", "exports.handler = async () => process.exit(3);", 502],
    ["crash at its start", 'throw new Error("at once");', 502],
  ])("by %s is %s", async (kind, source, status) => {
    const name = `ends-by-${kind.replaceAll(" ", "-")}`;
    const integration = client.proxyTo(await client.createFunction(name, source, 1));
    const api = await client.createApi({ "GET /": { integration } });
    await client.deploy(api);
    await client.permit(name, api, "GET/");
    const answer = await client.call(api, { path: "/" });
    expect(refusal(answer)).toEqual([status, "InternalServerErrorException", INTERNAL_ERROR]);
    expect(client.aws.decisions(1)[0]?.detail.join()).toContain("the function failed");
  });

  test("before its beginning, for want of concurrency, is 500", async () => {
    const integration = client.proxyTo(
      await client.createFunction("throttled", "exports.handler = () => ({});"),
    );
    const api = await client.createApi({ "GET /": { integration } });
    await client.deploy(api);
    await client.permit("throttled", api, "GET/");
    const reserved = { FunctionName: "throttled", ReservedConcurrentExecutions: 0 };
    await client.lambda.send(new PutFunctionConcurrencyCommand(reserved));
    const answer = await client.call(api, { path: "/" });
    expect(refusal(answer)).toEqual([500, "InternalServerErrorException", INTERNAL_ERROR]);
    expect(client.aws.decisions(1)[0]?.detail.join()).toContain("no concurrency left");
  });
});

describe("the permission for an ANY method", () => {
  test.each([
    ["*/*/x", 200],
    [`${STAGE}/*/x`, 200],
    [`${STAGE}/ANY/x`, 200],
    [`${STAGE}/*`, 200],
    ["*", 200],
    // The method's own verb counts, not the request's.
    [`${STAGE}/GET/x`, 500],
    ["*/*/y", 500],
  ])("for API/%s makes it %d", async (pattern, status) => {
    const name = `any-${pattern.replace(/[^a-zA-Z]/g, (character) => `${character.charCodeAt(0)}`)}`;
    const integration = client.proxyTo(
      await client.createFunction(name, "exports.handler = async () => ({});"),
    );
    const api = await client.createApi({ "ANY /x": { integration } });
    await client.deploy(api);
    await client.lambda.send(
      new AddPermissionCommand({
        FunctionName: name,
        StatementId: "gateway",
        Action: "lambda:InvokeFunction",
        Principal: "apigateway.amazonaws.com",
        SourceArn: `arn:aws:execute-api:${client.aws.region}:${client.aws.accountId}:${api}/${pattern}`,
      }),
    );
    expect((await client.call(api, { path: "/x" })).status).toBe(status);
  });
});

test("what a function logs after the integration's time limit gets into the account's file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "local-aws-"));
  const data = join(folder, "account.json");
  const kept = await ApiClient.start({ data });
  try {
    const source = `exports.handler = async () => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      console.log("after all");
    };`;
    const integration = { ...kept.proxyTo(await kept.createFunction("late", source)), timeoutInMillis: 60 };
    const iam = new IAMClient({
      endpoint: kept.aws.endpoint,
      region: kept.aws.region,
      credentials: kept.aws.credentials,
    });
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "late-function",
        PolicyName: "logs",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "logs:*", Resource: "*" }],
        }),
      }),
    );
    iam.destroy();
    const api = await kept.createApi({ "GET /": { integration } });
    await kept.deploy(api);
    await kept.permit("late", api, "GET/");
    expect((await kept.call(api, { path: "/" })).status).toBe(504);
    const written = () => readFileSync(data, "utf8").includes("after all");
    const end = Date.now() + 5000;
    while (!written() && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(written()).toBe(true);
  } finally {
    await kept.stop();
    rmSync(folder, { recursive: true });
  }
});

test("stage variables name the function", async () => {
  expect(eventOf(await call({ path: "/by-variable" })).resource).toBe("/by-variable");
});

test("refuses a route again when its integration is replaced by one that the function doesn't permit", async () => {
  const api = await client.createApi({ "GET /": { integration: MOCK } });
  const route = { resourceId: await client.resourceId(api, "/"), httpMethod: "GET" };
  await client.answerWith(api, route, {});
  await client.deploy(api);
  expect((await client.call(api, { path: "/" })).status).toBe(200);
  await client.gateway.send(
    new PutIntegrationCommand({ restApiId: api, ...route, ...client.proxyTo(client.lambdaArn("app")) }),
  );
  await client.gateway.send(new CreateDeploymentCommand({ restApiId: api, stageName: STAGE }));
  expect((await client.call(api, { path: "/" })).status).toBe(500);
  await client.permit("app", api, "GET/");
  expect((await client.call(api, { path: "/" })).status).toBe(200);
});
