/** Attacks on the signature of a call that would be allowed: `GET /dev/hello` with a user's credentials. */

import { presigned, type Signing, signed } from "../../support/attack-signer";
import { deployTarget, type Target } from "../../support/attack-target";
import { refusalIn, type WireRequest } from "../../support/wire";

let target: Target;

beforeAll(async () => {
  target = await deployTarget();
});

afterAll(() => target.stop());

const hello = (changes: Partial<Signing> = {}): Signing => ({
  ...target.alice.credentials,
  at: target.now(),
  host: target.host,
  path: "/dev/hello",
  ...changes,
});
const ago = (seconds: number) => new Date(target.now().getTime() - seconds * 1000);

/** The request with a header replaced, or without it. */
const withHeader = (
  request: WireRequest,
  name: string,
  change: (value: string) => string | undefined,
): WireRequest => ({
  ...request,
  headers: request.headers.flatMap(([key, value]) => {
    const changed = key.toLowerCase() === name.toLowerCase() ? change(value) : value;
    return changed === undefined ? [] : [[key, changed] as const];
  }),
});
const plus = (request: WireRequest, ...headers: WireRequest["headers"]): WireRequest => ({
  ...request,
  headers: [...request.headers, ...headers],
});
const authorization = (change: (value: string) => string) =>
  withHeader(signed(hello()), "Authorization", change);
const authorizationOf = (request: WireRequest) =>
  request.headers.find(([name]) => name === "Authorization") as readonly [string, string];
const withQuery = (request: WireRequest, change: (path: string) => string): WireRequest => ({
  ...request,
  path: change(request.path),
});

describe("without the trick", () => {
  test.each<[name: string, request: () => WireRequest]>([
    ["signed in the header", () => signed(hello())],
    ["signed in the query", () => presigned(hello())],
    [
      "with a query, an empty value and odd characters",
      () => signed(hello({ path: "/dev/hello?b=%2F&a=1&a&c=%20~*" })),
    ],
    ["with a further signed header", () => signed(hello({ headers: [["X-Color", "  dark   blue "]] }))],
    ["with a further header that isn't signed", () => plus(signed(hello()), ["X-Color", "blue"])],
    ["four minutes old", () => signed(hello({ at: ago(240) }))],
    ["four minutes early", () => signed(hello({ at: ago(-240) }))],
    [
      "the token not among the signed headers",
      () => signed(hello({ signedHeaders: ["host", "x-amz-date"] })),
    ],
  ])("%s: allowed", async (_name, request) => {
    const answer = await target.send(request());
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining(target.alice.identityId)]);
  });

  test("sent twice within five minutes: allowed", async () => {
    const request = signed(hello());
    expect((await target.send(request)).status).toBe(200);
    expect((await target.later(290, () => target.send(request))).status).toBe(200);
  });
});

const MISMATCH =
  /^The request signature we calculated does not match the signature you provided\. Check your AWS Secret Access Key/;
const INVALID_TOKEN = /^The security token included in the request is invalid\.$/;
const NO_PAIR =
  /^Invalid key=value pair \(missing equal-sign\) in Authorization header \(hashed with SHA-256 and encoded with Base64\): '[A-Za-z0-9+/]{43}='\.$/;
const flip = (digit: string) => (digit === "0" ? "1" : "0");

