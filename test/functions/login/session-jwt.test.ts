// Which sessions are accepted: each forgery is refused for its own reason, which the client is not told.
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from "node:crypto";
import { FetchError } from "aws-jwt-verify/error";
import type { Jwk } from "aws-jwt-verify/jwk";
import type { LoginRequest } from "../../../functions/login/authenticator";
import { LoginError } from "../../../functions/login/login-error";
import { type SessionAlgorithm, sessionJwtAuthenticator } from "../../../functions/login/session-jwt";
import { type Application, AUDIENCE, ISSUER, startApplication } from "../../support/application-session";

const ALL: readonly SessionAlgorithm[] = ["RS256", "ES256", "EdDSA"];

let applications: Record<SessionAlgorithm, Application>;

beforeAll(async () => {
  const [RS256, ES256, EdDSA] = await Promise.all([
    startApplication("RS256"),
    startApplication("ES256"),
    startApplication("EdDSA"),
  ]);
  applications = { RS256, ES256, EdDSA };
});

afterEach(() => {
  jest.restoreAllMocks();
});

const keysOf = (...given: Application[]) => ({ keys: given.map(({ publicKey }) => publicKey as Jwk) });

function carrying(...sessions: string[]): LoginRequest {
  return { headerValues: (name) => (name === "authorization" ? sessions.map((one) => `Bearer ${one}`) : []) };
}

/** Accepts the sessions of all three keys. */
function authenticator(algorithms = ALL) {
  const jwks = keysOf(...Object.values(applications));
  return sessionJwtAuthenticator({ keys: { jwks }, issuer: ISSUER, audience: AUDIENCE, algorithms });
}

