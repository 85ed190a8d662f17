/** The backends of docs/recipes.md as a reader copies them: installed, started with a role that may mint and nothing else, and asked. */
import { spawnSync } from "node:child_process";
import {
  GetCredentialsForIdentityCommand,
  LookupDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { DeleteRolePolicyCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { base64url, decodeJwt, SignJWT } from "jose";
import { type Application, startApplication } from "../support/application-session";
import {
  COGNITO,
  createPool,
  createRole,
  credentialsOf,
  developerToken,
  failure,
  type IdentityAccount,
  openSession,
  PROVIDER,
  poolTrust,
  setRoles,
  startIdentityAccount,
} from "../support/identity-account";
import { acceptedSessions, LoginBackend } from "../support/login-backend";
import { runToEnd } from "../support/programs";
import { type Interference, startProxy } from "../support/proxy";
import { recipe } from "../support/recipes";

let account: IdentityAccount;
let poolId: string;
let otherPoolId: string;
let application: Application;
let backendRole: Awaited<ReturnType<typeof openSession>>;

beforeAll(async () => {
  account = await startIdentityAccount();
  application = await startApplication("ES256", "app-1");
  poolId = await createPool(account);
  otherPoolId = await createPool(account);
  const authenticated = await createRole(
    account.iam,
    "members",
    poolTrust(poolId, PROVIDER, ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]),
  );
  await setRoles(account, poolId, { authenticated });
  backendRole = await openSession(account, "backend", ...JSON.parse(minting()).Statement);
});

afterAll(() => account?.stop());

/** The page's policy, for this pool. */
const minting = () => recipe("minting.json", { "us-east-1:11111111-2222-3333-4444-555555555555": poolId });

test("the backend's policy allows to mint for its pool, and nothing else", async () => {
  const minted = await developerToken(backendRole, poolId, "alice");
  expect(minted.identityId).toMatch(/^us-east-1:/);
  const denied = { name: "AccessDeniedException", status: 400 };
  expect(await failure(developerToken(backendRole, otherPoolId, "alice"))).toMatchObject(denied);
  const lookUp = new LookupDeveloperIdentityCommand({
    IdentityPoolId: poolId,
    IdentityId: minted.identityId,
  });
  expect(await failure(backendRole.cognito.send(lookUp))).toMatchObject(denied);
});

interface Server {
  readonly files: readonly string[];
  readonly command: readonly [string, ...string[]];
  /** The block with the installation. @default - what is on the path */
  readonly install?: string;
  /** What must be there, or its tests are left out. @default - npm brings all */
  readonly needs?: readonly [string, ...string[]];
}

const SERVERS: Readonly<Record<string, Server>> = {
  Express: {
    files: ["login.mjs", "express.mjs"],
    command: [process.execPath, "express.mjs"],
    install: "express-install",
  },
  Fastify: {
    files: ["login.mjs", "fastify.mjs"],
    command: [process.execPath, "fastify.mjs"],
    install: "fastify-install",
  },
  Flask: {
    files: ["backend.py"],
    command: ["python3", "-m", "flask", "--app", "backend", "run", "--port", "0"],
    needs: ["python3", "-c", "import boto3, flask, joserfc"],
  },
};

/** Starts the server in a folder of its own, with its role's credentials. */
const start = ({ files, command, install }: Server, endpoint: string) =>
  LoginBackend.start(
    Object.fromEntries(files.map((name) => [name, recipe(name)])),
    command,
    {
      ...acceptedSessions(application),
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: account.aws.region,
      AWS_ACCESS_KEY_ID: backendRole.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: backendRole.credentials.secretAccessKey,
      AWS_SESSION_TOKEN: backendRole.credentials.sessionToken as string,
      IDENTITY_POOL_ID: poolId,
      DEVELOPER_PROVIDER_NAME: PROVIDER,
      USER_TAG: "username",
      PORT: "0",
    },
    async (folder) => {
      if (install) {
        const [npm = "", ...args] = recipe(install).trim().split(" ");
        const { code, output } = await runToEnd(
          npm,
          [...args, "--no-audit", "--no-fund"],
          process.env,
          folder,
        );
        expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("added") });
      }
    },
  );

