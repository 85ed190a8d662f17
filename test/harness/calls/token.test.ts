/** Only tokens that the issuer signed for the pool are accepted, and no message shows one. */
import { createServer, type Server } from "node:http";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { Agent } from "undici";
import { UnreachableError } from "../../../harness";
import { Calls } from "../../../harness/calls/call";
import { type TokenClaims, verifyToken } from "../../../harness/calls/token";
import type { Connections } from "../../../harness/run/connections";
import { AssertionError } from "../../../harness/run/errors";
import type { Deployment } from "../../../harness/run/outputs";
import { listen } from "../../support/listen";

const POOL = "us-east-1:11111111-2222-3333-4444-555555555555";
const IDENTITY = "us-east-1:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
const KEY_ID = "us-east-11";

interface TokenVerifier {
  readonly verify: (token: string) => Promise<TokenClaims>;
}

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
let issuerKeys: KeyPair;
let foreignKeys: KeyPair;
let server: Server;
let endpoint: string;
let dispatcher: Agent;
let verifier: TokenVerifier;

beforeAll(async () => {
  [issuerKeys, foreignKeys] = await Promise.all([generateKeyPair("RS512"), generateKeyPair("RS512")]);
  const key = { ...(await exportJWK(issuerKeys.publicKey)), kid: KEY_ID, use: "sig", alg: "RS512" };
  server = createServer((request, response) => {
    response.statusCode = request.url === "/.well-known/jwks_uri" ? 200 : 404;
    response.end(JSON.stringify({ keys: [key] }));
  });
  endpoint = `http://127.0.0.1:${await listen(server)}`;
});
beforeEach(() => {
  dispatcher = new Agent();
  verifier = verifierAt(endpoint);
});
afterEach(() => dispatcher.destroy());
afterAll(() => new Promise((resolve) => server.close(resolve)));

function verifierAt(origin: string): TokenVerifier {
  // Of the connections, the keys of an issuer need no more.
  const connections = {
    endpoint: origin,
    dispatcher,
    signal: new AbortController().signal,
    callTimeLimit: 5_000,
    emit() {},
  } as unknown as Connections;
  const { call } = new Calls(connections);
  const deployment = { identityPoolId: POOL } as Deployment;
  return { verify: (token) => verifyToken({ deployment, endpoint: origin, call }, token) };
}

const now = Math.floor(Date.now() / 1000);
const CLAIMS = {
  iss: "https://cognito-identity.amazonaws.com",
  aud: POOL,
  sub: IDENTITY,
  amr: ["authenticated", "login.developer.example", `login.developer.example:${POOL}:somebody`],
  iat: now,
  exp: now + 600,
};

function sign(
  claims: JWTPayload,
  { alg = "RS512", kid = KEY_ID, keys = issuerKeys }: { alg?: string; kid?: string; keys?: KeyPair } = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, kid, typ: "JWS" }).sign(keys.privateKey);
}

test("a token of the issuer", async () => {
  const { sub, amr, iat, exp } = CLAIMS;
  await expect(sign(CLAIMS).then(verifier.verify)).resolves.toEqual({ sub, amr, iat, exp });
});

describe("tokens that are not", () => {
  test.each<[string, () => Promise<string>, RegExp]>([
    ["signed with another key", () => sign(CLAIMS, { keys: foreignKeys }), /Invalid signature/],
    ["of an unknown key", () => sign(CLAIMS, { kid: "us-east-12" }), /us-east-12/],
    [
      "for another pool",
      () => sign({ ...CLAIMS, aud: POOL.replace("1111", "2222") }),
      /Audience not allowed/,
    ],
    ["of another issuer", () => sign({ ...CLAIMS, iss: "https://example.com" }), /Issuer not allowed/],
    ["expired", () => sign({ ...CLAIMS, exp: now - 1 }), /Token expired/],
    ["without amr", () => sign({ ...CLAIMS, amr: undefined }), /amr/],
    ["without iat", () => sign({ ...CLAIMS, iat: undefined }), /iat/],
    ["not signed at all", async () => "eyJhbGciOiJub25lIn0.e30.", /3 parts/],
    ["no token", async () => "Bearer", /3 parts/],
  ])("%s", async (_, token, message) => {
    const verification = token().then(verifier.verify);
    await expect(verification).rejects.toThrow(AssertionError);
    await expect(verification).rejects.toThrow(message);
  });

  test("signed with another algorithm of the same key", async () => {
    const [header, payload, signature] = (await sign(CLAIMS)).split(".");
    const renamed = Buffer.from(JSON.stringify({ alg: "RS256", kid: KEY_ID })).toString("base64url");
    expect(header).not.toBe(renamed);
    await expect(verifier.verify(`${renamed}.${payload}.${signature}`)).rejects.toThrow(
      'token algorithm: expected "RS512", got "RS256"',
    );
  });

  test("altered", async () => {
    const [header, , signature] = (await sign(CLAIMS)).split(".");
    const payload = Buffer.from(JSON.stringify({ ...CLAIMS, sub: "us-east-1:other" })).toString("base64url");
    await expect(verifier.verify(`${header}.${payload}.${signature}`)).rejects.toThrow("Invalid signature");
  });
});

describe("keys that cannot be read", () => {
  test("nobody listens", async () => {
    const spare = createServer();
    const port = await listen(spare);
    await new Promise((resolve) => spare.close(resolve));
    const verification = sign(CLAIMS).then(verifierAt(`http://127.0.0.1:${port}`).verify);
    await expect(verification).rejects.toThrow(UnreachableError);
  });

  test("the issuer does not publish any", async () => {
    const empty = createServer((_, response) => response.writeHead(404).end());
    const verification = sign(CLAIMS).then(verifierAt(`http://127.0.0.1:${await listen(empty)}`).verify);
    await expect(verification).rejects.toThrow(/jwks_uri: expected 200, got 404/);
    await new Promise((resolve) => empty.close(resolve));
  });
});