async function refusal(session: string, algorithms = ALL): Promise<LoginError> {
  const error = await authenticator(algorithms)
    .authenticate(carrying(session))
    .then(
      () => "accepted",
      (thrown) => thrown,
    );
  if (error instanceof LoginError) {
    return error;
  }
  throw new Error(`neither accepted nor refused: ${error}`);
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

const claims = (more: object = {}) => ({
  sub: "alice",
  iss: ISSUER,
  aud: AUDIENCE,
  exp: Math.floor(Date.now() / 1000) + 300,
  ...more,
});

/** A session of any form: header and claims as given, signed by whatever signs. */
function forged(header: object, payload: unknown, signed: (input: string) => Buffer): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${signed(input).toString("base64url")}`;
}

const withKey =
  (key: KeyObject, hash: string | null = "sha256") =>
  (input: string) =>
    sign(hash, Buffer.from(input), { key, dsaEncoding: "ieee-p1363" });

test.each(ALL)("accepts a session signed with %s, and says who it is of", async (algorithm) => {
  const session = await applications[algorithm].session({ sub: "alice", team: "blue" });
  expect(await authenticator().authenticate(carrying(session))).toEqual({
    userId: "alice",
    claims: expect.objectContaining({ sub: "alice", team: "blue", iss: ISSUER }),
  });
});

test("a subject may be of any script", async () => {
  const session = await applications.ES256.session({ sub: "Zoë 中 \u{1f680}" });
  expect(await authenticator().authenticate(carrying(session))).toMatchObject({ userId: "Zoë 中 \u{1f680}" });
});

test("one of several audiences is enough", async () => {
  const session = await applications.ES256.session({ sub: "a" }, { audience: ["other", AUDIENCE] });
  expect(await authenticator().authenticate(carrying(session))).toMatchObject({ userId: "a" });
});

describe("refuses with one and the same message", () => {
  const MESSAGE = "The session is missing, not accepted or over: sign in again.";

  test.each<[string, () => Promise<string> | string, RegExp]>([
    [
      "another issuer",
      () => applications.ES256.session(undefined, { issuer: "https://b.example" }),
      /issuer/,
    ],
    ["another audience", () => applications.ES256.session(undefined, { audience: "b" }), /audience/],
    ["no audience", () => applications.ES256.session({ sub: "a", aud: undefined }), /audience/],
    ["one that has expired", () => applications.ES256.session(undefined, { expiresIn: -1 }), /expired/],
    [
      "one that never expires",
      () => applications.ES256.session(undefined, { expiresIn: undefined }),
      /never expires/,
    ],
    ["one of the future", () => applications.ES256.session(undefined, { notBefore: 60 }), /not valid yet/],
    ["no subject", () => applications.ES256.session({}), /sub/],
    ["an empty subject", () => applications.ES256.session({ sub: "" }), /sub/],
    ["a subject that isn't text", () => applications.ES256.session({ sub: "\ud800" }), /sub/],
    ["a subject with a line break", () => applications.ES256.session({ sub: "alice\nbob" }), /sub/],
    ["a subject that Cognito can't take", () => applications.ES256.session({ sub: "a".repeat(1025) }), /sub/],
    ["a foreign key of the same kid", async () => (await startApplication("ES256")).session(), /signature/],
    ["an unknown kid", async () => (await startApplication("ES256", "other")).session(), /kid names none/],
    ["no kid", () => applications.ES256.session(undefined, { header: { kid: undefined } }), /no kid/],
    [
      "a kid that is a path",
      () => applications.ES256.session(undefined, { header: { kid: "../../../../dev/null" } }),
      /kid names none/,
    ],
    [
      "a kid of the prototype",
      () => applications.ES256.session(undefined, { header: { kid: "constructor" } }),
      /kid names none/,
    ],
    [
      "the kid of another algorithm's key",
      () => applications.ES256.session(undefined, { header: { kid: "key-of-RS256" } }),
      /none for ES256/,
    ],
    [
      "extensions that are critical",
      () =>
        forged({ alg: "ES256", kid: "key-of-ES256", crit: ["b64"], b64: false }, claims(), () =>
          Buffer.from("x"),
        ),
      /critical extensions/,
    ],
    [
      "a signature of another length",
      async () => `${(await applications.ES256.session()).split(".", 2).join(".")}.AAAA`,
      /can't be checked/,
    ],
    [
      "a signature that isn't one",
      async () => `${(await applications.EdDSA.session()).split(".", 2).join(".")}.AAAA`,
      /signature/,
    ],
    ["what isn't a token", () => "opaque-session", /not a JSON Web Token/],
    [
      "claims that are no object",
      () => forged({ alg: "ES256", kid: "key-of-ES256" }, "alice", () => Buffer.from("x")),
      /not a JSON Web Token/,
    ],
  ])("%s", async (_, session, reason) => {
    const error = await refusal(await session());
    expect(error).toMatchObject({ status: 401, error: "invalid_session", message: MESSAGE });
    expect(error.reason).toMatch(reason);
  });

  test("alg none, however it is written", async () => {
    for (const alg of ["none", "None", "NONE", "", undefined]) {
      const unsigned = forged({ alg, kid: "key-of-RS256" }, claims(), () => Buffer.from("x"));
      expect(await refusal(unsigned)).toMatchObject({ status: 401, message: MESSAGE });
      expect(await refusal(unsigned.replace(/[^.]+$/, ""))).toMatchObject({ status: 401, message: MESSAGE });
    }
  });

  test("HS256 with the public key as its secret, in each form that one may take it in", async () => {
    const jwk = applications.RS256.publicKey;
    const key = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    const secrets = [
      key.export({ type: "spki", format: "pem" }),
      key.export({ type: "spki", format: "der" }),
      key.export({ type: "pkcs1", format: "pem" }),
      JSON.stringify(jwk),
      String(jwk.n),
    ];
    for (const secret of secrets) {
      const session = forged({ alg: "HS256", kid: "key-of-RS256" }, claims(), (input) =>
        createHmac("sha256", secret).update(input).digest(),
      );
      expect(await refusal(session)).toMatchObject({
        status: 401,
        message: MESSAGE,
        reason: "its algorithm is not one of RS256, ES256, EdDSA",
      });
    }
  });

  test("a key that the session brings along", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: "own" };
    for (const header of [{ jwk }, { jku: "https://evil.example/keys" }, { x5u: "https://evil.example/c" }]) {
      const own = forged({ alg: "ES256", kid: "own", ...header }, claims(), withKey(privateKey));
      expect(await refusal(own)).toMatchObject({ status: 401, message: MESSAGE });
      const known = forged({ alg: "ES256", kid: "key-of-ES256", ...header }, claims(), withKey(privateKey));
      expect(await refusal(known)).toMatchObject({ status: 401, reason: "its signature is wrong" });
    }
  });

  test("an algorithm that is not on the list, however good the signature", async () => {
    const session = await applications.RS256.session();
    expect(await refusal(session, ["ES256"])).toMatchObject({
      status: 401,
      message: MESSAGE,
      reason: "its algorithm is not one of ES256",
    });
    // aws-jwt-verify would take it.
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = { ...publicKey.export({ format: "jwk" }), kid: "a" } as Jwk;
    const long = forged({ alg: "RS512", kid: "a" }, claims(), withKey(privateKey, "sha512"));
    const options = { keys: { jwks: { keys: [key] } }, issuer: ISSUER, audience: AUDIENCE, algorithms: ALL };
    await expect(sessionJwtAuthenticator(options).authenticate(carrying(long))).rejects.toMatchObject({
      reason: "its algorithm is not one of RS256, ES256, EdDSA",
    });
  });

  test("an RSA key that is too short", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const key = { ...publicKey.export({ format: "jwk" }), kid: "a" } as Jwk;
    const session = forged({ alg: "RS256", kid: "a" }, claims(), withKey(privateKey));
    const options = { keys: { jwks: { keys: [key] } }, issuer: ISSUER, audience: AUDIENCE, algorithms: ALL };
    await expect(sessionJwtAuthenticator(options).authenticate(carrying(session))).rejects.toMatchObject({
      reason: "the key of its kid is none for RS256",
    });
  });

  test.each([{ use: "enc" }, { alg: "RS512" }])("a key that says %j of itself", async (more) => {
    const key = { ...applications.RS256.publicKey, ...more } as Jwk;
    const options = { keys: { jwks: { keys: [key] } }, issuer: ISSUER, audience: AUDIENCE, algorithms: ALL };
    const session = await applications.RS256.session();
    await expect(sessionJwtAuthenticator(options).authenticate(carrying(session))).rejects.toMatchObject({
      reason: "the key of its kid is none for this session",
    });
  });

  test("a session that was good, once it has expired", async () => {
    const session = await applications.ES256.session(undefined, { expiresIn: 60 });
    expect(await authenticator().authenticate(carrying(session))).toMatchObject({ userId: "alice" });
    const now = Date.now();
    jest.spyOn(Date, "now").mockReturnValue(now + 61_000);
    expect(await refusal(session)).toMatchObject({ status: 401, reason: "it has expired" });
  });
});

test("reasons and messages quote nothing of the session", async () => {
  const session = forged({ alg: "hush-hush", kid: "hush-hush" }, { hush: "hush-hush" }, () =>
    Buffer.from("x"),
  );
  const half = `${Buffer.from('{"alg":"hush-hush"').toString("base64url")}.${base64url({})}.AAAA`;
  for (const one of [session, half]) {
    const { message, reason } = await refusal(one);
    expect(`${message} ${reason}`).not.toContain("hush");
  }
});

describe("keys that are fetched", () => {
  const URI = "https://app.example/keys";
  let served: () => unknown;
  let fetched: number;

  function fetching() {
    fetched = 0;
    return sessionJwtAuthenticator({
      keys: { jwksUri: URI },
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ALL,
      fetcher: {
        async fetch(uri) {
          expect(uri).toBe(URI);
          fetched += 1;
          const answer = Buffer.from(JSON.stringify(served()));
          return answer.buffer.slice(answer.byteOffset, answer.byteOffset + answer.byteLength);
        },
      },
    });
  }

  test("are fetched once, and again for a kid that they don't have, but not as often as somebody likes", async () => {
    const { ES256, EdDSA } = applications;
    served = () => keysOf(ES256);
    const fetchingKeys = fetching();
    for (let time = 0; time < 3; time += 1) {
      await fetchingKeys.authenticate(carrying(await ES256.session()));
    }
    expect(fetched).toBe(1);
    served = () => keysOf(ES256, EdDSA);
    await fetchingKeys.authenticate(carrying(await EdDSA.session()));
    expect(fetched).toBe(2);
    for (let time = 0; time < 5; time += 1) {
      const unknown = await ES256.session(undefined, { header: { kid: `guess ${time}` } });
      await expect(fetchingKeys.authenticate(carrying(unknown))).rejects.toMatchObject({ status: 401 });
    }
    expect(fetched).toBe(3);
  });

  test("that are taken back are believed no longer than five minutes", async () => {
    const { ES256, EdDSA } = applications;
    served = () => keysOf(ES256);
    const fetchingKeys = fetching();
    const session = await ES256.session(undefined, { expiresIn: 3600 });
    await fetchingKeys.authenticate(carrying(session));
    served = () => keysOf(EdDSA);
    await fetchingKeys.authenticate(carrying(session));
    const now = Date.now();
    jest.spyOn(Date, "now").mockReturnValue(now + 301_000);
    await expect(fetchingKeys.authenticate(carrying(session))).rejects.toMatchObject({ status: 401 });
  });

  test.each<[string, () => unknown]>([
    [
      "nothing",
      () => {
        throw new FetchError(URI, "refused");
      },
    ],
    ["no set of keys", () => ({ error: "moved" })],
    ["a set with something else in it", () => ({ keys: ["key"] })],
  ])("make the login unavailable when %s is served", async (_, serving) => {
    served = serving;
    await expect(fetching().authenticate(carrying(await applications.ES256.session()))).rejects.toMatchObject(
      {
        status: 502,
        error: "unavailable",
        reason: expect.stringMatching(/^the application's keys could not be fetched: \w+Error$/),
      },
    );
  });

  test("are not fetched for an algorithm that isn't allowed", async () => {
    served = () => keysOf(applications.ES256);
    const unsigned = forged({ alg: "none", kid: "a" }, claims(), () => Buffer.from("x"));
    await expect(fetching().authenticate(carrying(unsigned))).rejects.toMatchObject({ status: 401 });
    expect(fetched).toBe(0);
  });
});
