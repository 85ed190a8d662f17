/** A walk as a client: from the application's session to the API, and what the login endpoint must refuse. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseOutputs, type Report, walkFlow } from "../../harness";
import { parseAccess } from "../../harness/access/file";
import { verify } from "../../harness/cli/verify";
import { CAUSES } from "../../harness/reporting/causes";
import { STAGE } from "../support/api-client";
import { type Application, startApplication } from "../support/application-session";
import { PROVIDER } from "../support/identity-account";
import { type LoginAccount, startLoginAccount } from "../support/login-account";
import { jsonProblems } from "../support/report-validation";

const USER = "alice@app.example";

let app: Application;
let account: LoginAccount;
let outputs: Record<string, string>;
beforeAll(async () => {
  app = await startApplication();
  account = await startLoginAccount({ APP_JWKS: app.jwks, PRINCIPAL_TAGS: "sub=username" }, ["username"]);
  outputs = outputsOf(account);
});
afterAll(() => account.stop());

function outputsOf({ api, apiId, poolId }: LoginAccount): Record<string, string> {
  const { region, accountId } = api.aws;
  const invokeUrl = `https://${apiId}.execute-api.${region}.amazonaws.com/${STAGE}`;
  return {
    region,
    identity_pool_id: poolId,
    developer_provider_name: PROVIDER,
    authenticated_role_arn: `arn:aws:iam::${accountId}:role/authenticated`,
    invoke_url: invokeUrl,
    login_url: `${invokeUrl}/login`,
    probe_route: `GET /users/${USER}`,
    user_route: "GET /users/{username}",
  };
}

const sessions = {
  valid: () => app.session({ sub: USER }),
  defective: (kind: string) =>
    app.session({ sub: USER }, kind === "expired" ? { expiresIn: -120 } : { audience: "another" }),
};

function walk(options: Partial<Parameters<typeof walkFlow>[0]> = {}): Promise<Report> {
  const deployment = parseOutputs({ stack: outputs }, "test");
  return walkFlow({ deployment, endpoint: account.api.aws.endpoint, sessions, ...options });
}

const statuses = (results: Report["steps"]) => results.map(({ name, status }) => [name, status]);

test("login, credentials and call pass without any credentials of the backend; all refusals too", async () => {
  const report = await walk({ credentials: { accessKeyId: "AKIANOBODY", secretAccessKey: "nothing" } });
  expect(jsonProblems(JSON.stringify(report))).toEqual([]);
  expect(report).toMatchObject({ via: "login", outcome: "passed", error: null, warnings: [] });
  expect(statuses(report.steps)).toEqual([
    ["login", "passed"],
    ["credentials", "passed"],
    ["call", "passed"],
  ]);
  expect(statuses(report.refusals)).toEqual([
    ["login-without-session", "passed"],
    ["login-made-up-session", "passed"],
    ["login-foreign-key", "passed"],
    ["login-alg-none", "passed"],
    ["login-expired-session", "passed"],
    ["login-other-audience", "passed"],
    ["login-oversized-body", "passed"],
    ["own-user-route", "passed"],
    ["other-user-route", "passed"],
  ]);
});

test("who may call what is asked as far as a client can, without any credentials of the backend", async () => {
  const declared = JSON.stringify({ "GET /users/{username}": ["signed-in"], "POST /login": ["anyone"] });
  const { outcome, access } = await walk({ refusals: false, access: parseAccess(declared, "access.json") });
  expect(outcome).toBe("passed");
  expect(access?.cells.map(({ caller, observed, computed }) => [caller, observed, computed])).toEqual([
    ["nobody", "refused", null],
    ["guest", null, null],
    ["signed-in", "allowed", null],
    ["other-user", "refused", null],
    ["backend", null, null],
    // Not called: a login is no harmless call.
    ["nobody", null, null],
    ["guest", null, null],
    ["signed-in", null, null],
    ["backend", null, null],
  ]);
  expect(access?.cells[4]?.note).toBe("not asked: --via login has no AWS credentials");
  expect(access?.notes).toEqual([
    "Undeclared routes were not looked for, and nothing was computed: --via login has no AWS credentials.",
  ]);
});

describe("what the first step's failure means", () => {
  test("every cause of a login is here", () => {
    const ofLogin = Object.entries(CAUSES).filter(([, { when }]) => when.step === "login");
    expect(ofLogin.map(([name]) => name)).toEqual(["session-refused", "claim-unusable", "login-failed"]);
  });

  test("session-refused: an issuer that is not the application; nothing else is asked", async () => {
    const valid = () => app.session({ sub: USER }, { issuer: "https://else" });
    const { steps, refusals } = await walk({ sessions: { valid } });
    expect(steps[0]).toMatchObject({
      status: "failed",
      actual: expect.stringMatching(/401 invalid_session/),
    });
    expect(steps[0]?.hint).toMatch(/does not accept the session: its issuer/);
    expect([...steps.slice(1), ...refusals].every(({ status }) => status === "skipped")).toBe(true);
  });

  test("claim-unusable: a user whose name cannot be a tag", async () => {
    const { steps } = await walk({ sessions: { valid: () => app.session({ sub: "*" }) } });
    expect(steps[0]).toMatchObject({
      status: "failed",
      hint: expect.stringMatching(/cannot become a tag/),
    });
  });

  test("login-failed: the application's keys cannot be read", async () => {
    const other = await startLoginAccount({ APP_JWKS_URI: "https://127.0.0.1:9/jwks" });
    try {
      const { steps } = await walk({
        deployment: parseOutputs({ stack: outputsOf(other) }, "test"),
        endpoint: other.api.aws.endpoint,
      });
      expect(steps[0]).toMatchObject({ status: "failed", attempts: 3 });
      expect(steps[0]?.hint).toMatch(/could not read the application's keys/);
    } finally {
      await other.stop();
    }
  });
});

test.each(["expired", "other-audience"] as const)(
  "an endpoint that takes a session that is %s fails",
  async (kind) => {
    const defective = (asked: string) => (asked === kind ? sessions.valid() : sessions.defective(asked));
    const report = await walk({ sessions: { ...sessions, defective } });
    const failed = report.refusals.filter(({ status }) => status === "failed");
    expect(failed).toMatchObject([{ actual: "answer: not refused", hint: expect.stringMatching(/verify/) }]);
    expect(failed[0]?.name).toMatch(kind);
  },
);

test("what an opaque or a single session cannot show is skipped and says why", async () => {
  const report = await walk({ sessions: { valid: sessions.valid } });
  const skipped = report.refusals.filter(({ status }) => status === "skipped");
  expect(statuses(skipped)).toEqual([
    ["login-expired-session", "skipped"],
    ["login-other-audience", "skipped"],
  ]);
  expect(skipped[0]?.notes[0]).toMatch(/SESSION_KIND=expired/);
});

test("credentials that come with the login are judged as those of Cognito are", async () => {
  const other = await startLoginAccount(
    { APP_JWKS: app.jwks, PRINCIPAL_TAGS: "sub=username", LOGIN_RETURNS: "credentials" },
    ["username"],
  );
  try {
    const report = await walk({
      deployment: parseOutputs({ stack: outputsOf(other) }, "test"),
      endpoint: other.api.aws.endpoint,
    });
    expect(report.outcome).toBe("passed");
    expect(report.steps[1]).toMatchObject({
      name: "credentials",
      notes: ["came with the login; nothing was called"],
    });
  } finally {
    await other.stop();
  }
});

describe("on the command line", () => {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  let directory: string;
  beforeAll(() => {
    process.env.AWS_ENDPOINT_URL = account.api.aws.endpoint;
    directory = mkdtempSync(path.join(tmpdir(), "via-login-"));
    writeFileSync(path.join(directory, "outputs.json"), JSON.stringify({ stack: outputs }));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
    if (endpoint === undefined) {
      delete process.env.AWS_ENDPOINT_URL;
    } else {
      process.env.AWS_ENDPOINT_URL = endpoint;
    }
  });

  async function run(...args: string[]) {
    let stdout = "";
    let stderr = "";
    const code = await verify(["--outputs", path.join(directory, "outputs.json"), ...args], {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      environment: { ...process.env },
      signal: new AbortController().signal,
    });
    return { code, stdout, stderr };
  }
  test("a session from a command, which no output and no report shows", async () => {
    const made = {
      valid: await sessions.valid(),
      expired: await sessions.defective("expired"),
      "other-audience": await sessions.defective("other-audience"),
    };
    for (const [kind, session] of Object.entries(made)) {
      writeFileSync(path.join(directory, kind), `${session}\n`);
    }
    const command = `cat '${directory}'/"$SESSION_KIND"`;
    const { code, stdout, stderr } = await run(
      "--via",
      "login",
      "--session-command",
      command,
      "--report-dir",
      directory,
      "--verbose",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/✓ 1 login .*\n(.*\n)*✓ 2 credentials .*\n(.*\n)*✓ 3 call /);
    expect(stdout).toMatch(/passed: 3 of 3 steps, 9 of 9 refusals/);
    const told = ["report.json", "junit.xml", "summary.md", "report.html"].map((file) =>
      readFileSync(path.join(directory, file), "utf8"),
    );
    for (const text of [stdout, ...told]) {
      for (const session of Object.values(made)) {
        expect(text).not.toContain(session.split(".")[2]);
      }
      expect(text).not.toMatch(/eyJ/);
    }
  });

  test("a session from a file", async () => {
    const file = path.join(directory, "session");
    writeFileSync(file, `${await sessions.valid()}\n`);
    expect(await run("--via", "login", "--session-file", file)).toMatchObject({ code: 0, stderr: "" });
  });

  test.each([
    [["--via", "login"], /--via login needs --session-file or --session-command/],
    [["--session-file", "x"], /--via login needs --session-file or --session-command/],
    [["--via", "logon"], /Did you mean --via login\?/],
    [["--via", "login", "--session-file", "/nowhere"], /--session-file \/nowhere cannot be read \(ENOENT\)/],
    [["--via", "login", "--session-command", "echo secret-of-mine; exit 3"], /ended with an error \(3\)/],
    [["--via", "login", "--session-command", "true"], /printed nothing for SESSION_KIND=valid/],
  ])("%j is a matter of settings", async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout + stderr).not.toContain("secret-of-mine");
  });

  test("outputs without a login endpoint", async () => {
    const { login_url: _, ...others } = outputs;
    writeFileSync(path.join(directory, "outputs.json"), JSON.stringify({ stack: others }));
    const { code, stderr } = await run("--via", "login", "--session-file", "x");
    expect(code).toBe(2);
    expect(stderr).toMatch(/The outputs name no login_url/);
  });
});
