// What the function answers and what it writes, in this process, with local AWS or a server that fails in Cognito's place.
import { createServer, type Server } from "node:http";
import { decodeJwt } from "jose";
import { createLogin, handler } from "../../functions/login";
import { readConfiguration } from "../../functions/login/configuration";
import { type Application, AUDIENCE, ISSUER, startApplication } from "../support/application-session";
import {
  createPool,
  type IdentityAccount,
  PROVIDER,
  startIdentityAccount,
} from "../support/identity-account";
import { listen } from "../support/listen";

type Event = Parameters<typeof handler>[0];

let application: Application;
let account: IdentityAccount;
let poolId: string;
let written: string;

const environment = process.env;

beforeAll(async () => {
  application = await startApplication();
  account = await startIdentityAccount();
  poolId = await createPool(account);
});

afterAll(() => account.stop());

beforeEach(() => {
  process.env = { ...environment, ...account.aws.environment };
  written = "";
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, "write").mockImplementation((chunk) => {
      written += chunk;
      return true;
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
  process.env = environment;
});

/** @param settings variables of the function, where they differ */
function login(settings: Record<string, string | undefined> = {}) {
  return createLogin(
    readConfiguration({
      AWS_REGION: account.aws.region,
      ALLOWED_ORIGIN: "https://app.example",
      IDENTITY_POOL_ID: poolId,
      DEVELOPER_PROVIDER_NAME: PROVIDER,
      APP_JWKS: application.jwks,
      APP_ISSUER: ISSUER,
      APP_AUDIENCE: AUDIENCE,
      APP_ALGORITHMS: "ES256",
      LOGIN_TOKEN_DURATION: "600",
      ...settings,
    }),
  );
}

function event(session: string | undefined, more: Partial<Event> = {}): Event {
  return {
    body: null,
    isBase64Encoded: false,
    multiValueHeaders: session === undefined ? {} : { Authorization: [`Bearer ${session}`] },
    requestContext: { requestId: "request-1" },
    ...more,
  };
}

test("a session becomes a token for the user, of the life that is set", async () => {
  const answer = await login()(event(await application.session({ sub: "alice" })));
  expect(answer.statusCode).toBe(200);
  const body = JSON.parse(answer.body);
  expect(body).toEqual({
    identityId: expect.stringMatching(/^us-east-1:/),
    token: expect.any(String),
    expiresIn: 600,
    region: "us-east-1",
  });
  const { sub, aud, amr, exp = 0, iat = 0 } = decodeJwt(body.token);
  expect({ sub, aud, amr, life: exp - iat }).toEqual({
    sub: body.identityId,
    aud: poolId,
    amr: ["authenticated", PROVIDER, `${PROVIDER}:${poolId}:alice`],
    life: 600,
  });
});

test("a user has one identity, and another has another", async () => {
  const signIn = login();
  const identityOf = async (sub: string) =>
    JSON.parse((await signIn(event(await application.session({ sub })))).body).identityId;
  const alice = await identityOf("alice");
  expect(await identityOf("alice")).toBe(alice);
  expect(await identityOf("bob")).not.toBe(alice);
});

test("mapped claims are principal tags of the token, and one that can't be a tag refuses the login", async () => {
  const signIn = login({ PRINCIPAL_TAGS: "sub=username,team=team" });
  const { body } = await signIn(
    event(await application.session({ sub: "alice", team: "blue", role: "admin" })),
  );
  expect(decodeJwt(JSON.parse(body).token)["https://aws.amazon.com/tags"]).toEqual({
    principal_tags: { username: ["alice"], team: ["blue"] },
  });
  const refused = await signIn(event(await application.session({ sub: "alice", team: "blue/admin" })));
  expect(refused.statusCode).toBe(403);
  expect(JSON.parse(refused.body)).toEqual({
    error: "unusable_claim",
    message: expect.stringContaining('"team"'),
  });
  expect(refused.body).not.toContain("admin");
});

test("a session that is no token is one that the application is asked about", async () => {
  const backend = createServer((_, response) => void response.end('{"active":true,"sub":"dora"}'));
  const APP_INTROSPECTION_URL = `http://127.0.0.1:${await listen(backend)}/introspect`;
  const settings = { APP_INTROSPECTION_URL, APP_ISSUER: undefined, APP_AUDIENCE: undefined };
  const answer = await login(settings)(event("opaque-hush-hush"));
  backend.closeAllConnections();
  backend.close();
  expect(answer.statusCode).toBe(200);
  expect(decodeJwt(JSON.parse(answer.body).token).amr).toContain(`${PROVIDER}:${poolId}:dora`);
  expect(written).not.toContain("hush");
});

describe("a body", () => {
  const withBody = async (body: string | null, isBase64Encoded: boolean) =>
    (await login()(event(await application.session(), { body, isBase64Encoded }))).statusCode;
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const ofSize = (bytes: number) => `{"a":"${"a".repeat(bytes - 8)}"}`;

  test.each<[string, string | null, boolean]>([
    ["nothing", null, false],
    ["an empty text", "", false],
    ["an object", "{}", false],
    ["fields of later versions", '{"device":{"name":"phone"}}', false],
    ["an object in base64", base64("{}"), true],
    ["4096 bytes", ofSize(4096), false],
  ])("may be %s", async (_, body, encoded) => {
    expect(await withBody(body, encoded)).toBe(200);
  });

  test.each<[number, string, string, boolean]>([
    [400, "no JSON", "session=a", false],
    [400, "a list", "[]", false],
    [400, "a text", '"a"', false],
    [400, "null", "null", false],
    [413, "4097 bytes", ofSize(4097), false],
    [413, "4097 bytes in base64", base64(ofSize(4097)), true],
    [413, "2048 characters of two bytes each, and more", `{"a":"${"é".repeat(2048)}"}`, false],
  ])("is refused with %i that is %s", async (status, _, body, encoded) => {
    expect(await withBody(body, encoded)).toBe(status);
  });

  test("that is too large is refused before anything is made of the session", async () => {
    expect((await login()(event(undefined, { body: ofSize(5000) }))).statusCode).toBe(413);
  });
});

describe("the session's header", () => {
  test("has a name of any case", async () => {
    const Authorization = [`Bearer ${await application.session()}`];
    for (const name of ["authorization", "AUTHORIZATION"]) {
      const { statusCode } = await login()(
        event(undefined, { multiValueHeaders: { [name]: Authorization } }),
      );
      expect(statusCode).toBe(200);
    }
  });

  test("is there once, in whatever case", async () => {
    const value = [`Bearer ${await application.session()}`];
    const answer = await login()(
      event(undefined, { multiValueHeaders: { Authorization: value, authorization: value } }),
    );
    expect(answer.statusCode).toBe(400);
  });

  test("that is missing is answered with what to do", async () => {
    const answer = await login()(event(undefined));
    expect(answer.statusCode).toBe(401);
    expect(JSON.parse(answer.body)).toEqual({
      error: "invalid_session",
      message: "The session is missing, not accepted or over: sign in again.",
    });
  });
});

test.each([
  ["https://app.example", { "Access-Control-Allow-Origin": "https://app.example", Vary: "Origin" }],
  ["*", { "Access-Control-Allow-Origin": "*" }],
  [undefined, {}],
])("with allowed origin %j every answer has the headers %j", async (ALLOWED_ORIGIN, expected) => {
  const signIn = login({ ALLOWED_ORIGIN });
  const always = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...expected,
  };
  expect((await signIn(event(await application.session()))).headers).toEqual(always);
  expect((await signIn(event(undefined))).headers).toEqual(always);
});

