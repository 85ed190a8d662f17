/** The path form of an API's address: signed as it is sent, and to the API the same call as one by its own host. */
import { sign } from "aws4";
import { request } from "undici";
import {
  ApiClient,
  type Credentials,
  MISSING_TOKEN,
  MOCK,
  refusal,
  STAGE,
} from "../../../support/api-client";
import { deployEchoApi } from "../../../support/echo-api";
import type { IdentitySession } from "../../../support/identity-session";
import { send } from "../../../support/wire";

let client: ApiClient;
let apiId: string;
let session: IdentitySession;

beforeAll(async () => {
  client = await ApiClient.start();
  ({ apiId, session } = await deployEchoApi(client));
});

afterAll(() => client.stop());

interface PathCall {
  readonly path: string;
  readonly method?: string;
  readonly api?: string;
  readonly stage?: string;
  readonly credentials?: Credentials;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** @default as it is sent */
  readonly signedPath?: string;
}

async function call({ path, method = "GET", api = apiId, stage = STAGE, ...rest }: PathCall) {
  const host = `127.0.0.1:${client.aws.port}`;
  const sent = `/_aws/execute-api/${api}/${stage}${path}`;
  const message = {
    service: "execute-api",
    region: client.aws.region,
    host,
    method,
    path: rest.signedPath ?? sent,
    headers: { Host: host, ...rest.headers },
    body: rest.body,
  };
  const { headers } = rest.credentials ? sign(message, rest.credentials) : message;
  const answer = await request(`http://${host}${sent}`, {
    method: method as "GET",
    headers: headers as Record<string, string>,
    body: rest.body,
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(text), text };
}

test("the function and the context see what they see of a call by the API's host", async () => {
  const headers = { "User-Agent": "test", "X-Custom": "1" };
  const route = { path: "/hello?a=1&a=2", credentials: session, headers };
  const [byPath, byHost] = [await call(route), await client.call(apiId, route)];
  expect([byPath.status, byHost.status]).toEqual([200, 200]);
  const [seen, expected] = [byPath, byHost].map(({ text }) => {
    const event = JSON.parse(text);
    const { requestId, extendedRequestId, requestTime, requestTimeEpoch, ...context } = event.requestContext;
    for (const name of ["X-Amzn-Trace-Id", "X-Amz-Date"]) {
      delete event.headers[name];
      delete event.multiValueHeaders[name];
    }
    return { ...event, requestContext: context };
  });
  expect(seen).toEqual(expected);
  expect(seen).toMatchObject({
    path: "/hello",
    headers: { Host: client.host(apiId) },
    requestContext: {
      path: `/${STAGE}/hello`,
      domainName: client.host(apiId),
      domainPrefix: apiId,
      identity: { cognitoIdentityId: session.identityId },
    },
  });
});

test("a body is signed and arrives, a path with percent-encodings is signed as sent", async () => {
  const posted = await call({ path: "/hello", method: "POST", body: '{"a":1}', credentials: session });
  expect(JSON.parse(posted.text).body).toBe('{"a":1}');
  const user = encodeURIComponent(session.identityId);
  const encoded = await call({ path: `/users/${user}`, credentials: session });
  expect(JSON.parse(encoded.text).message).toBeUndefined();
});

test("policies decide on the API's ARN", async () => {
  const { status, headers, text } = await call({ path: "/restricted", credentials: session });
  expect([status, headers["x-amzn-errortype"]]).toEqual([403, "AccessDeniedException"]);
  const masked = client.invokeArn(apiId, "GET/restricted").replace(/\d{8}(?=\d{4}:)/, "********");
  expect(JSON.parse(text).Message).toContain(`on resource: ${masked} because`);
  expect(client.aws.decisions(1)[0]?.subject).toContain(client.invokeArn(apiId, "GET/restricted"));
});

test.each([
  ["what would be signed for the host form", `/${STAGE}/hello`],
  ["another API's path", `/_aws/execute-api/another123/${STAGE}/hello`],
  ["another stage's path", "/_aws/execute-api/API/prod/hello"],
])("a signature over %s is refused", async (_what, signedPath) => {
  const answer = await call({
    path: "/hello",
    credentials: session,
    signedPath: signedPath.replace("API", apiId),
  });
  expect(refusal(answer).slice(0, 2)).toEqual([403, "InvalidSignatureException"]);
});

test("a call without a signature is refused as by the host form", async () => {
  expect(refusal(await call({ path: "/hello" }))).toEqual(MISSING_TOKEN);
  expect(refusal(await call({ path: "/nowhere", credentials: session }))).toEqual(MISSING_TOKEN);
});

test.each([
  ["an unknown API", { api: "nosuchapi1", path: "/open" }],
  ["a name that every object has", { api: "constructor", path: "/open" }],
  ["an unknown stage", { stage: "prod", path: "/open" }],
  ["no API", { api: "", stage: "", path: "" }],
])("%s is Forbidden", async (_what, request) => {
  expect(refusal(await call(request))).toEqual([403, "ForbiddenException", { message: "Forbidden" }]);
});

test("one API's signature can't be made another's with dots, which are resolved before a path is signed", async () => {
  const other = await client.createApi({ "GET /{rest+}": { integration: MOCK } });
  await client.deploy(other);
  const signed = sign(
    {
      service: "execute-api",
      region: client.aws.region,
      host: `127.0.0.1:${client.aws.port}`,
      path: `/_aws/execute-api/${apiId}/${STAGE}/hello`,
    },
    session,
  );
  const answer = await send(client.aws.port, {
    method: "GET",
    path: `/_aws/execute-api/${other}/${STAGE}/../../${apiId}/${STAGE}/hello`,
    headers: Object.entries(signed.headers as Record<string, string>),
  });
  expect(answer.status).toBe(400);
  expect(answer.text).toContain("segments . and ..");
});

test("the API answers preflights and pages as it was configured, and nothing is added to that", async () => {
  const api = await client.createApi({
    "OPTIONS /hello": { integration: MOCK },
    "GET /hello": { integration: MOCK },
  });
  for (const httpMethod of ["OPTIONS", "GET"]) {
    const route = { resourceId: await client.resourceId(api, "/hello"), httpMethod };
    await client.answerWith(api, route, { "Access-Control-Allow-Origin": "'https://app.example'" });
  }
  await client.deploy(api);
  const url = `${client.aws.endpoint}/_aws/execute-api/${api}/${STAGE}/hello`;
  const preflight = { Origin: "https://app.example", "Access-Control-Request-Method": "GET" };
  for (const [method, headers] of [
    ["OPTIONS", preflight],
    ["GET", { Origin: "https://app.example" }],
  ] as const) {
    const { statusCode, headers: answered } = await request(url, { method, headers });
    expect([statusCode, answered["access-control-allow-origin"]]).toEqual([200, "https://app.example"]);
    expect(answered["access-control-expose-headers"]).toBeUndefined();
  }
});

test("a page that lets its own name resolve to this machine gets nothing", async () => {
  const path = `/_aws/execute-api/${apiId}/${STAGE}/open`;
  const answer = await send(client.aws.port, { method: "GET", path, headers: [["Host", "rebound.example"]] });
  expect(answer.status).toBe(421);
});

test("fetch reaches it, whose resolver knows no *.localhost", async () => {
  const answer = await fetch(`${client.aws.endpoint}/_aws/execute-api/${apiId}/${STAGE}/open`);
  expect([answer.status, JSON.parse(await answer.text()).path]).toEqual([200, "/open"]);
});
