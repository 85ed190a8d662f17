/** Cognito's data plane is open to pages of every origin, nothing else is: what a browser asks and what it is told, as HTTP. */
import { CognitoIdentityClient, GetCredentialsForIdentityCommand } from "@aws-sdk/client-cognito-identity";
import type { HttpRequest } from "@smithy/core/protocols";
import { sign } from "aws4";
import { request } from "undici";
import { cognitoIdentity } from "../../../local-aws/services/cognito-identity";
import {
  COGNITO,
  createPool,
  createRole,
  developerToken,
  type IdentityAccount,
  poolTrust,
  setRoles,
  startIdentityAccount,
} from "../../support/identity-account";

const ORIGIN = "https://app.example";

/** What the SDK's client for browsers sends, as a preflight of AWS was recorded with it. */
const SDK_HEADERS =
  "content-type,x-amz-target,content-length,host,x-amz-user-agent,user-agent,Authorization,amz-sdk-invocation-id,amz-sdk-request,x-amz-security-token";

/** Recorded, but for the id and the date: https://github.com/AllanZhengYP/cors-test/blob/79b2242/output.md */
const RECORDED = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": SDK_HEADERS,
  "access-control-allow-methods": "POST",
  "access-control-expose-headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
  "access-control-max-age": "172800",
};

let account: IdentityAccount;
beforeAll(async () => {
  account = await startIdentityAccount();
});
afterAll(() => account.stop());

async function send(method: string, path: string, headers: Record<string, string>, body?: string) {
  const answer = await request(`${account.aws.endpoint}${path}`, { method: method as "POST", headers, body });
  const names = Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"));
  const cors = Object.fromEntries(names.map((name) => [name, answer.headers[name]]));
  return { status: answer.statusCode, headers: answer.headers, cors, text: await answer.body.text() };
}

const preflight = (path: string, method: string, requested?: string, origin = ORIGIN) =>
  send("OPTIONS", path, {
    Origin: origin,
    "Access-Control-Request-Method": method,
    ...(requested === undefined ? {} : { "Access-Control-Request-Headers": requested }),
  });

