/** The page's server answers its own page and nobody else: not another site's, and not one that took a name for loopback. */
import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { type IncomingHttpHeaders, request } from "node:http";
import { DemoLogin } from "../../../scripts/web/demo-login";
import { PageServer, PortInUseError } from "../../../scripts/web/page-server";

let server: PageServer;
let login: DemoLogin;

beforeAll(async () => {
  login = await DemoLogin.ephemeral();
  const files = new Map([
    ["/", { type: "text/html; charset=utf-8", content: Buffer.from("<title>page</title>") }],
  ]);
  server = await PageServer.start({ files, login, port: 0 });
  server.serve({
    account: "local AWS",
    region: "us-east-1",
    identityPoolId: "us-east-1:d6025fad-75fa-432a-9c68-f0fc14a885e1",
    cognitoUrl: "http://127.0.0.1:4566",
    loginUrl: "http://abc.execute-api.localhost:4566/local/login",
    apiUrl: "http://def.execute-api.localhost:4566/local",
    probePath: "/hello",
    users: ["ada", "grace"],
  });
});
afterAll(() => server.stop());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Not by `fetch`, which has a Host and an Origin of its own. */
function ask(method: string, path: string, headers: Record<string, string> = {}, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.origin}/`, { method, path, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const fromPage = () => ({
  Origin: server.origin,
  "Sec-Fetch-Site": "same-origin",
  "Content-Type": "application/json",
});
const ADA = JSON.stringify({ user: "ada" });

test("the page and what it has to know", async () => {
  const page = await ask("GET", "/");
  expect(page).toMatchObject({ status: 200, body: "<title>page</title>" });
  const { status, body } = await ask("GET", "/deployment.json");
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ probePath: "/hello", users: ["ada", "grace"] });
});

test.each([
  ["GET", "/", 200],
  ["GET", "/none", 404],
  ["GET", "/../package.json", 404],
  ["GET", "/%2e%2e/package.json", 404],
  ["POST", "/", 405],
  ["GET", "/session", 405],
  ["POST", "/session", 403],
])("%s %s: %i, under the policy that names the three origins and no other", async (method, path, status) => {
  const answer = await ask(method, path);
  expect(answer.status).toBe(status);
  expect(String(answer.headers["content-security-policy"]).split("; ")).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self' http://127.0.0.1:4566 http://abc.execute-api.localhost:4566 http://def.execute-api.localhost:4566",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]);
  expect(answer.headers).toMatchObject({
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
});

test("a session for the page: signed by the key that the deployment is told, short, of the user asked for", async () => {
  const answer = await ask("POST", "/session", fromPage(), ADA);
  expect(answer.status).toBe(200);
  const { session } = JSON.parse(answer.body) as { session: string };
  const [header = "", payload = "", signature = ""] = session.split(".");
  const { APP_JWKS = "", APP_ISSUER, APP_AUDIENCE, ALLOWED_ORIGIN } = login.settings(server.origin);
  const [jwk] = (JSON.parse(APP_JWKS) as { keys: JsonWebKey[] }).keys;
  expect(jwk).toEqual({
    kty: "EC",
    crv: "P-256",
    x: expect.any(String),
    y: expect.any(String),
    kid: "demo",
    alg: "ES256",
    use: "sig",
  });
  const key = {
    key: createPublicKey({ key: jwk as JsonWebKey, format: "jwk" }),
    dsaEncoding: "ieee-p1363",
  } as const;
  const signed = Buffer.from(`${header}.${payload}`);
  expect(verify("sha256", signed, key, Buffer.from(signature, "base64url"))).toBe(true);
  const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  expect(decoded(header)).toEqual({ alg: "ES256", kid: "demo", typ: "JWT" });
  const { iat, ...claims } = decoded(payload);
  expect(claims).toEqual({ sub: "ada", iss: APP_ISSUER, aud: APP_AUDIENCE, exp: iat + 300 });
  expect(Math.abs(iat - Date.now() / 1000)).toBeLessThan(10);
  expect(ALLOWED_ORIGIN).toBe(server.origin);
});

test.each<[string, (headers: Record<string, string>) => Record<string, string>]>([
  [
    "another site's script",
    (headers) => ({ ...headers, Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" }),
  ],
  [
    "a page on another port",
    (headers) => ({ ...headers, Origin: "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site" }),
  ],
  ["a sandboxed frame", (headers) => ({ ...headers, Origin: "null" })],
  ["a browser that says cross-site", (headers) => ({ ...headers, "Sec-Fetch-Site": "cross-site" })],
  ["a form", (headers) => ({ ...headers, "Content-Type": "text/plain" })],
  ["whoever sends no origin", ({ Origin, ...headers }) => headers],
])("no session for %s", async (_, change) => {
  const answer = await ask("POST", "/session", change(fromPage()), ADA);
  expect(answer.status).toBe(403);
  expect(answer.body).not.toContain('session":');
});

test.each([
  ["nobody known", JSON.stringify({ user: "mallory" })],
  ["no user", "{}"],
  ["no JSON", "ada"],
  ["more than a name", JSON.stringify({ user: "ada", padding: "x".repeat(2000) })],
])("no session for %s", async (_, body) => {
  expect((await ask("POST", "/session", fromPage(), body)).status).toBe(400);
});

test.each(["rebound.example", "127.0.0.1", "127.0.0.1:1", "[::1]", "page.localhost"])(
  "nothing for those who ask %s",
  async (host) => {
    for (const [method, path] of [
      ["GET", "/deployment.json"],
      ["POST", "/session"],
    ] as const) {
      const { status, body } = await ask(method, path, { ...fromPage(), Host: host }, ADA);
      expect(status).toBe(421);
      expect(body).toBe(JSON.stringify({ message: `Open ${server.origin}.` }));
    }
  },
);

test("localhost is sent to the number, which is the origin that the API allows", async () => {
  const host = `localhost:${new URL(server.origin).port}`;
  const { status, headers } = await ask("GET", "/?x", { Host: host });
  expect([status, headers.location]).toEqual([307, `${server.origin}/`]);
  expect((await ask("POST", "/session", { ...fromPage(), Host: host }, ADA)).status).toBe(421);
  // Nor anywhere else, whatever the path looks like.
  const elsewhere = await ask("GET", "//evil.example/x", { Host: host });
  expect(new URL(elsewhere.headers.location ?? "").origin).toBe(server.origin);
});

test("a taken port is said", async () => {
  const port = Number(new URL(server.origin).port);
  const second = PageServer.start({ files: new Map(), login, port });
  await expect(second).rejects.toThrow(PortInUseError);
  await expect(second).rejects.toThrow(/--port/);
});
