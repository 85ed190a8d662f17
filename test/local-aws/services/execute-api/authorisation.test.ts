import {
  type Answer,
  ApiClient,
  type ApiRequest,
  MISSING_TOKEN,
  refusal,
  STAGE,
} from "../../../support/api-client";
import { deployEchoApi } from "../../../support/echo-api";
import { DEVELOPER_PROVIDER, type IdentitySession, identitySession } from "../../../support/identity-session";

let client: ApiClient;
let apiId: string;
let session: IdentitySession;

beforeAll(async () => {
  client = await ApiClient.start();
  ({ apiId, session } = await deployEchoApi(client));
});

afterAll(() => client.stop());

const call = (request: ApiRequest) => client.call(apiId, request);
const eventOf = (answer: Answer) => JSON.parse(answer.text);

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
      accountId: client.aws.accountId,
      caller,
      cognitoAuthenticationProvider: `${DEVELOPER_PROVIDER},${DEVELOPER_PROVIDER}:${session.identityPoolId}:alice`,
      cognitoAuthenticationType: "authenticated",
      cognitoIdentityId: session.identityId,
      cognitoIdentityPoolId: session.identityPoolId,
      principalOrgId: null,
      sourceIp: "127.0.0.1",
      user: caller,
      userAgent: null,
      userArn: `arn:aws:sts::${client.aws.accountId}:assumed-role/${session.roleName}/CognitoIdentityCredentials`,
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
    client.clock.ahead = 61_000;
    try {
      expect(refusal(await presigned(60)).slice(0, 2)).toEqual([403, "InvalidSignatureException"]);
    } finally {
      client.clock.ahead = 0;
    }
  });

  test("takes the root user, who is no Cognito identity", async () => {
    const { requestContext } = eventOf(
      await call({ path: "/restricted", credentials: client.aws.credentials }),
    );
    expect(requestContext.identity).toMatchObject({
      accountId: client.aws.accountId,
      userArn: `arn:aws:iam::${client.aws.accountId}:root`,
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
    const userArn = `arn:aws:sts::${client.aws.accountId}:assumed-role/${session.roleName}/CognitoIdentityCredentials`;
    const resource = (path: string) =>
      `arn:aws:execute-api:${client.aws.region}:********${client.aws.accountId.slice(-4)}:${apiId}/${STAGE}/GET/${path}`;
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
      "signed ten minutes ahead",
      { headers: { "X-Amz-Date": new Date(Date.now() + 600_000).toISOString().replace(/[-:]|\.\d+/g, "") } },
      "InvalidSignature",
      /^Signature not yet current: /,
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
    client.clock.ahead = 61 * 60_000;
    try {
      const date = new Date(Date.now() + client.clock.ahead).toISOString().replace(/[-:]|\.\d+/g, "");
      const credentials = { accessKeyId, secretAccessKey, sessionToken };
      const answer = await call({ path: "/hello", credentials, headers: { "X-Amz-Date": date } });
      expect(refusal(answer)).toEqual([
        403,
        "ExpiredTokenException",
        { message: "The security token included in the request is expired" },
      ]);
    } finally {
      client.clock.ahead = 0;
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

describe("a Deny on exactly one path", () => {
  let denied: IdentitySession;

  beforeAll(async () => {
    denied = await identitySession(client.aws, "carol", [
      { Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" },
      {
        Effect: "Deny",
        Action: "execute-api:Invoke",
        Resource: ["GET/hello", "GET/users/dave"].map((route) => client.invokeArn(apiId, route)),
      },
    ]);
  });

  test.each(["/hello", "//hello", "/hello/", "//hello//", "/users/dave", "/users/%64ave", "//users/dav%65/"])(
    "isn't escaped by writing it as %s",
    async (path) => {
      const answer = await call({ path, credentials: denied });
      expect([answer.status, answer.headers["x-amzn-errortype"]]).toEqual([403, "AccessDeniedException"]);
      expect(JSON.parse(answer.text).Message).toMatch(/ with an explicit deny in an identity-based policy$/);
    },
  );

  test.each(["//restricted", "/users/erin/", "/users/a%20b"])("leaves %s open", async (path) => {
    expect((await call({ path, credentials: denied })).status).toBe(200);
  });
});

test("a method that needs an API key can't be called without one", async () => {
  expect(refusal(await call({ path: "/with-key" }))).toEqual([
    403,
    "ForbiddenException",
    { message: "Forbidden" },
  ]);
});
