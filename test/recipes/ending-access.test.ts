/** The policies of "Ending access" in docs/recipes.md, put on a role as they stand there: what each half leaves open, and that both close it. */
import path from "node:path";
import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  UnlinkDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import {
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";
import { build } from "esbuild";
import { ApiClient, IAM, MOCK } from "../support/api-client";
import { type Application, startApplication } from "../support/application-session";
import {
  allow,
  type Clients,
  COGNITO,
  type Credentials,
  createPool,
  createRole,
  credentialsOf,
  developerToken,
  PROVIDER,
  poolTrust,
  setRoles,
} from "../support/identity-account";
import { acceptedSessions, LoginBackend } from "../support/login-backend";
import { PROJECT } from "../support/programs";
import { recipe } from "../support/recipes";

/** `login.mjs` behind the least server that there is; the frameworks of the page are in backends.slow.test.ts. */
const SERVER = `
import { createServer } from "node:http";
import { login } from "./login.mjs";
const server = createServer(async (request, response) => {
  const { status, headers, body } = await login(request.headers.authorization);
  response.writeHead(status, headers).end(JSON.stringify(body));
});
server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port));
`;

/** What stands behind `blocked-users.ts`: the login stack's own function with that authenticator, and the least server. */
const FUNCTION_SERVER = `
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createLogin } from "../login";
import { readConfiguration } from "./configuration";
const configuration = readConfiguration(process.env);
const isBlocked = async (userId) =>
  readFileSync(process.env.BLOCKED_USERS_FILE, "utf8").split("\\n").includes(userId);
const login = createLogin({
  ...configuration,
  authenticator: refusingBlocked(configuration.authenticator, isBlocked),
});
const server = createServer(async (request, response) => {
  const event = {
    body: null,
    isBase64Encoded: false,
    multiValueHeaders: request.headersDistinct,
    requestContext: { requestId: "1" },
  };
  const { statusCode, headers, body } = await login(event);
  response.writeHead(statusCode, headers).end(body);
});
server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port));
`;

/** Seconds: what the page's backend asks for, and what AWS gives to a session. */
const TOKEN = 900;
const SESSION = 3600;

const ROLE = "members";
const trustPolicy = (poolId: string) =>
  poolTrust(poolId, PROVIDER, ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]);
const OPEN = 200;
const DENIED = "403 with an explicit deny in an identity-based policy";
const OVER = "403 The security token included in the request is expired";
const TOKEN_OVER = "NotAuthorizedException: Invalid login token. Token expired";

let api: ApiClient;
let clients: Clients;
let apiId: string;
let poolId: string;
let application: Application;
let backend: LoginBackend;

beforeAll(async () => {
  api = await ApiClient.start();
  const connection = { endpoint: api.aws.endpoint, region: api.aws.region, credentials: api.aws.credentials };
  clients = {
    iam: new IAMClient(connection),
    sts: new STSClient(connection),
    cognito: new CognitoIdentityClient(connection),
  };
  apiId = await api.createApi({ "GET /hello": { method: IAM, integration: MOCK } });
  await api.answerWith(apiId, { resourceId: await api.resourceId(apiId, "/hello"), httpMethod: "GET" }, {});
  await api.deploy(apiId);
  poolId = await createPool(clients);
  const authenticated = await createRole(
    clients.iam,
    ROLE,
    trustPolicy(poolId),
    allow("execute-api:Invoke", api.invokeArn(apiId, "GET/hello")),
  );
  await setRoles(clients, poolId, { authenticated });
  application = await startApplication();
  backend = await LoginBackend.start(
    { "login.mjs": recipe("login.mjs"), "server.mjs": SERVER },
    [process.execPath, "server.mjs"],
    {
      ...api.aws.environment,
      ...acceptedSessions(application),
      IDENTITY_POOL_ID: poolId,
      DEVELOPER_PROVIDER_NAME: PROVIDER,
      USER_TAG: "username",
    },
  );
});

afterAll(async () => {
  await backend?.stop();
  await api?.stop();
});

/** The account's time, in whole seconds as policies have it. */
const now = () => Math.floor((Date.now() + api.clock.ahead) / 1000);

/** Lets time pass for the account, and for the clients that sign by its clock. */
function pass(seconds: number): void {
  api.clock.ahead += seconds * 1000;
  clients.iam.config.systemClockOffset = api.clock.ahead;
  clients.cognito.config.systemClockOffset = api.clock.ahead;
}

interface Minted {
  readonly identityId: string;
  readonly token: string;
}

/** A token from the page's own backend. */
async function signIn(user: string): Promise<Minted> {
  const { status, body } = await backend.login(await application.session({ sub: user }));
  expect({ status, body }).toMatchObject({ status: 200, body: { expiresIn: TOKEN } });
  return body;
}

