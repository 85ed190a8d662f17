/**
 * Attacks on the login as it runs: a Lambda function behind API Gateway on local AWS, whose role may mint and write its log.
 * What it takes for good sessions is in `login/session-jwt.test.ts`.
 */
import { createHmac, createPublicKey, type JsonWebKey } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CognitoIdentityClient, GetCredentialsForIdentityCommand } from "@aws-sdk/client-cognito-identity";
import { decodeJwt } from "jose";
import type { Answer } from "../support/api-client";
import { type Application, startApplication } from "../support/application-session";
import { COGNITO, type Credentials, credentialsOf } from "../support/identity-account";
import { type LoginAccount, startLoginAccount } from "../support/login-account";

let application: Application;
let account: LoginAccount;

beforeAll(async () => {
  application = await startApplication("RS256");
  const settings = { APP_JWKS: application.jwks, PRINCIPAL_TAGS: "sub=username" };
  account = await startLoginAccount(settings, ["username"]);
});

afterAll(() => account.stop());

interface Body {
  readonly identityId: string;
  readonly token: string;
  readonly error?: string;
}

const bodyOf = ({ text }: Answer): Body => JSON.parse(text);

async function signIn(sub: string): Promise<Body> {
  const answer = await account.login(await application.session({ sub }));
  expect(answer.status).toBe(200);
  return bodyOf(answer);
}

async function credentialsFor(sub: string): Promise<Credentials> {
  const { identityId, token } = await signIn(sub);
  const { endpoint, region } = account.api.aws;
  const cognito = new CognitoIdentityClient({ endpoint, region });
  const { Credentials: issued } = await cognito.send(
    new GetCredentialsForIdentityCommand({ IdentityId: identityId, Logins: { [COGNITO]: token } }),
  );
  cognito.destroy();
  return credentialsOf(issued);
}

/** The statuses with which paths answer a user. */
async function statuses(sub: string, paths: readonly string[]): Promise<Record<string, number>> {
  const credentials = await credentialsFor(sub);
  const found: Record<string, number> = {};
  for (const path of paths) {
    found[path] = (await account.api.call(account.apiId, { path, credentials })).status;
  }
  return found;
}

describe("forged sessions", () => {
  const MESSAGE = "The session is missing, not accepted or over: sign in again.";
  const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  /** A good session with another header or other claims, and the signature as it was. */
  async function altered(header: object, claims: object = {}): Promise<string> {
    const [, payload = "", signature] = (await application.session()).split(".");
    const signed = JSON.parse(Buffer.from(payload, "base64url").toString());
    const head = { alg: "RS256", kid: application.publicKey.kid, ...header };
    return [base64url(head), base64url({ ...signed, ...claims }), signature].join(".");
  }

  async function withPublicKeyAsSecret(): Promise<string> {
    const key = createPublicKey({ key: application.publicKey as JsonWebKey, format: "jwk" });
    const input = (await altered({ alg: "HS256" })).split(".", 2).join(".");
    const secret = key.export({ type: "spki", format: "pem" });
    return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
  }

  test.each<[string, () => Promise<string>]>([
    ["another user", () => altered({}, { sub: "bob" })],
    ["alg none", () => altered({ alg: "none" })],
    [
      "alg none without a signature",
      async () => `${(await altered({ alg: "none" })).split(".", 2).join(".")}.`,
    ],
    ["HS256 with the public key as secret", withPublicKeyAsSecret],
    ["a foreign key under the same kid", async () => (await startApplication("RS256")).session()],
    ["a kid that leads elsewhere", () => altered({ kid: "https://evil.example/keys#1" })],
    ["a kid with a statement in it", () => altered({ kid: "' OR '1'='1" })],
    ["another audience", () => application.session(undefined, { audience: "other" })],
    ["another issuer", () => application.session(undefined, { issuer: "https://evil.example" })],
    ["a future", () => application.session(undefined, { notBefore: 3600 })],
  ])("%s: one answer for all", async (_, session) => {
    const { status, headers, text } = await account.login(await session());
    expect({ status, body: JSON.parse(text) }).toEqual({
      status: 401,
      body: { error: "invalid_session", message: MESSAGE },
    });
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "access-control-allow-origin": "https://app.example",
    });
  });

  test("a session replayed after it has expired", async () => {
    const session = await application.session(undefined, { expiresIn: 2 });
    expect((await account.login(session)).status).toBe(200);
    await sleep((decodeJwt(session).exp as number) * 1000 - Date.now() + 50);
    expect((await account.login(session)).status).toBe(401);
  });
});

