/** Keys that an issuer publishes: fetched by https only, within limits, remembered, and what is answered when they can't be had. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { CreateOpenIDConnectProviderCommand, IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { ACCOUNT_ID, createRole, failure, trust } from "../../../support/identity-account";
import { listen } from "../../../support/listen";
import { oidcIssuer } from "../../../support/oidc-issuer";

const directory = mkdtempSync(path.join(tmpdir(), "issuer-"));
const certificate = path.join(directory, "certificate.pem");
const key = path.join(directory, "key.pem");
const ends: (() => unknown)[] = [];

const notFound: RequestListener = (_request, response) => response.writeHead(404).end();

/** What the issuers publish: by host and path, what answers. */
let answers: Record<string, RequestListener>;
let asked: string[];
let iam: IAMClient;
let sts: STSClient;

beforeAll(async () => {
  execFileSync(
    "openssl",
    // biome-ignore format: one option a line says no more
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=issuers",
      "-addext", "subjectAltName=DNS:*.issuers.example", "-keyout", key, "-out", certificate],
    { stdio: "pipe" },
  );
  const server: Server = createServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (request, response) => {
      const address = `${request.headers.host}${request.url}`;
      asked.push(address);
      (answers[address] ?? notFound)(request, response);
    },
  );
  const port = await listen(server);
  ends.push(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const program = path.join(__dirname, "../../../support/local-aws-for-issuer.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, String(port)], {
    env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: certificate },
    stdio: ["ignore", "pipe", "inherit"],
  });
  ends.push(async () => {
    child.kill();
    await once(child, "exit");
  });
  const [line] = await once(createInterface(child.stdout), "line");
  const environment = JSON.parse(line);
  const settings = {
    endpoint: environment.AWS_ENDPOINT_URL,
    region: environment.AWS_REGION,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    },
    maxAttempts: 1,
  };
  iam = new IAMClient(settings);
  sts = new STSClient(settings);
  ends.push(
    () => iam.destroy(),
    () => sts.destroy(),
  );
});

beforeEach(() => {
  answers = {};
  asked = [];
});

afterAll(async () => {
  for (const end of ends.reverse()) {
    await end();
  }
  rmSync(directory, { recursive: true });
});

const json =
  (value: unknown, status = 200): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));

/** An issuer that publishes its keys, its provider, and a role that trusts it. */
async function published(host: string, route = "") {
  const name = `${host}${route}`;
  const issuer = await oidcIssuer({ issuer: `https://${name}`, algorithm: "ES256" });
  const discovery = `${name}/.well-known/openid-configuration`;
  answers[discovery] = json({ issuer: issuer.issuer, jwks_uri: `https://keys.issuers.example/${host}` });
  answers[`keys.issuers.example/${host}`] = json(issuer.keys);
  await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: issuer.issuer, ClientIDList: ["sts.amazonaws.com"] }),
  );
  const role = await createRole(
    iam,
    host,
    trust(
      { Federated: `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/${name}` },
      "sts:AssumeRoleWithWebIdentity",
      { StringEquals: { [`${name}:sub`]: "worker" } },
    ),
  );
  const exchange = async (token?: string) =>
    sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: role,
        RoleSessionName: "worker",
        WebIdentityToken: token ?? (await issuer.token({ sub: "worker" })),
      }),
    );
  return { issuer, discovery, keys: `keys.issuers.example/${host}`, exchange };
}

test("they are fetched where the issuer says, once", async () => {
  const { discovery, keys, exchange } = await published("good.issuers.example", "/realm");
  for (let time = 0; time < 3; time += 1) {
    await exchange();
  }
  expect(asked).toEqual([discovery, keys]);
});

test("nobody is asked for a token that is refused however it is signed", async () => {
  const { issuer, exchange } = await published("quiet.issuers.example");
  for (const claims of [{ aud: "elsewhere" }, { sub: undefined }, { iss: "https://other.issuers.example" }]) {
    await failure(exchange(await issuer.token({ sub: "worker", ...claims })));
  }
  expect(asked).toEqual([]);
});

const UNUSABLE = {
  name: "InvalidIdentityTokenException",
  status: 400,
  message:
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
};

test.each<[name: string, host: string, discovery: (own: object) => RequestListener]>([
  ["isn't found", "missing", () => json({}, 404)],
  ["is no JSON", "text", () => (_, response) => response.end("hello")],
  ["names another issuer", "other", (own) => json({ ...own, issuer: "https://good.issuers.example" })],
  ["has keys by http", "plain", (own) => json({ ...own, jwks_uri: "http://keys.issuers.example/" })],
  ["has keys in a file", "file", (own) => json({ ...own, jwks_uri: "file:///etc/passwd" })],
  ["has no keys' address", "none", (own) => json({ ...own, jwks_uri: undefined })],
  [
    "leads elsewhere",
    "redirect",
    () => (_, response) => response.writeHead(302, { Location: "https://elsewhere.issuers.example/" }).end(),
  ],
  ["is huge", "huge", (own) => json({ ...own, padding: "x".repeat(300_000) })],
])("a discovery document that %s is of no use", async (_name, label, answer) => {
  const host = `${label}.issuers.example`;
  const { discovery, keys, exchange } = await published(host);
  answers[discovery] = answer({ issuer: `https://${host}`, jwks_uri: `https://${keys}` });
  expect(await failure(exchange())).toEqual(UNUSABLE);
  expect(asked).toEqual([discovery]);
});

test.each<[name: string, host: string, keys: RequestListener]>([
  ["not found", "keys-missing", json({}, 404)],
  ["no key set", "keys-none", json({ keys: "none" })],
  ["huge", "keys-huge", json({ keys: [], padding: "x".repeat(300_000) })],
  [
    "elsewhere",
    "keys-redirect",
    (_, response) => response.writeHead(302, { Location: "https://elsewhere.issuers.example/" }).end(),
  ],
])("keys that are %s are of no use", async (_name, label, answer) => {
  const { discovery, keys, exchange } = await published(`${label}.issuers.example`);
  answers[keys] = answer;
  expect(await failure(exchange())).toEqual(UNUSABLE);
  expect(asked).toEqual([discovery, keys]);
});

test("an issuer that nobody vouches for, hangs up or doesn't answer in time can't be reached", async () => {
  const unreachable = { name: "IDPCommunicationErrorException", status: 400 };
  const untrusted = await published("issuer.untrusted.example");
  expect(await failure(untrusted.exchange())).toMatchObject(unreachable);
  const gone = await published("gone.issuers.example");
  answers[gone.discovery] = (request) => request.socket.destroy();
  expect(await failure(gone.exchange())).toMatchObject(unreachable);
  const slow = await published("slow.issuers.example");
  answers[slow.discovery] = (_, response) => {
    response.write("{");
  };
  const started = Date.now();
  expect(await failure(slow.exchange())).toMatchObject(unreachable);
  expect(Date.now() - started).toBeLessThan(10_000);
}, 20_000);