describe("what is written", () => {
  const lines = () =>
    written
      .trim()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));

  test("of a login: whom it was, and one count", async () => {
    const session = await application.session({ sub: "alice" });
    const { identityId, token } = JSON.parse((await login()(event(session))).body);
    expect(lines()).toEqual([
      expect.objectContaining({ level: "INFO", message: "signed in", requestId: "request-1", identityId }),
      expect.objectContaining({ LoginSucceeded: 1 }),
    ]);
    for (const secret of [session, session.split(".")[2], token, token.split(".")[2]]) {
      expect(written).not.toContain(secret);
    }
  });

  test("of a refusal: why, and not what was refused", async () => {
    const [header, payload] = (await application.session({ sub: "alice" })).split(".");
    await login()(event(`${header}.${payload}.AAAA`, { body: '{"password":"hush"}' }));
    expect(lines()).toEqual([
      expect.objectContaining({
        level: "WARN",
        message: "not signed in",
        status: 401,
        error: "invalid_session",
        reason: "its signature can't be checked",
      }),
      expect.objectContaining({ LoginRefused: 1 }),
    ]);
    for (const secret of [payload, "alice", "AAAA", "hush"]) {
      expect(written).not.toContain(secret);
    }
  });
});

describe("Cognito", () => {
  let cognito: Server;
  interface Given {
    readonly status: number;
    readonly body: object;
  }
  let answer: (target: string) => Given | undefined;
  let calls: string[];

  beforeEach(async () => {
    calls = [];
    cognito = createServer((request, response) => {
      const target = String(request.headers["x-amz-target"]).split(".")[1] as string;
      calls.push(target);
      const given = answer(target);
      if (given === undefined) {
        request.socket.destroy();
        return;
      }
      response.writeHead(given.status, { "Content-Type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(given.body));
    });
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${await listen(cognito)}`;
  });

  afterEach(() => {
    cognito.closeAllConnections();
    cognito.close();
  });

  const failing = (status: number, type: string): Given => ({
    status,
    body: { __type: type, message: "hush" },
  });
  const minted = { status: 200, body: { IdentityId: "us-east-1:1", Token: "token" } };

  test.each<[number, string, string, typeof answer]>([
    [429, "too_many_requests", "throttles", () => failing(400, "TooManyRequestsException")],
    [
      429,
      "too_many_requests",
      "throttles before it knows the operation",
      () => failing(429, "ThrottlingException"),
    ],
    [502, "unavailable", "doesn't let the function mint", () => failing(400, "NotAuthorizedException")],
    [502, "unavailable", "has a fault", () => failing(500, "InternalErrorException")],
    [502, "unavailable", "ends the connection", () => undefined],
    [502, "unavailable", "answers without a token", () => ({ status: 200, body: { IdentityId: "a:1" } })],
  ])("%i %s when it %s", async (status, error, _, given) => {
    answer = given;
    const { statusCode, body } = await login()(event(await application.session()));
    expect({ statusCode, error: JSON.parse(body).error }).toEqual({ statusCode: status, error });
    expect(`${body} ${written}`).not.toContain("hush");
    expect(written).toContain(status === 429 ? '"LoginThrottled":1' : '"LoginFailed":1');
  });

  test.each<[number, Given]>([
    [429, failing(400, "TooManyRequestsException")],
    [502, failing(400, "InvalidIdentityPoolConfigurationException")],
    [502, { status: 200, body: { IdentityId: "us-east-1:1" } }],
  ])("%i when the exchange for credentials fails", async (status, given) => {
    answer = (target) => (target === "GetCredentialsForIdentity" ? given : minted);
    const { statusCode } = await login({ LOGIN_RETURNS: "credentials" })(event(await application.session()));
    expect(statusCode).toBe(status);
    expect(calls.slice(0, 2)).toEqual(["GetOpenIdTokenForDeveloperIdentity", "GetCredentialsForIdentity"]);
  });

  test("is not asked for a session that is refused", async () => {
    answer = () => minted;
    await login()(event("a.b.c"));
    await login({ PRINCIPAL_TAGS: "team=team" })(event(await application.session()));
    expect(calls).toEqual([]);
  });
});

test("an authenticator with a defect lets nobody in, and its message stays inside", async () => {
  const configuration = readConfiguration({
    AWS_REGION: "us-east-1",
    IDENTITY_POOL_ID: poolId,
    DEVELOPER_PROVIDER_NAME: PROVIDER,
    APP_INTROSPECTION_URL: "https://app.example",
    LOGIN_TOKEN_DURATION: "600",
  });
  const authenticator = {
    authenticate: async () => {
      throw new TypeError("hush");
    },
  };
  const { statusCode, body } = await createLogin({ ...configuration, authenticator })(event("a.b.c"));
  expect(statusCode).toBe(502);
  expect(written).toContain("defect: TypeError");
  expect(`${body} ${written}`).not.toContain("hush");
});

test("the handler is made of the environment, and names what is missing in it", async () => {
  process.env.LOGIN_TOKEN_DURATION = "";
  await expect(handler(event("a"))).rejects.toThrow(/^The function's environment lacks APP_JWKS_URI: /);
});
