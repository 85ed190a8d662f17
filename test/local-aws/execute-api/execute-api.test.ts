import {
  CreateDeploymentCommand,
  PutGatewayResponseCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  UpdateAccountCommand,
  UpdateRestApiCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { DEVELOPER_PROVIDER, type IdentitySession, identitySession } from "../identity-session";
import { type Answer, ApiClient, type ApiRequest, STAGE } from "./api-client";

/** Shows its event, does as it is told, fails or dawdles, as the resource says. */
const APP = `
exports.handler = async (event) => {
  if (event.resource === "/respond") return JSON.parse(event.body);
  if (event.resource === "/fail") throw new Error("as asked");
  if (event.resource === "/slow") await new Promise((resolve) => setTimeout(resolve, 3000));
  return { statusCode: 200, body: JSON.stringify(event) };
};`;

const IAM = { authorizationType: "AWS_IAM" };

let aws: LocalAws;
let client: ApiClient;
let apiId: string;
let session: IdentitySession;
/** Milliseconds that the account's clock is ahead of the machine's. */
let ahead = 0;

beforeAll(async () => {
  aws = await startLocalAws({ now: () => new Date(Date.now() + ahead) });
  client = new ApiClient(aws);
  const app = client.proxyTo(await client.createFunction("app", APP));
  const closed = client.proxyTo(await client.createFunction("closed", APP));
  const gone = client.proxyTo(`arn:aws:lambda:${aws.region}:${aws.accountId}:function:gone`);
  apiId = await client.createApi(
    {
      "GET /hello": { method: IAM, integration: app },
      "POST /hello": { method: IAM, integration: app },
      "GET /restricted": { method: IAM, integration: app },
      "GET /denied": { method: IAM, integration: app },
      "GET /users/{user}": { method: IAM, integration: app },
      "ANY /open": { integration: app },
      "GET /open/{rest+}": { integration: app },
      "POST /respond": { integration: app },
      "GET /fail": { integration: app },
      "GET /slow": { integration: { ...app, timeoutInMillis: 60 } },
      "GET /closed": { integration: closed },
      "GET /gone": { integration: gone },
      "GET /by-get": { integration: { ...app, integrationHttpMethod: "GET" } },
      "GET /by-variable": { integration: client.proxyTo(client.lambdaArn("${stageVariables.name}")) },
      "GET /with-key": { method: { apiKeyRequired: true }, integration: app },
    },
    { binaryMediaTypes: ["image/png"] },
  );
  await client.deploy(apiId, { name: "app", colour: "blue" });
  await client.permit("app", apiId, "*");
  session = await identitySession(aws, "alice", [
    {
      Effect: "Allow",
      Action: "execute-api:Invoke",
      Resource: [
        client.invokeArn(apiId, "GET/hello"),
        client.invokeArn(apiId, "POST/hello"),
        client.invokeArn(apiId, "GET/denied"),
        client.invokeArn(apiId, "GET/users/${cognito-identity.amazonaws.com:sub}"),
      ],
    },
    { Effect: "Deny", Action: "execute-api:*", Resource: client.invokeArn(apiId, "GET/denied") },
  ]);
});

afterAll(async () => {
  await client.close();
  await aws.stop();
});

const call = (request: ApiRequest) => client.call(apiId, request);
const eventOf = (answer: Answer) => JSON.parse(answer.text);

/** What tells one refusal from another. */
function refusal({ status, headers, text }: Answer): [number, unknown, unknown] {
  return [status, headers["x-amzn-errortype"], JSON.parse(text)];
}

const MISSING_TOKEN = [
  403,
  "MissingAuthenticationTokenException",
  { message: "Missing Authentication Token" },
];
const INTERNAL_ERROR = { message: "Internal server error" };

describe("a route behind AWS_IAM", () => {
  test("answers an identity that was granted it and tells the function who called", async () => {
    const answer = await call({ path: "/hello?a=1", credentials: session });
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(answer.headers["x-amzn-requestid"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers["x-amz-apigw-id"]).toMatch(/^[\w-]{15}=$/);
    expect(answer.headers["x-amzn-trace-id"]).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(answer.headers).not.toHaveProperty("x-amzn-errortype");
    const { requestContext, headers } = eventOf(answer);
    const [caller] = [`${requestContext.identity.caller}`];
    expect(caller).toMatch(/^AROA[A-Z0-9]{16,17}:CognitoIdentityCredentials$/);
    expect(requestContext.identity).toEqual({
      accessKey: session.accessKeyId,
      accountId: aws.accountId,
      caller,
      cognitoAuthenticationProvider: `${DEVELOPER_PROVIDER},${DEVELOPER_PROVIDER}:${session.identityPoolId}:alice`,
      cognitoAuthenticationType: "authenticated",
      cognitoIdentityId: session.identityId,
      cognitoIdentityPoolId: session.identityPoolId,
      principalOrgId: null,
      sourceIp: "127.0.0.1",
      user: caller,
      userAgent: null,
      userArn: `arn:aws:sts::${aws.accountId}:assumed-role/${session.roleName}/CognitoIdentityCredentials`,
    });
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    expect(names).not.toContain("authorization");
    expect(names).toEqual(expect.arrayContaining(["x-amz-date", "x-amz-security-token"]));
  });

  test("takes a signed body", async () => {
    const body = JSON.stringify({ a: 1 });
    const request = { method: "POST", path: "/hello", body, credentials: session };
    const answer = await call({ ...request, headers: { "Content-Type": "application/json" } });
    expect([answer.status, eventOf(answer).body]).toEqual([200, body]);
  });

  test("takes a presigned URL, for as long as it says", async () => {
    const presigned = (expires: number) =>
      call({ path: `/hello?X-Amz-Expires=${expires}`, credentials: session, presign: true });
    expect((await presigned(60)).status).toBe(200);
    ahead = 61_000;
    try {
      expect(refusal(await presigned(60)).slice(0, 2)).toEqual([403, "InvalidSignatureException"]);
    } finally {
      ahead = 0;
    }
  });

  test("takes the root user, who is no Cognito identity", async () => {
    const { requestContext } = eventOf(await call({ path: "/restricted", credentials: aws.credentials }));
    expect(requestContext.identity).toMatchObject({
      accountId: aws.accountId,
      userArn: `arn:aws:iam::${aws.accountId}:root`,
      cognitoIdentityId: null,
      cognitoAuthenticationProvider: null,
    });
  });

  test("can be granted by the identity's own id in the path", async () => {
    const own = await call({ path: `/users/${session.identityId}`, credentials: session });
    expect(eventOf(own).pathParameters).toEqual({ user: session.identityId });
    const other = await call({ path: "/users/us-east-1:someone-else", credentials: session });
    expect(other.status).toBe(403);
  });

  test("refuses what was not granted, in AWS's words and with the account masked", async () => {
    const userArn = `arn:aws:sts::${aws.accountId}:assumed-role/${session.roleName}/CognitoIdentityCredentials`;
    const resource = (path: string) =>
      `arn:aws:execute-api:${aws.region}:********${aws.accountId.slice(-4)}:${apiId}/${STAGE}/GET/${path}`;
    const refused = (path: string) =>
      `User: ${userArn} is not authorized to perform: execute-api:Invoke on resource: ${resource(path)}`;
    const implicit = await call({ path: "/restricted", credentials: session });
    expect(refusal(implicit)).toEqual([
      403,
      "AccessDeniedException",
      {
        Message: `${refused("restricted")} because no identity-based policy allows the execute-api:Invoke action`,
      },
    ]);
    const explicit = await call({ path: "/denied", credentials: session });
    expect(refusal(explicit)).toEqual([
      403,
      "AccessDeniedException",
      { Message: `${refused("denied")} with an explicit deny in an identity-based policy` },
    ]);
  });

  const flipped = (headers: Record<string, string>) => {
    const signature = headers.Authorization as string;
    headers.Authorization = signature.slice(0, -1) + (signature.endsWith("0") ? "1" : "0");
  };
  const authorization = (value: string) => (headers: Record<string, string>) => {
    headers.Authorization = value;
  };

  test.each<[string, Partial<ApiRequest>, string, RegExp]>([
    [
      "without a signature",
      { credentials: undefined },
      "MissingAuthenticationToken",
      /^Missing Authentication Token$/,
    ],
    [
      "with a bearer token",
      { tamper: authorization("Bearer x") },
      "IncompleteSignature",
      /^Invalid key=value pair \(missing equal-sign\) in Authorization header \(hashed with SHA-256 and encoded with Base64\): '.{43}='\.$/,
    ],
    [
      "with an empty signature",
      { tamper: authorization("AWS4-HMAC-SHA256") },
      "IncompleteSignature",
      /^Authorization header requires 'Credential' parameter\. Authorization header requires 'Signature' parameter\. Authorization header requires 'SignedHeaders' parameter\. /,
    ],
    [
      "with a flipped character",
      { tamper: flipped },
      "InvalidSignature",
      /^The request signature we calculated does not match/,
    ],
    [
      "signed for another region",
      { scope: { region: "eu-west-1" } },
      "InvalidSignature",
      /^Credential should be scoped to a valid region/,
    ],
    [
      "signed for another service",
      { scope: { service: "lambda" } },
      "InvalidSignature",
      /^Credential should be scoped to correct service: 'execute-api'/,
    ],
    [
      "signed ten minutes ago",
      { headers: { "X-Amz-Date": new Date(Date.now() - 600_000).toISOString().replace(/[-:]|\.\d+/g, "") } },
      "InvalidSignature",
      /^Signature expired: /,
    ],
    [
      "without the session token",
      { tamper: (headers) => delete headers["X-Amz-Security-Token"] },
      "UnrecognizedClient",
      /^The security token included in the request is invalid\.$/,
    ],
    [
      "by an unknown key",
      { credentials: { accessKeyId: "AKIAAAAAAAAAAAAAAAAA", secretAccessKey: "x" } },
      "UnrecognizedClient",
      /^The security token included in the request is invalid\.$/,
    ],
  ])("refuses a call %s", async (_, request, errorType, message) => {
    const answer = await call({ path: "/hello", credentials: session, ...request });
    expect(refusal(answer)).toEqual([
      403,
      `${errorType}Exception`,
      { message: expect.stringMatching(message) },
    ]);
    expect(answer.headers).not.toHaveProperty("x-amzn-trace-id");
  });

  test("refuses a session that has ended", async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = session;
    ahead = 61 * 60_000;
    try {
      const date = new Date(Date.now() + ahead).toISOString().replace(/[-:]|\.\d+/g, "");
      const credentials = { accessKeyId, secretAccessKey, sessionToken };
      const answer = await call({ path: "/hello", credentials, headers: { "X-Amz-Date": date } });
      expect(refusal(answer)).toEqual([
        403,
        "ExpiredTokenException",
        { message: "The security token included in the request is expired" },
      ]);
    } finally {
      ahead = 0;
    }
  });

  describe("granted as GET/hello is not entered by", () => {
    // The same route to API Gateway, another ARN to IAM.
    test.each(["/hello/", "//hello", "/hello//", "/restricted?/hello"])("%s", async (path) => {
      const answer = await call({ path, credentials: session });
      expect([answer.status, answer.headers["x-amzn-errortype"]]).toEqual([403, "AccessDeniedException"]);
    });

    test.each([
      "/hello/.",
      "/./hello",
      "/hello/../restricted",
      "/restricted/../hello",
      "/restricted/hello",
      "/hello%2F",
      "/hello%2F..%2Frestricted",
      "/%68ello",
      "/hello%00",
      "/hello%20",
      "/hello%3F",
      "/hello;x",
      "/hello#",
      "/Hello",
      "/HELLO",
    ])("%s", async (path) => {
      expect(refusal(await call({ path, credentials: session }))).toEqual(MISSING_TOKEN);
    });
  });
});

describe("a path or a stage that isn't there", () => {
  test("is refused whether signed or not", async () => {
    expect(refusal(await call({ path: "/nowhere" }))).toEqual(MISSING_TOKEN);
    expect(refusal(await call({ path: "/nowhere", credentials: session }))).toEqual(MISSING_TOKEN);
    expect(refusal(await call({ path: "/hello", method: "DELETE", credentials: session }))).toEqual(
      MISSING_TOKEN,
    );
    const malformed = await call({ path: "/nowhere", headers: { Authorization: "Bearer x" } });
    expect(refusal(malformed).slice(0, 2)).toEqual([403, "IncompleteSignatureException"]);
  });

  test("is explained to the developer", async () => {
    await call({ path: "/nowhere" });
    expect(aws.decisions(1)[0]).toMatchObject({
      kind: "route",
      subject: `GET /${STAGE}/nowhere of API ${apiId}`,
      detail: [expect.stringContaining("the deployed routes are: GET /hello, POST /hello, ")],
    });
    await call({ stage: "prod", path: "/open" });
    expect(aws.decisions(1)[0]).toMatchObject({ kind: "stage", detail: [`the API's stages are: ${STAGE}`] });
    await client.call("nosuchapi1", { path: "/open" });
    expect(aws.decisions(1)[0]).toMatchObject({ kind: "stage", detail: ["there is no REST API nosuchapi1"] });
  });

  test("has no API to say more than Forbidden", async () => {
    const forbidden = [403, "ForbiddenException", { message: "Forbidden" }];
    expect(refusal(await call({ stage: "prod", path: "/open" }))).toEqual(forbidden);
    expect(refusal(await call({ stage: "constructor", path: "/open" }))).toEqual(forbidden);
    expect(refusal(await client.call("nosuchapi1", { path: "/open" }))).toEqual(forbidden);
    expect(refusal(await client.call("constructor", { path: "/open" }))).toEqual(forbidden);
  });
});

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
      accountId: aws.accountId,
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
    const [decision] = aws.decisions(1);
    expect(decision).toMatchObject({ kind: "integration", outcome: "refused" });
    expect(decision?.detail.join("\n")).toContain(reason);
  });
});

