/**
 * The login endpoint under real Terraform: a session of the application goes in, and what comes out opens the user's own
 * routes and no others. Each test goes on where the one before it ended.
 */
import { readFileSync } from "node:fs";
import { CognitoIdentityClient, GetCredentialsForIdentityCommand } from "@aws-sdk/client-cognito-identity";
import { sign } from "aws4";
import { Client } from "undici";
import { readOutputs, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { Cdktf } from "../../scripts/cdktf";
import { createWorkspace, type Workspace } from "../../scripts/workspace";
import { type Application, AUDIENCE, ISSUER, startApplication } from "../support/application-session";
import { COGNITO, type Credentials, credentialsOf } from "../support/identity-account";

jest.setTimeout(300_000);

const USER = "alice@app.example";

let account: LocalAws;
let workspace: Workspace;
let application: Application;
let connections: Client;
let settings: Record<string, string>;

beforeAll(async () => {
  account = await startLocalAws();
  workspace = createWorkspace();
  application = await startApplication("EdDSA");
  connections = new Client(account.endpoint);
  settings = {
    APP_JWKS: application.jwks,
    APP_ISSUER: ISSUER,
    APP_AUDIENCE: AUDIENCE,
    PRINCIPAL_TAGS: "sub=username",
    USER_ROUTES: "true",
  };
});

afterAll(async () => {
  await connections?.close();
  workspace?.remove();
  await account?.stop();
});

function cdktf(): Cdktf {
  return new Cdktf(workspace, { ...account.environment, ...settings });
}

async function deploy(): Promise<void> {
  await cdktf().deploy();
  expect(await cdktf().plan()).toBeUndefined();
}

function output(stack: string, name: string): string {
  return JSON.parse(readFileSync(workspace.outputsFile, "utf8"))[stack][name];
}

interface Call {
  readonly method?: "GET" | "POST" | "OPTIONS";
  readonly headers?: Record<string, string>;
  /** Signs the call. */
  readonly credentials?: Credentials;
}

/** Calls a URL of the deployment, at the account that stands in for AWS. */
async function call(url: string, { method = "GET", headers = {}, credentials }: Call = {}) {
  // Not by URL, which would decode and encode the path.
  const [, host = "", path = ""] = /^https:\/\/([^/]+)(\/.*)$/.exec(url) ?? [];
  const unsigned = { method, host, path, headers: { ...headers, Host: host } };
  const request =
    credentials === undefined
      ? unsigned
      : sign({ ...unsigned, service: "execute-api", region: account.region }, credentials);
  const answer = await connections.request({
    method,
    path,
    headers: request.headers as Record<string, string>,
  });
  const text = await answer.body.text();
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

async function login(session: string) {
  return call(output("login", "login_url"), {
    method: "POST",
    headers: { Authorization: `Bearer ${session}`, Origin: "https://app.example" },
  });
}

async function exchange(identityId: string, token: string): Promise<Credentials> {
  const cognito = new CognitoIdentityClient({ endpoint: account.endpoint, region: account.region });
  const { Credentials: issued } = await cognito.send(
    new GetCredentialsForIdentityCommand({ IdentityId: identityId, Logins: { [COGNITO]: token } }),
  );
  cognito.destroy();
  return credentialsOf(issued);
}

/** What credentials open: the status of each route. */
async function opened(credentials: Credentials): Promise<Record<string, number>> {
  const routes = ["/hello", `/users/${USER}`, "/users/bob", `/users/${USER}/more`, "/users/*", "/restricted"];
  const statuses: Record<string, number> = {};
  for (const route of routes) {
    statuses[route] = (await call(`${output("api", "invoke_url")}${route}`, { credentials })).status;
  }
  return statuses;
}

const OWN_ROUTES = {
  "/hello": 200,
  [`/users/${USER}`]: 200,
  "/users/bob": 403,
  [`/users/${USER}/more`]: 403,
  "/users/*": 403,
  "/restricted": 403,
};

test("a session becomes a token, and the token opens the user's own routes", async () => {
  await deploy();
  expect(output("api", "user_route")).toBe("GET /users/{username}");

  const { status, headers, body } = await login(await application.session({ sub: USER }));
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      identityId: expect.stringMatching(/^us-east-1:/),
      token: expect.any(String),
      expiresIn: 900,
      region: "us-east-1",
    },
  });
  expect(headers).toMatchObject({
    "cache-control": "no-store",
    "access-control-allow-origin": "https://app.example",
  });

  const credentials = await exchange(body.identityId, body.token);
  expect((await call(`${output("api", "invoke_url")}/hello`, { credentials })).body).toMatchObject({
    identityId: body.identityId,
    developerUserIdentifier: USER,
  });
  expect(await opened(credentials)).toEqual(OWN_ROUTES);
});

test("a page may ask for it, and nobody gets in without a session", async () => {
  const preflight = await call(output("login", "login_url"), {
    method: "OPTIONS",
    headers: { Origin: "https://app.example", "Access-Control-Request-Method": "POST" },
  });
  expect(preflight.headers).toMatchObject({
    "access-control-allow-origin": "https://app.example",
    "access-control-allow-methods": "POST,OPTIONS",
    "access-control-allow-headers": expect.stringContaining("Authorization,Content-Type"),
  });
  const stranger = await startApplication("EdDSA");
  expect(await login(await stranger.session({ sub: USER }))).toMatchObject({
    status: 401,
    body: { error: "invalid_session" },
  });
});

test("the backend's own way still works, and what else must be refused is", async () => {
  const { endpoint, credentials } = account;
  const deployment = readOutputs(workspace.outputsFile);
  expect((await walkFlow({ deployment, endpoint, credentials })).outcome).toBe("passed");
});

test("with a setting, credentials come at once", async () => {
  settings = { ...settings, LOGIN_RETURNS: "credentials" };
  await deploy();
  const { status, body } = await login(await application.session({ sub: USER }));
  expect(status).toBe(200);
  expect(Object.keys(body).sort()).toEqual(["credentials", "identityId", "region"]);
  expect(Date.parse(body.credentials.expiration)).toBeGreaterThan(Date.now() + 3_000_000);
  expect(await opened(body.credentials)).toEqual(OWN_ROUTES);
});

test("destroys everything", async () => {
  await cdktf().destroy();
  expect(account.resources()).toEqual([]);
});