const attacks: [name: string, request: () => WireRequest, code: string, message: RegExp][] = [
  [
    "no signature",
    () => withHeader(signed(hello()), "Authorization", () => undefined),
    "MissingAuthenticationTokenException",
    /^Missing Authentication Token$/,
  ],
  [
    "a bearer token",
    () => authorization(() => `Bearer ${target.alice.token}`),
    "IncompleteSignatureException",
    NO_PAIR,
  ],
  [
    "a password",
    () => authorization(() => "Basic YWxpY2U6c2VjcmV0"),
    "IncompleteSignatureException",
    NO_PAIR,
  ],
  ["an empty Authorization header", () => authorization(() => ""), "IncompleteSignatureException", /./],
  [
    "the algorithm alone",
    () =>
      withHeader(
        authorization(() => "AWS4-HMAC-SHA256"),
        "X-Amz-Date",
        () => undefined,
      ),
    "IncompleteSignatureException",
    /^Authorization header requires 'Credential' parameter\. Authorization header requires 'Signature' parameter\. Authorization header requires 'SignedHeaders' parameter\. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header\. \(Hashed with SHA-256 and encoded with Base64\) Authorization=[A-Za-z0-9+/]{43}=$/,
  ],
  [
    "no Signature",
    () => authorization((value) => value.replace(/, Signature=.*/, "")),
    "IncompleteSignatureException",
    /^Authorization header requires 'Signature' parameter\. \(Hashed/,
  ],
  [
    "another algorithm",
    () => signed(hello({ algorithm: "AWS4-HMAC-SHA1" })),
    "IncompleteSignatureException",
    /^Unsupported AWS 'algorithm'/,
  ],
  [
    "an algorithm of version 4a",
    () => signed(hello({ algorithm: "AWS4-ECDSA-P256-SHA256" })),
    "IncompleteSignatureException",
    /^Unsupported AWS 'algorithm'/,
  ],

  [
    "another secret",
    () => signed(hello({ secretAccessKey: target.bob.credentials.secretAccessKey })),
    "InvalidSignatureException",
    MISMATCH,
  ],
  ["no secret", () => signed(hello({ secretAccessKey: "" })), "InvalidSignatureException", MISMATCH],
  [
    "the first digit of the signature",
    () => authorization((value) => value.replace(/Signature=(.)/, (_, digit) => `Signature=${flip(digit)}`)),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "the last digit of the signature",
    () => authorization((value) => value.replace(/.$/, flip)),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "half the signature",
    () => authorization((value) => value.slice(0, -32)),
    "InvalidSignatureException",
    MISMATCH,
  ],
  ["a longer signature", () => authorization((value) => `${value}00`), "InvalidSignatureException", MISMATCH],
  [
    "the signature in upper case",
    () => authorization((value) => value.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase())),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "a signature that is no number",
    () => authorization((value) => value.replace(/[0-9a-f]{64}$/, "z".repeat(64))),
    "InvalidSignatureException",
    MISMATCH,
  ],

  [
    "an unknown key",
    () => signed(hello({ accessKeyId: "ASIAAAAAAAAAAAAAAAAA" })),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],
  [
    "a key that every object has",
    () => signed(hello({ accessKeyId: "__proto__" })),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],
  [
    "another session's key",
    () => signed(hello({ accessKeyId: target.bob.credentials.accessKeyId })),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],
  [
    "the root user's key",
    () => signed(hello({ accessKeyId: target.aws.credentials.accessKeyId, sessionToken: undefined })),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "the root user's key with a session token",
    () => signed(hello({ accessKeyId: target.aws.credentials.accessKeyId })),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],
  [
    "no session token",
    () => signed(hello({ sessionToken: undefined })),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],
  [
    "another session's token",
    () => signed(hello({ sessionToken: target.bob.credentials.sessionToken })),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],
  [
    "half the session token",
    () => signed(hello({ sessionToken: target.alice.credentials.sessionToken.slice(0, 100) })),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],
  [
    "the session token twice",
    () => plus(signed(hello()), ["X-Amz-Security-Token", target.alice.credentials.sessionToken]),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],
  [
    "another session's token beside its own",
    () => plus(signed(hello()), ["x-amz-security-token", target.bob.credentials.sessionToken]),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],

  [
    "another region",
    () => signed(hello({ region: "eu-west-1" })),
    "InvalidSignatureException",
    /^Credential should be scoped to a valid region\. $/,
  ],
  [
    "another service",
    () => signed(hello({ service: "lambda" })),
    "InvalidSignatureException",
    /^Credential should be scoped to correct service: 'execute-api'\. $/,
  ],
  [
    "no service",
    () => signed(hello({ service: "" })),
    "InvalidSignatureException",
    /^Credential should be scoped to correct service: 'execute-api'\. $/,
  ],
  [
    "another terminator",
    () => signed(hello({ terminator: "aws5_request" })),
    "InvalidSignatureException",
    /^Credential should be scoped with a valid terminator: 'aws4_request'\.$/,
  ],
  [
    "the scope of another day",
    () => signed(hello({ scopeDate: "20200101" })),
    "InvalidSignatureException",
    /^Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20200101' != '/,
  ],
  [
    "a scope of four elements",
    () => authorization((value) => value.replace("/aws4_request", "")),
    "IncompleteSignatureException",
    /^Credential must have exactly 5 slash-delimited elements/,
  ],
  [
    "a scope of six elements",
    () => authorization((value) => value.replace("/aws4_request", "/aws4_request/x")),
    "IncompleteSignatureException",
    /^Credential must have exactly 5 slash-delimited elements/,
  ],

  [
    "ten minutes old",
    () => signed(hello({ at: ago(600) })),
    "InvalidSignatureException",
    /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
  ],
  [
    "a year old",
    () => signed(hello({ at: ago(31_536_000) })),
    "InvalidSignatureException",
    /^Signature expired: /,
  ],
  [
    "ten minutes early",
    () => signed(hello({ at: ago(-600) })),
    "InvalidSignatureException",
    /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/,
  ],
  [
    "no date",
    () => withHeader(signed(hello()), "X-Amz-Date", () => undefined),
    "IncompleteSignatureException",
    /existence of either a 'X-Amz-Date' or a 'Date' header/,
  ],
  [
    "a date in words",
    () => withHeader(signed(hello()), "X-Amz-Date", () => target.now().toUTCString()),
    "IncompleteSignatureException",
    /^Date must be in ISO-8601 'basic format'\. Got '/,
  ],
  [
    "another second than was signed",
    () =>
      withHeader(signed(hello({ at: ago(60) })), "X-Amz-Date", (date) =>
        date.replace(/\dZ$/, (last) => (last === "0Z" ? "1Z" : "0Z")),
      ),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "a second date",
    () =>
      plus(signed(hello({ at: ago(600) })), [
        "X-Amz-Date",
        target
          .now()
          .toISOString()
          .replace(/[-:]|\.\d+/g, ""),
      ]),
    "IncompleteSignatureException",
    /^Date must be in ISO-8601/,
  ],

  [
    "the host not signed",
    () => signed(hello({ signedHeaders: ["x-amz-date", "x-amz-security-token"] })),
    "InvalidSignatureException",
    /^'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization\.$/,
  ],
  [
    "a signed header that isn't there",
    () => authorization((value) => value.replace("SignedHeaders=", "SignedHeaders=a;")),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "a signed header left out",
    () => withHeader(signed(hello({ headers: [["X-Color", "blue"]] })), "X-Color", () => undefined),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "a signed header changed",
    () => withHeader(signed(hello({ headers: [["X-Color", "blue"]] })), "X-Color", () => "red"),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "a signed header sent twice",
    () => plus(signed(hello({ headers: [["X-Color", "blue"]] })), ["X-Color", "red"]),
    "InvalidSignatureException",
    MISMATCH,
  ],
  ["a body added", () => ({ ...signed(hello()), body: "more" }), "InvalidSignatureException", MISMATCH],
  [
    "a body changed, said to be unsigned",
    () => ({
      ...signed(hello({ headers: [["X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"]], body: "one" })),
      body: "two",
    }),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "a query added",
    () => withQuery(signed(hello()), (path) => `${path}?admin=true`),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "a query value changed",
    () => withQuery(signed(hello({ path: "/dev/hello?a=1" })), (path) => path.replace("1", "2")),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "a query name sent twice",
    () => withQuery(signed(hello({ path: "/dev/hello?a=1" })), (path) => `${path}&a=2`),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "another path",
    () => withQuery(signed(hello()), () => "/dev/restricted"),
    "InvalidSignatureException",
    MISMATCH,
  ],

  [
    "two Authorization headers, the good one first",
    () => plus(signed(hello()), ["Authorization", "Bearer x"]),
    "",
    /./,
  ],
  [
    "two Authorization headers, the good one last",
    () => ({ ...signed(hello()), headers: [["Authorization", "Bearer x"], ...signed(hello()).headers] }),
    "",
    /./,
  ],
  [
    "the same Authorization header twice",
    () => plus(signed(hello()), authorizationOf(signed(hello()))),
    "",
    /./,
  ],
  [
    "one Authorization header with two signatures",
    () => authorization((value) => `${value}, ${value.slice("AWS4-HMAC-SHA256 ".length)}`),
    "IncompleteSignatureException",
    /./,
  ],
  [
    "a second Credential",
    () =>
      authorization((value) =>
        value.replace(
          "Credential=",
          `Credential=${target.aws.credentials.accessKeyId}/20200101/us-east-1/execute-api/aws4_request, Credential=`,
        ),
      ),
    "IncompleteSignatureException",
    /./,
  ],
  [
    "signatures in header and query",
    () => plus(presigned(hello()), ...signed(hello()).headers.filter(([name]) => name !== "Host")),
    "",
    /./,
  ],
  ["a good query, a bad header", () => plus(presigned(hello()), ["Authorization", "Bearer x"]), "", /./],

  [
    "a presigned address that was valid for a minute",
    () => presigned(hello({ at: ago(61) })),
    "InvalidSignatureException",
    /^Signature expired: /,
  ],
  [
    "its lifetime extended",
    () => withQuery(presigned(hello()), (path) => path.replace("Expires=60", "Expires=600")),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "a lifetime of more than a week",
    () => presigned({ ...hello({ at: ago(700_000) }), expires: 800_000 }),
    "",
    /./,
  ],
  ["a lifetime below zero", () => presigned({ ...hello(), expires: -1 }), "", /./],
  ["a lifetime in words", () => presigned({ ...hello(), expires: "forever" }), "", /./],
  [
    "its lifetime given twice",
    () => withQuery(presigned(hello({ at: ago(61) })), (path) => `${path}&X-Amz-Expires=600`),
    "",
    /./,
  ],
  [
    "its signature given twice",
    () => withQuery(presigned(hello()), (path) => `${path}&X-Amz-Signature=${"0".repeat(64)}`),
    "",
    /./,
  ],
  [
    "a parameter added",
    () => withQuery(presigned(hello()), (path) => `${path}&admin=true`),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "its path changed",
    () => withQuery(presigned(hello()), (path) => path.replace("hello", "restricted")),
    "InvalidSignatureException",
    MISMATCH,
  ],
  [
    "its method changed",
    () => ({ ...presigned(hello()), method: "HEAD" }),
    "MissingAuthenticationTokenException",
    /^$/,
  ],
  [
    "no session token in it",
    () => presigned(hello({ sessionToken: undefined })),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],
  [
    "another session's token in it",
    () => presigned(hello({ sessionToken: target.bob.credentials.sessionToken })),
    "UnrecognizedClientException",
    INVALID_TOKEN,
  ],
  [
    "another algorithm in it",
    () => presigned(hello({ algorithm: "AWS4-HMAC-SHA1" })),
    "IncompleteSignatureException",
    /^Unsupported AWS 'algorithm'/,
  ],
];