/** What a page posts, signed with root's key if asked. */
function post(operation: string, input: object, { origin = true, signed = false } = {}) {
  const message = {
    service: "cognito-identity",
    region: account.aws.region,
    host: `127.0.0.1:${account.aws.port}`,
    method: "POST",
    path: "/",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityService.${operation}`,
      ...(origin ? { Origin: ORIGIN } : {}),
    },
    body: JSON.stringify(input),
  };
  const { headers } = signed ? sign(message, account.aws.credentials) : message;
  return send("POST", "/", headers as Record<string, string>, message.body);
}

const READABLE = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
};

describe("a preflight", () => {
  test("for the SDK's headers is answered as recorded", async () => {
    const { status, headers, cors, text } = await preflight("/", "POST", SDK_HEADERS);
    expect([status, text, headers["content-length"]]).toEqual([200, "", "0"]);
    expect(cors).toEqual(RECORDED);
    expect(headers["x-amzn-requestid"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    [
      "a signer",
      "authorization,content-type,x-amz-content-sha256,x-amz-date,x-amz-security-token,x-amz-target",
    ],
    ["Amplify", "cache-control,content-type,x-amz-target,x-amz-user-agent"],
  ])("lets all headers of %s pass", async (_who, requested) => {
    expect((await preflight("/", "POST", requested)).cors["access-control-allow-headers"]).toBe(requested);
  });

  test.each(["https://app.example", "http://localhost:5173", "null"])(
    "takes the origin %s",
    async (origin) => {
      const { status, cors } = await preflight("/", "POST", SDK_HEADERS, origin);
      expect([status, cors["access-control-allow-origin"]]).toEqual([200, "*"]);
    },
  );

  test("doesn't let a header pass that nobody's client sends", async () => {
    const { cors } = await preflight("/", "POST", "x-amz-target, x-custom ,Content-Type");
    expect(cors["access-control-allow-headers"]).toBe("x-amz-target,Content-Type");
  });

  test.each([
    ["a form of STS or IAM", "/", "POST", "authorization,content-type,x-amz-date"],
    ["no header at all", "/", "POST", undefined],
    ["another method", "/", "GET", SDK_HEADERS],
    ["another path", "/restapis", "POST", SDK_HEADERS],
    ["Lambda", "/2015-03-31/functions", "POST", "authorization,x-amz-date"],
    ["a deletion", "/restapis/abc", "DELETE", "authorization,x-amz-date"],
    ["what local AWS tells of itself", "/_local/decisions", "GET", SDK_HEADERS],
  ])("for %s is refused", async (_what, path, method, requested) => {
    const { status, cors, text } = await preflight(path, method, requested);
    expect([status, cors]).toEqual([403, {}]);
    expect(JSON.parse(text).message).toMatch(/^Web pages may /);
  });

  test.each<[number, Record<string, string>]>([
    [400, {}],
    [403, { Origin: ORIGIN }],
    [400, { "Access-Control-Request-Method": "POST" }],
  ])("is one only with an origin and a method: %i otherwise", async (status, headers) => {
    expect(await send("OPTIONS", "/", headers)).toMatchObject({ status, cors: {} });
  });
});

describe("the answer to a page's request", () => {
  test("of the data plane can be read, by nobody but a page", async () => {
    const poolId = await createPool(account, { AllowUnauthenticatedIdentities: true });
    const answer = await post("GetId", { IdentityPoolId: poolId });
    expect([answer.status, answer.cors]).toEqual([200, READABLE]);
    expect((await post("GetId", { IdentityPoolId: poolId }, { origin: false })).cors).toEqual({});
  });

  test.each([
    ["an operation's own", "GetId", { IdentityPoolId: "us-east-1:00000000-0000-4000-8000-000000000000" }],
    ["a broken constraint", "GetId", { IdentityPoolId: "" }],
    ["an unknown operation", "Dance", {}],
  ])("can be read when it is an error: %s", async (_what, operation, input) => {
    const { status, cors, headers } = await post(operation, input);
    expect([status, cors]).toEqual([400, READABLE]);
    expect(headers["x-amzn-errortype"]).toMatch(/Exception:$/);
  });

  test("of every other operation is no: not even with root's signature is anything done", async () => {
    const closed = Object.entries(cognitoIdentity.operations)
      .filter(([, { permission }]) => permission !== "unsigned")
      .map(([name]) => name);
    expect(closed).toEqual(
      expect.arrayContaining([
        "CreateIdentityPool",
        "DeleteIdentities",
        "GetOpenIdTokenForDeveloperIdentity",
      ]),
    );
    for (const operation of closed) {
      for (const signed of [true, false]) {
        const { status, cors } = await post(operation, {}, { signed });
        expect([operation, status, cors]).toEqual([operation, 403, {}]);
      }
    }
    const before = account.aws.resources();
    const pool = { IdentityPoolName: "by a page", AllowUnauthenticatedIdentities: false };
    expect((await post("CreateIdentityPool", pool, { signed: true })).status).toBe(403);
    expect(account.aws.resources()).toEqual(before);
    // The signature is good: only the page is refused.
    expect((await post("CreateIdentityPool", pool, { signed: true, origin: false })).status).toBe(200);
  });

  test.each([
    ["names its origin", { Origin: ORIGIN }],
    ["embeds it", { "Sec-Fetch-Site": "cross-site" }],
    ["is an API's in the path form", { "Sec-Fetch-Site": "same-origin" }],
  ])("of a presigned URL is no when the page %s", async (_what, headers) => {
    const { port, region, credentials } = account.aws;
    const path = "/?Action=ListRoles&Version=2010-05-08&X-Amz-Expires=60";
    const { path: presigned = "" } = sign(
      { service: "iam", host: `127.0.0.1:${port}`, region, path, signQuery: true },
      credentials,
    );
    expect((await send("GET", presigned, {})).status).toBe(200);
    expect(await send("GET", presigned, headers)).toMatchObject({ status: 403, cors: {} });
  });

  test.each([
    ["STS", "Action=AssumeRoleWithWebIdentity&Version=2011-06-15", {}],
    ["IAM", "Action=ListRoles&Version=2010-05-08", {}],
    ["Logs", "{}", { "X-Amz-Target": "Logs_20140328.DescribeLogGroups" }],
    ["a service that isn't here", "{}", { "X-Amz-Target": "DynamoDB_20120810.ListTables" }],
  ])("of %s can't be read", async (_service, body, headers) => {
    const { status, cors } = await send("POST", "/", { Origin: ORIGIN, ...headers }, body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(cors).toEqual({});
  });
});

/** As a browser does it: a preflight for what the client is about to send, and the request only if that allows it. */
class PreflightedCognito extends CognitoIdentityClient {
  constructor() {
    super({ endpoint: account.aws.endpoint, region: account.aws.region, maxAttempts: 1 });
    this.middlewareStack.add(
      (next) => async (args) => {
        const outgoing = args.request as HttpRequest;
        const names = Object.keys(outgoing.headers).map((name) => name.toLowerCase());
        const { cors } = await preflight("/", outgoing.method, names.join(","));
        expect(`${cors["access-control-allow-headers"]}`.split(",")).toEqual(names);
        outgoing.headers.origin = ORIGIN;
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
  }
}

test("the SDK exchanges a token between a preflight and an answer that it may read", async () => {
  const poolId = await createPool(account);
  const role = await createRole(account.iam, "members", poolTrust(poolId));
  await setRoles(account, poolId, { authenticated: role });
  const { identityId, token } = await developerToken(account, poolId, "alice");
  const { Credentials: issued } = await new PreflightedCognito().send(
    new GetCredentialsForIdentityCommand({ IdentityId: identityId, Logins: { [COGNITO]: token } }),
  );
  expect(issued?.AccessKeyId).toMatch(/^ASIA/);
});