const refusedLogin = async (user: string) =>
  (await backend.login(await application.session({ sub: user }))).status;

/** New credentials for a token. */
async function exchange({ identityId, token }: Minted): Promise<Credentials> {
  const { Credentials: issued } = await clients.cognito.send(
    new GetCredentialsForIdentityCommand({ IdentityId: identityId, Logins: { [COGNITO]: token } }),
  );
  return credentialsOf(issued);
}

/** Why a token is not exchanged any more. */
async function refusedExchange(minted: Minted): Promise<string> {
  const error = await exchange(minted).then(
    () => new Error("it was exchanged"),
    (reason: Error) => reason,
  );
  return `${error.name}: ${error.message}`;
}

/** What the API answers to these credentials: 200, or 403 and why. */
async function call(credentials: Credentials): Promise<number | string> {
  const date = new Date(now() * 1000).toISOString().replace(/[-:]|\.\d+/g, "");
  const answer = await api.call(apiId, { path: "/hello", credentials, headers: { "X-Amz-Date": date } });
  if (answer.status === 200) {
    return OPEN;
  }
  const { message, Message = message } = JSON.parse(answer.text);
  return `${answer.status} ${Message.replace(/^User: .* on resource: \S+ /, "")}`;
}

const put = (PolicyDocument: string) =>
  clients.iam.send(new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: "end-access", PolicyDocument }));
const takeAway = () =>
  clients.iam.send(new DeleteRolePolicyCommand({ RoleName: ROLE, PolicyName: "end-access" }));

const denyUser = (user: string) => recipe("deny-user.json", { '"alice"': JSON.stringify(user) });
const denyIdentity = (identityId: string) =>
  recipe("deny-identity.json", { "us-east-1:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee": identityId });
const denySessionsBefore = (seconds: number) =>
  recipe("deny-sessions.json", {
    "2026-11-26T12:15:00Z": new Date(seconds * 1000).toISOString().replace(".000", ""),
  });

describe("one user's access", () => {
  test("refused at login alone: the session stays open, and is renewed with the token, until both end", async () => {
    const token = await signIn("refused");
    const first = await exchange(token);
    backend.block("refused");
    expect(await refusedLogin("refused")).toBe(403);
    pass(TOKEN - 10);
    expect(await call(first)).toBe(OPEN);
    const last = await exchange(token);
    pass(10);
    expect(await refusedExchange(token)).toContain(TOKEN_OVER);
    pass(SESSION - 60);
    expect([await call(first), await call(last)]).toEqual([OVER, OPEN]);
    pass(60);
    expect(await call(last)).toBe(OVER);
  });

  test("denied by the tag alone: shut out at once, others go on, but it lasts no longer than the Deny", async () => {
    const [denied, other] = [await signIn("denied"), await signIn("other")];
    const [deniedSession, otherSession] = [await exchange(denied), await exchange(other)];
    expect([await call(deniedSession), await call(otherSession)]).toEqual([OPEN, OPEN]);
    await put(denyUser("denied"));
    expect([await call(deniedSession), await call(otherSession)]).toEqual([DENIED, OPEN]);
    expect(await call(await exchange(denied))).toBe(DENIED);
    expect(await call(await exchange(await signIn("denied")))).toBe(DENIED);
    pass(TOKEN + SESSION);
    await takeAway();
    expect(await call(await exchange(await signIn("denied")))).toBe(OPEN);
  });

  test("both, with the Deny taken away when the token has ended: what it was exchanged for last is open again", async () => {
    const token = await signIn("early");
    backend.block("early");
    await put(denyUser("early"));
    pass(TOKEN - 10);
    const last = await exchange(token);
    expect(await call(last)).toBe(DENIED);
    pass(10);
    await takeAway();
    expect(await call(last)).toBe(OPEN);
  });

  test("both, with the Deny kept an hour longer: shut out at once and for good", async () => {
    const [blocked, other] = [await signIn("blocked"), await signIn("another")];
    const first = await exchange(blocked);
    backend.block("blocked");
    await put(denyUser("blocked"));
    expect(await call(first)).toBe(DENIED);
    pass(TOKEN - 10);
    const last = await exchange(blocked);
    expect([await call(first), await call(last), await call(await exchange(other))]).toEqual([
      DENIED,
      DENIED,
      OPEN,
    ]);
    pass(10 + SESSION);
    await takeAway();
    expect([await call(first), await call(last)]).toEqual([OVER, OVER]);
    expect(await refusedExchange(blocked)).toContain(TOKEN_OVER);
    expect(await refusedLogin("blocked")).toBe(403);
    expect(await call(await exchange(await signIn("another")))).toBe(OPEN);
  });

  test("by the identity id, where sessions have no tags: others go on", async () => {
    const [denied, other] = [
      await developerToken(clients, poolId, "untagged"),
      await developerToken(clients, poolId, "untagged too"),
    ];
    const [deniedSession, otherSession] = [await exchange(denied), await exchange(other)];
    await put(denyUser("untagged"));
    expect(await call(deniedSession)).toBe(OPEN);
    await put(denyIdentity(denied.identityId));
    expect([await call(deniedSession), await call(await exchange(denied)), await call(otherSession)]).toEqual(
      [DENIED, DENIED, OPEN],
    );
    await takeAway();
  });
});