test("stage variables name the function", async () => {
  expect(eventOf(await call({ path: "/by-variable" })).resource).toBe("/by-variable");
});

test("a method that needs an API key can't be called without one", async () => {
  expect(refusal(await call({ path: "/with-key" }))).toEqual([
    403,
    "ForbiddenException",
    { message: "Forbidden" },
  ]);
});

describe("limits", () => {
  test("a body of more than 10 MiB is refused", async () => {
    const tooLong = await call({ method: "POST", path: "/open", body: Buffer.alloc(10_485_761) });
    expect([tooLong.status, tooLong.text]).toEqual([413, "HTTP content length exceeded 10485760 bytes."]);
  });

  test("a path of more than 1,600 bytes is refused", async () => {
    const tooLong = await call({ path: `/open/${"x".repeat(1600)}` });
    expect([tooLong.status, tooLong.text]).toEqual([414, "Request URI too long"]);
  });
});

describe("an API of its own", () => {
  const mock = { type: "MOCK" as const, requestTemplates: { "application/json": '{"statusCode": 200}' } };

  /** The method's only answer: 200 with these headers. */
  async function answerWith(
    restApiId: string,
    route: { resourceId: string; httpMethod: string },
    headers: Record<string, string>,
    responseTemplates?: Record<string, string>,
  ) {
    const ok = { restApiId, ...route, statusCode: "200" };
    const names = Object.keys(headers).map((name) => `method.response.header.${name}`);
    await client.gateway.send(
      new PutMethodResponseCommand({
        ...ok,
        responseParameters: Object.fromEntries(names.map((name) => [name, false])),
      }),
    );
    const responseParameters = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [`method.response.header.${name}`, value]),
    );
    await client.gateway.send(
      new PutIntegrationResponseCommand({ ...ok, responseParameters, responseTemplates }),
    );
  }

  test("answers preflights from MOCK", async () => {
    const api = await client.createApi({ "OPTIONS /hello": { integration: mock } });
    const route = { resourceId: await client.resourceId(api, "/hello"), httpMethod: "OPTIONS" };
    await answerWith(api, route, {
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
    await answerWith(api, route, {}, { "application/json": body });
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
    await answerWith(api, { resourceId: await client.resourceId(api, "/"), httpMethod: "GET" }, {});
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
    expect(aws.decisions(1)[0]?.detail.join()).toMatch(/^a template can't be rendered/);
  });

  test("refuses types that a NEVER integration has no template for", async () => {
    const api = await client.createApi({
      "POST /": { integration: { ...mock, passthroughBehavior: "NEVER" } },
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

  test("serves what was deployed until it is deployed again", async () => {
    const api = await client.createApi({ "GET /": { integration: mock } });
    const route = { resourceId: await client.resourceId(api, "/"), httpMethod: "GET" };
    await answerWith(api, route, { "X-Version": "'1'" });
    await client.deploy(api);
    const version = async () => (await client.call(api, { path: "/" })).headers["x-version"];
    expect(await version()).toBe("1");
    await client.gateway.send(
      new PutIntegrationResponseCommand({
        restApiId: api,
        ...route,
        statusCode: "200",
        responseParameters: { "method.response.header.X-Version": "'2'" },
      }),
    );
    await client.gateway.send(
      new UpdateRestApiCommand({
        restApiId: api,
        patchOperations: [{ op: "replace", path: "/name", value: "renamed" }],
      }),
    );
    await client.gateway.send(
      new PutMethodCommand({ restApiId: api, ...route, httpMethod: "POST", authorizationType: "NONE" }),
    );
    await client.gateway.send(
      new PutIntegrationCommand({ restApiId: api, ...route, httpMethod: "POST", type: "MOCK" }),
    );
    expect(await version()).toBe("1");
    expect(refusal(await client.call(api, { method: "POST", path: "/" }))).toEqual(MISSING_TOKEN);
    expect(aws.decisions(1)[0]?.detail).toEqual([
      "POST / exists, but not in the stage's deployment: deploy the API again",
    ]);
    await client.gateway.send(new CreateDeploymentCommand({ restApiId: api, stageName: STAGE }));
    expect(await version()).toBe("2");
    await client.gateway.send(
      new UpdateRestApiCommand({
        restApiId: api,
        patchOperations: [{ op: "replace", path: "/disableExecuteApiEndpoint", value: "true" }],
      }),
    );
    expect(await version()).toBe("2");
    await client.gateway.send(new CreateDeploymentCommand({ restApiId: api, stageName: STAGE }));
    expect(refusal(await client.call(api, { path: "/" }))).toEqual([
      403,
      "ForbiddenException",
      { message: "Forbidden" },
    ]);
  });

  test("customises its refusals", async () => {
    const api = await client.createApi({
      "GET /iam": { method: IAM, integration: mock },
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

  test("throttles each method by its own bucket", async () => {
    const api = await client.createApi({ "GET /a": { integration: mock }, "GET /b": { integration: mock } });
    for (const path of ["/a", "/b"]) {
      await answerWith(api, { resourceId: await client.resourceId(api, path), httpMethod: "GET" }, {});
    }
    await client.deploy(api);
    const set = (path: string, value: string) => ({ op: "replace" as const, path, value });
    await client.gateway.send(
      new UpdateStageCommand({
        restApiId: api,
        stageName: STAGE,
        patchOperations: [
          set("/*/*/throttling/rateLimit", "0.001"),
          set("/*/*/throttling/burstLimit", "2"),
          set("/b/GET/throttling/burstLimit", "0"),
        ],
      }),
    );
    const statuses = async (path: string, count: number) => {
      const answers: number[] = [];
      for (let n = 0; n < count; n++) answers.push((await client.call(api, { path })).status);
      return answers;
    };
    expect(await statuses("/a", 3)).toEqual([200, 200, 429]);
    expect(await statuses("/b", 1)).toEqual([429]);
    expect(refusal(await client.call(api, { path: "/a" }))).toEqual([
      429,
      "TooManyRequestsException",
      { message: "Too Many Requests" },
    ]);
    ahead = 1_000_000;
    try {
      expect(await statuses("/a", 2)).toEqual([200, 429]);
    } finally {
      ahead = 0;
    }
  });

  describe("with a resource policy", () => {
    const allow = (principal: unknown, resource: string, more = {}) => ({
      Effect: "Allow",
      Principal: principal,
      Action: "execute-api:Invoke",
      Resource: resource,
      ...more,
    });

    /** Routes `/iam` and `/none` behind the policy; nobody has an identity-based grant for them. */
    async function deployed(...statements: object[]) {
      const api = await client.createApi(
        { "GET /iam": { method: IAM, integration: mock }, "GET /none": { integration: mock } },
        { policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) },
      );
      for (const path of ["/iam", "/none"]) {
        await answerWith(api, { resourceId: await client.resourceId(api, path), httpMethod: "GET" }, {});
      }
      await client.deploy(api);
      return {
        signed: async () => client.call(api, { path: "/iam", credentials: session }),
        unsigned: async () => client.call(api, { path: "/none" }),
      };
    }

    test("the policy's allowance is enough in one account", async () => {
      const arn = `arn:aws:iam::${aws.accountId}:role/${session.roleName}`;
      const { signed, unsigned } = await deployed(allow({ AWS: arn }, "execute-api:/dev/GET/iam"));
      expect((await signed()).status).toBe(200);
      const refused = await unsigned();
      expect(refusal(refused)).toEqual([
        403,
        "AccessDeniedException",
        {
          Message: expect.stringMatching(
            /^User: anonymous is not authorized .* because no resource-based policy allows the execute-api:Invoke action$/,
          ),
        },
      ]);
    });

    test("its denial wins over everybody's allowance", async () => {
      const deny = { Effect: "Deny", Condition: { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } } };
      const { signed, unsigned } = await deployed(
        allow("*", "execute-api:/*"),
        allow("*", "execute-api:/*/GET/iam", deny),
      );
      expect((await unsigned()).status).toBe(200);
      expect(JSON.parse((await signed()).text).Message).toMatch(
        / with an explicit deny in a resource-based policy$/,
      );
    });
  });

  test("writes its access log", async () => {
    const connection = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
    const [iam, logs] = [new IAMClient(connection), new CloudWatchLogsClient(connection)];
    const trust = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    };
    const { Role: role } = await iam.send(
      new CreateRoleCommand({ RoleName: "gateway-logs", AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    const set = (path: string, value = "") => ({ op: "replace" as const, path, value });
    await client.gateway.send(
      new UpdateAccountCommand({ patchOperations: [set("/cloudwatchRoleArn", role?.Arn)] }),
    );
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/api/access" }));
    const api = await client.createApi({ "GET /iam": { method: IAM, integration: mock } });
    await client.deploy(api);
    const format = [
      "requestId",
      "httpMethod",
      "resourcePath",
      "status",
      "responseLength",
      "identity.sourceIp",
      "identity.cognitoIdentityId",
      "error.responseType",
      "authorizer.principalId",
    ].map((name) => `$context.${name}`);
    await client.gateway.send(
      new UpdateStageCommand({
        restApiId: api,
        stageName: STAGE,
        patchOperations: [
          set(
            "/accessLogSettings/destinationArn",
            `arn:aws:logs:${aws.region}:${aws.accountId}:log-group:/api/access`,
          ),
          set("/accessLogSettings/format", format.join(" ")),
        ],
      }),
    );
    const unsigned = await client.call(api, { path: "/iam" });
    const denied = await client.call(api, { path: "/iam", credentials: session });
    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: "/api/access" }));
    expect(events?.map(({ message }) => message)).toEqual([
      `${unsigned.headers["x-amzn-requestid"]} GET /iam 403 ${unsigned.text.length} 127.0.0.1 - MISSING_AUTHENTICATION_TOKEN -`,
      `${denied.headers["x-amzn-requestid"]} GET /iam 403 ${denied.text.length} 127.0.0.1 ${session.identityId} ACCESS_DENIED -`,
    ]);
    iam.destroy();
    logs.destroy();
  });

  test("refuses a route again when its integration is replaced by one that the function doesn't permit", async () => {
    const api = await client.createApi({ "GET /": { integration: mock } });
    const route = { resourceId: await client.resourceId(api, "/"), httpMethod: "GET" };
    await answerWith(api, route, {});
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
});