describe("requests", () => {
  test("another user's identity in the body, the query or a header changes nothing", async () => {
    const victim = await signIn("victim");
    const own = await signIn("attacker");
    const session = await application.session({ sub: "attacker" });
    const claim = { identityId: victim.identityId, IdentityId: victim.identityId, sub: "victim" };
    const answer = await account.login(session, {
      path: `/login?identityId=${encodeURIComponent(victim.identityId)}`,
      headers: { "Content-Type": "application/json", "X-Identity-Id": victim.identityId },
      body: JSON.stringify(claim),
    });
    expect(answer.status).toBe(200);
    expect(bodyOf(answer).identityId).toBe(own.identityId);
    expect(own.identityId).not.toBe(victim.identityId);
  });

  test("a token opens its own identity only", async () => {
    const victim = await signIn("victim");
    const { token } = await signIn("attacker");
    const { endpoint, region } = account.api.aws;
    const cognito = new CognitoIdentityClient({ endpoint, region });
    const exchange = new GetCredentialsForIdentityCommand({
      IdentityId: victim.identityId,
      Logins: { [COGNITO]: token },
    });
    await expect(cognito.send(exchange)).rejects.toMatchObject({ name: "NotAuthorizedException" });
    cognito.destroy();
  });

  test.each<[string, number, () => Promise<Answer>]>([
    [
      "a body of more than 4 KB",
      413,
      async () => account.login(await application.session(), { body: "a".repeat(4097) }),
    ],
    ["a session of more than 8 KB", 400, () => account.login("a".repeat(8193))],
    ["headers of more than API Gateway takes", 431, () => account.login("a".repeat(100_000))],
    ["a body that is no JSON", 400, async () => account.login(await application.session(), { body: "<x/>" })],
    ["no session", 401, () => account.login(undefined)],
    ["another scheme", 400, () => account.login(undefined, { headers: { Authorization: "Basic YTpi" } })],
  ])("%s is refused with %i", async (_, status, request) => {
    expect((await request()).status).toBe(status);
  });

  test("a line break in the session's header ends at the gateway, not in an answer's head", async () => {
    const answer = await raw(
      account,
      `POST /dev/login HTTP/1.1\r\nHost: ${account.api.host(account.apiId)}\r\nAuthorization: Bearer a\r\n\tb\r\nX-Evil: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.toLowerCase()).not.toContain("x-evil");
  });

  test("a script in the claims comes back as nothing that a browser would run", async () => {
    const script = "<script>alert(1)</script>";
    const answer = await account.login(await application.session({ sub: script, name: script }));
    // As a user it could be signed in; as a tag it can't.
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain("script");
    expect(answer.headers).toMatchObject({
      "content-type": "application/json",
      "x-content-type-options": "nosniff",
    });
  });
});

describe("the user's own path", () => {
  test("is open to the user, and to nobody else", async () => {
    expect(
      await statuses("alice", ["/users/alice", "/users/Alice", "/users/bob", "/users/alic", "/users/*"]),
    ).toEqual({
      "/users/alice": 200,
      "/users/Alice": 403,
      "/users/bob": 403,
      "/users/alic": 403,
      "/users/*": 403,
    });
  });

  // Local AWS compares the path as it was sent. What AWS does is not documented: FIDELITY.md.
  test("is the one that is spelled like the tag", async () => {
    const paths = ["/users/a@b.example", "/users/a%40b.example", "/users/%61@b.example"];
    expect(await statuses("a@b.example", paths)).toEqual({
      "/users/a@b.example": 200,
      "/users/a%40b.example": 403,
      "/users/%61@b.example": 403,
    });
  });

  test.each(["alice/bob", "*", "ali*", "a?ice", "..", "alice%2Fbob"])(
    "isn't widened by a user called %j, who isn't let in",
    async (sub) => {
      const answer = await account.login(await application.session({ sub }));
      expect({ status: answer.status, error: bodyOf(answer).error }).toEqual({
        status: 403,
        error: "unusable_claim",
      });
    },
  );
});

test("the log has every refusal's reason, and no session, token or claim", async () => {
  const session = await application.session({ sub: "carol" });
  const { token } = bodyOf(await account.login(session));
  await account.login(`${session.slice(0, -4)}AAAA`);
  const log = await account.log();
  expect(log).toContain('"reason":"its signature is wrong"');
  expect(log).toContain('"reason":"its algorithm is not one of RS256, ES256, EdDSA"');
  for (const secret of [session, token]) {
    for (const part of secret.split(".").slice(1)) {
      expect(log).not.toContain(part);
    }
  }
  expect(log).not.toMatch(/carol|victim|alert|Bearer eyJ/);
});

/** Sends bytes as they are and returns what comes back. */
function raw({ api }: LoginAccount, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(api.aws.port, "127.0.0.1", () => socket.write(bytes));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.once("close", () => resolve(answer));
    socket.once("error", reject);
  });
}