test("the login stack's function refuses whoever is blocked, once it knows that it is them", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: recipe("blocked-users.ts") + FUNCTION_SERVER,
      resolveDir: path.join(PROJECT, "functions", "login"),
      loader: "ts",
    },
    bundle: true,
    platform: "node",
    write: false,
  });
  const files = { "server.cjs": outputFiles[0]?.text as string };
  const login = await LoginBackend.start(files, [process.execPath, "server.cjs"], {
    ...api.aws.environment,
    ...acceptedSessions(application),
    APP_ALGORITHMS: "ES256",
    LOGIN_TOKEN_DURATION: String(TOKEN),
    IDENTITY_POOL_ID: poolId,
    DEVELOPER_PROVIDER_NAME: PROVIDER,
  });
  try {
    const answer = async (from: Application, sub: string) => {
      const { status, body } = await login.login(await from.session({ sub }));
      return [status, body.error];
    };
    expect(await answer(application, "banned")).toEqual([200, undefined]);
    login.block("banned");
    expect(await answer(application, "banned")).toEqual([403, "forbidden"]);
    expect(await answer(await startApplication(), "banned")).toEqual([401, "invalid_session"]);
    expect(await answer(application, "welcome")).toEqual([200, undefined]);
  } finally {
    await login.stop();
  }
});

test("a Deny in the trust policy ends the exchange of a token, and no session", async () => {
  const [denied, other] = [await signIn("untrusted"), await signIn("trusted")];
  const open = await exchange(denied);
  const { Version, Statement } = JSON.parse(trustPolicy(poolId));
  const deny = {
    Effect: "Deny",
    Principal: { Federated: COGNITO },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { [`${COGNITO}:sub`]: denied.identityId } },
  };
  const trust = (PolicyDocument: string) =>
    clients.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: ROLE, PolicyDocument }));
  await trust(JSON.stringify({ Version, Statement: [...Statement, deny] }));
  expect(await refusedExchange(denied)).toMatch(/^InvalidIdentityPoolConfigurationException:/);
  expect([await call(open), await call(await exchange(other))]).toEqual([OPEN, OPEN]);
  await trust(trustPolicy(poolId));
});

describe("everyone's access", () => {
  test("by the present: sessions end, but a token minted before opens a new one until it ends", async () => {
    const tokens = [await signIn("one"), await signIn("two")] as const;
    const open = await Promise.all(tokens.map(exchange));
    pass(1);
    await put(denySessionsBefore(now()));
    expect(await Promise.all(open.map(call))).toEqual([DENIED, DENIED]);
    pass(TOKEN - 10);
    expect(await call(await exchange(tokens[0]))).toBe(OPEN);
    pass(10);
    expect(await refusedExchange(tokens[0])).toContain(TOKEN_OVER);
    await takeAway();
  });

  test("by the end of the last token: nobody is in until then, and after it whoever signs in", async () => {
    const token = await signIn("three");
    const open = await exchange(token);
    pass(1);
    const end = now() + TOKEN;
    await put(denySessionsBefore(end));
    pass(TOKEN - 10);
    const last = await exchange(token);
    expect([await call(open), await call(last)]).toEqual([DENIED, DENIED]);
    pass(10);
    expect(await refusedExchange(token)).toContain(TOKEN_OVER);
    expect(await call(last)).toBe(DENIED);
    expect(await call(await exchange(await signIn("three")))).toBe(OPEN);
    await takeAway();
  });
});

test("UnlinkDeveloperIdentity blocks nobody: the session goes on, and the user signs in as another identity", async () => {
  const before = await signIn("unlinked");
  const open = await exchange(before);
  await put(denyIdentity(before.identityId));
  expect(await call(open)).toBe(DENIED);
  await takeAway();
  await clients.cognito.send(
    new UnlinkDeveloperIdentityCommand({
      IdentityPoolId: poolId,
      IdentityId: before.identityId,
      DeveloperProviderName: PROVIDER,
      DeveloperUserIdentifier: "unlinked",
    }),
  );
  expect(await call(open)).toBe(OPEN);
  await put(denyIdentity(before.identityId));
  const after = await signIn("unlinked");
  expect(after.identityId).not.toBe(before.identityId);
  expect([await call(open), await call(await exchange(after))]).toEqual([DENIED, OPEN]);
  await takeAway();
});