for (const [name, server] of Object.entries(SERVERS)) {
  const [command = "", ...args] = server.needs ?? [process.execPath, "--version"];
  if (spawnSync(command, args, { stdio: "ignore" }).status !== 0) {
    test(`${[command, ...args].join(" ")} fails here: the tests with ${name} are left out`, () => {
      process.stdout.write(`The tests of the backend with ${name} are left out.\n`);
      expect(spawnSync(command, args, { stdio: "ignore" }).status).not.toBe(0);
    });
    continue;
  }

  describe(`the backend with ${name}`, () => {
    let backend: LoginBackend;
    let proxy: Awaited<ReturnType<typeof startProxy>>;
    let interference: Interference | undefined;
    const secrets: string[] = [];

    beforeAll(async () => {
      proxy = await startProxy(account.aws.endpoint, () => interference);
      backend = await start(server, proxy.endpoint);
    }, 180_000);

    beforeEach(() => {
      interference = undefined;
    });

    afterAll(async () => {
      await backend?.stop();
      await proxy?.close();
    });

    const login = async (session?: string, more?: Parameters<LoginBackend["login"]>[1]) => {
      const answer = await backend.login(session, more);
      secrets.push(...[session, answer.body.token].filter((secret) => secret?.includes(".")));
      expect(answer.headers).toMatchObject({
        "cache-control": "no-store",
        "content-type": expect.stringMatching(/^application\/json/),
      });
      return answer;
    };
    const refused = (status: number, error: string) => ({
      status,
      body: { error, message: expect.stringMatching(/\.$/) },
    });

    test("mints for the session's user, and what it mints is good for credentials with the user's tag", async () => {
      const { status, body } = await login(await application.session());
      expect({ status, body }).toEqual({
        status: 200,
        body: {
          identityId: expect.stringMatching(/^us-east-1:[0-9a-f-]{36}$/),
          token: expect.any(String),
          expiresIn: 900,
          region: "us-east-1",
        },
      });
      const claims = decodeJwt(body.token);
      expect(claims).toMatchObject({
        sub: body.identityId,
        amr: ["authenticated", PROVIDER, `${PROVIDER}:${poolId}:alice`],
        "https://aws.amazon.com/tags": { principal_tags: { username: ["alice"] } },
      });
      expect(Number(claims.exp) - Number(claims.iat)).toBe(900);
      const { Credentials } = await account.cognito.send(
        new GetCredentialsForIdentityCommand({
          IdentityId: body.identityId,
          Logins: { [COGNITO]: body.token },
        }),
      );
      const { sts } = account.as(credentialsOf(Credentials));
      expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toMatch(/:assumed-role\/members\//);
    });

    test("takes nobody's word for who they are but the session's", async () => {
      const alice = await login(await application.session());
      const mallory = { identityId: alice.body.identityId, sub: "alice", user: "alice" };
      const answer = await login(await application.session({ sub: "mallory" }), {
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(mallory),
      });
      expect(answer.status).toBe(200);
      expect(answer.body.identityId).not.toBe(alice.body.identityId);
      const nonsense = { headers: { "Content-Type": "application/json" }, body: "{" };
      expect((await login(await application.session({ sub: "mallory" }), nonsense)).body.identityId).toBe(
        answer.body.identityId,
      );
    });

    test("refuses what is no session of the application, always with the same words", async () => {
      const good = await application.session();
      const [header = "", payload = "", signature = ""] = good.split(".");
      const encode = (part: object) => base64url.encode(JSON.stringify(part));
      const foreign = await (await startApplication("ES256", "app-1")).session();
      const answers = await Promise.all(
        [
          undefined,
          "",
          "nonsense",
          "a.b.c",
          foreign,
          `${header}.${encode({ ...decodeJwt(good), sub: "bob" })}.${signature}`,
          `${encode({ alg: "none" })}.${payload}.`,
          await new SignJWT(decodeJwt(good))
            .setProtectedHeader({ alg: "HS256", kid: "app-1" })
            .sign(Buffer.from(application.jwks)),
          `${encode({ alg: "ES256", kid: "unknown" })}.${payload}.${signature}`,
          await application.session(undefined, { expiresIn: -600 }),
          await application.session(undefined, { expiresIn: undefined }),
          await application.session(undefined, { notBefore: 600, expiresIn: 1200 }),
          await application.session(undefined, { issuer: "https://other.example" }),
          await application.session(undefined, { audience: "other" }),
          await application.session({ sub: "alice", aud: undefined }),
          await application.session({}),
          await application.session({ sub: "" }),
        ].map((session) => login(session)),
      );
      answers.push(await login(undefined, { headers: { Authorization: `Basic ${good}` } }));
      answers.push(await login(undefined, { headers: { Authorization: good } }));
      const [first] = answers;
      expect(first).toMatchObject(refused(401, "invalid_session"));
      expect(first?.headers["www-authenticate"]).toBe("Bearer");
      expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
        answers.map(() => ({ status: 401, body: first?.body })),
      );
    });

    test("refuses a user who is blocked, from the next login on, and ids that cannot be a tag", async () => {
      expect((await login(await application.session({ sub: "blocked" }))).status).toBe(200);
      backend.block("blocked");
      expect(await login(await application.session({ sub: "blocked" }))).toMatchObject(
        refused(403, "forbidden"),
      );
      expect((await login(await application.session({ sub: "bob" }))).status).toBe(200);
      for (const user of ["a/b", "*", "a?", ".", "..", "a b", "é", "a\n", "a".repeat(257)]) {
        expect(await login(await application.session({ sub: user }))).toMatchObject(
          refused(403, "unusable_claim"),
        );
      }
    });

    test.each<[string, number, string, Interference]>([
      [
        "throttles",
        429,
        "too_many_requests",
        { answer: { status: 400, body: '{"__type":"TooManyRequestsException","message":"Rate exceeded"}' } },
      ],
      ["fails", 502, "unavailable", { answer: { status: 500, body: '{"__type":"InternalErrorException"}' } }],
      ["breaks the connection", 502, "unavailable", { loseRequest: true }],
      ["doesn't answer in time", 502, "unavailable", { delay: 60_000 }],
    ])("when Cognito %s, answers %d", async (_what, status, error, befalls) => {
      interference = befalls;
      expect(await login(await application.session())).toMatchObject(refused(status, error));
    });

    test("when it may not mint, answers 502 and not why", async () => {
      const granted = { RoleName: "backend", PolicyName: "granted" };
      await account.iam.send(new DeleteRolePolicyCommand(granted));
      try {
        expect(await login(await application.session())).toMatchObject(refused(502, "unavailable"));
      } finally {
        await account.iam.send(new PutRolePolicyCommand({ ...granted, PolicyDocument: minting() }));
      }
      expect((await login(await application.session())).status).toBe(200);
    });

    test("has logged the names of errors, and no session, token, key or message of AWS", async () => {
      const output = await backend.stop();
      const { accessKeyId, secretAccessKey, sessionToken } = backendRole.credentials;
      const never = [...secrets, accessKeyId, secretAccessKey, sessionToken as string, "arn:", "Traceback"];
      expect(never.filter((text) => output.includes(text))).toEqual([]);
      expect(
        output.match(/login failed: (TooManyRequests|InternalError|AccessDenied)Exception/g),
      ).toHaveLength(3);
    });
  });
}