describe("refused", () => {
  test.each(attacks)("%s", async (_name, request, code, message) => {
    const refusal = refusalIn(await target.send(request()));
    expect(refusal).toEqual({
      status: 403,
      // Where AWS's class is not recorded, any of a signature's will do.
      code: expect.stringMatching(code === "" ? /^(Incomplete|Invalid)SignatureException$/ : code),
      message: expect.stringMatching(message),
    });
  });

  test("replayed after five minutes", async () => {
    const request = signed(hello());
    expect((await target.send(request)).status).toBe(200);
    const refusal = refusalIn(await target.later(301, () => target.send(request)));
    expect(refusal).toMatchObject({ status: 403, code: "InvalidSignatureException" });
    expect(refusal.message).toMatch(/^Signature expired: /);
  });

  test("an ended session, signed afresh", async () => {
    const refusal = refusalIn(await target.later(3601, () => target.send(signed(hello()))));
    expect(refusal).toEqual({
      status: 403,
      code: "ExpiredTokenException",
      message: "The security token included in the request is expired",
    });
  });

  test("a skewed clock is noticed before a wrong key, and a wrong key before a wrong signature", async () => {
    const both = signed(hello({ at: ago(600), accessKeyId: "ASIAAAAAAAAAAAAAAAAA" }));
    expect(refusalIn(await target.send(both)).message).toMatch(/^Signature expired: /);
    const key = signed(hello({ accessKeyId: "ASIAAAAAAAAAAAAAAAAA", secretAccessKey: "wrong" }));
    expect(refusalIn(await target.send(key)).message).toMatch(INVALID_TOKEN);
  });

  /** A pool's description, asked for by root. */
  const description = (signedHeaders?: string[]) =>
    signed({
      ...target.aws.credentials,
      at: target.now(),
      host: `127.0.0.1:${target.aws.port}`,
      method: "POST",
      path: "/",
      service: "cognito-identity",
      headers: [
        ["Content-Type", "application/x-amz-json-1.1"],
        ["X-Amz-Target", "AWSCognitoIdentityService.DescribeIdentityPool"],
      ],
      body: JSON.stringify({ IdentityPoolId: target.stranger.poolId }),
      signedHeaders,
    });
  const asDeletion = (request: WireRequest) =>
    withHeader(request, "X-Amz-Target", (name) => name.replace("Describe", "Delete"));

  test("another operation than was signed", async () => {
    expect((await target.send(description())).status).toBe(200);
    expect(refusalIn(await target.send(asDeletion(description())))).toMatchObject({
      status: 400,
      code: "InvalidSignatureException",
      message: expect.stringMatching(MISMATCH),
    });
    expect((await target.send(description())).status).toBe(200);
  });

  test.each<[name: string, signedHeaders: string[]]>([
    ["the operation not signed", ["host", "x-amz-date"]],
    ["all but the operation signed", ["content-type", "host", "x-amz-date"]],
  ])("%s", async (_name, signedHeaders) => {
    for (const request of [asDeletion(description(signedHeaders)), description(signedHeaders)]) {
      expect(refusalIn(await target.send(request))).toEqual({
        status: 400,
        code: "InvalidSignatureException",
        message: "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.",
      });
    }
    expect((await target.send(description())).status).toBe(200);
  });

  test.each(["X-Amz-Invocation-Type", "X-Amz-Log-Type", "X-Amz-Client-Context"])(
    "how a function is invoked not signed: %s",
    async (header) => {
      const invocation = signed({
        ...target.aws.credentials,
        at: target.now(),
        host: `127.0.0.1:${target.aws.port}`,
        method: "POST",
        path: "/2015-03-31/functions/by-hand-function/invocations",
        service: "lambda",
      });
      expect(refusalIn(await target.send(plus(invocation, [header, "Event"])))).toEqual({
        status: 403,
        code: "InvalidSignatureException",
        message: `'${header}' must be a 'SignedHeader' in the AWS Authorization.`,
      });
    },
  );

  test("the call of another API", async () => {
    const request = withHeader(signed(hello()), "Host", () => "abc123.execute-api.us-east-1.amazonaws.com");
    expect(refusalIn(await target.send(request))).toEqual({
      status: 403,
      code: "ForbiddenException",
      message: "Forbidden",
    });
  });

  test("the same API by another name: the host is signed", async () => {
    const request = withHeader(signed(hello()), "Host", (host) =>
      host.replace("us-east-1.amazonaws.com", "localhost"),
    );
    expect(refusalIn(await target.send(request))).toMatchObject({
      status: 403,
      code: "InvalidSignatureException",
    });
  });

  test.each<[name: string, headers: WireRequest["headers"]]>([
    ["X-Forwarded-Host", [["X-Forwarded-Host", "HOST"]]],
    ["Forwarded", [["Forwarded", "host=HOST"]]],
  ])("a foreign host with the API's in %s", async (_name, headers) => {
    const named = headers.map(([name, value]) => [name, value.replace("HOST", target.host)] as const);
    const request = plus(
      withHeader(signed(hello()), "Host", () => "evil.example"),
      ...named,
    );
    expect((await target.send(request)).status).toBe(421);
  });

  test("two hosts", async () => {
    expect((await target.send(plus(signed(hello()), ["Host", "evil.example"]))).status).toBe(400);
    expect((await target.send(plus(signed(hello()), ["host", target.host]))).status).toBe(400);
  });
});

test("no refusal tells a secret", async () => {
  const secrets = [target.alice, target.bob].map((user) => user.credentials.secretAccessKey);
  for (const [, request] of attacks) {
    const { text } = await target.send(request());
    for (const secret of [...secrets, target.aws.credentials.secretAccessKey]) {
      expect(text).not.toContain(secret);
    }
  }
});
