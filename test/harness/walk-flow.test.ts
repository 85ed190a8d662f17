/** The harness as a library: what its report, its events and its time limits say of real deployments. */
import { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { type ProgressEvent, parseOutputs, type Report, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { type DeploymentOutputs, deployWithSdk } from "../../scripts/sdk-deployment";
import { identitiesLeft } from "../support/identities-left";
import { startProxy } from "../support/proxy";

let local: LocalAws;
beforeEach(async () => {
  local = await startLocalAws();
});
afterEach(() => local.stop());

async function walk(
  outputs: DeploymentOutputs,
  options: Partial<Parameters<typeof walkFlow>[0]> = {},
): Promise<Report> {
  return walkFlow({
    deployment: parseOutputs({ stack: outputs }, "test"),
    endpoint: local.endpoint,
    credentials: local.credentials,
    refusals: false,
    ...options,
  });
}

/** Every failed step and those after it. */
function failedAt(report: Report) {
  const failed = report.steps.findIndex((step) => step.status === "failed");
  expect(report.steps.slice(0, failed).every((step) => step.status === "passed")).toBe(true);
  expect(report.steps.slice(failed + 1).every((step) => step.status === "skipped")).toBe(true);
  return report.steps[failed];
}

test("a reader is at most five hops from the flow to the client that sends", async () => {
  const outputs = await deployWithSdk(local);
  const stacks = new Map<string, string>();
  const { send } = CognitoIdentityClient.prototype;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const spy = jest.spyOn(CognitoIdentityClient.prototype, "send").mockImplementation(function (
    this: CognitoIdentityClient,
    ...args: Parameters<typeof send>
  ) {
    stacks.set(args[0].constructor.name, new Error().stack ?? "");
    return send.apply(this, args);
  });
  try {
    expect(await walk(outputs)).toMatchObject({ outcome: "passed" });
  } finally {
    spy.mockRestore();
    Error.stackTraceLimit = stackTraceLimit;
  }
  for (const operation of ["DescribeIdentityPool", "GetOpenIdTokenForDeveloperIdentity"]) {
    const files = [
      ...(stacks.get(`${operation}Command`) ?? "").matchAll(/(?<!test)\/harness\/([\w./-]+)\.ts:/g),
    ].map(([, file]) => file);
    const flow = files.indexOf("flow");
    expect(files.slice(0, flow)).toContain("calls/call");
    expect(flow).toBeLessThan(5);
  }
});

test("a whole deployment passes all five steps, and nothing is left in the pool", async () => {
  const outputs = await deployWithSdk(local);
  const events: ProgressEvent[] = [];
  const report = await walk(outputs, { onProgress: (event) => events.push(event) });

  expect(report).toMatchObject({
    schemaVersion: 1,
    target: {
      region: local.region,
      endpoint: local.endpoint,
      identityPoolId: outputs.identity_pool_id,
      invokeUrl: outputs.invoke_url,
    },
    outcome: "passed",
    error: null,
    warnings: [],
    refusals: [],
  });
  expect(report.steps.map(({ name, status, attempts, hint }) => [name, status, attempts, hint])).toEqual(
    ["pool", "roles", "token", "credentials", "call"].map((name) => [name, "passed", 1, null]),
  );
  for (const step of report.steps) {
    expect(step.requestId).toMatch(/^[0-9a-f-]{36}$/);
  }
  expect(events.filter(({ type }) => type !== "call")).toEqual([
    { type: "planned", count: 5 },
    ...report.steps.flatMap((result) => [
      { type: "started", name: result.name, title: result.title },
      { type: "finished", result },
    ]),
  ]);
  expect(events).toContainEqual({
    type: "call",
    what: "DescribeIdentityPool",
    durationMs: expect.any(Number),
    error: null,
  });
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
});

describe("time", () => {
  test("a step over its budget is degraded, which does not change the outcome", async () => {
    const outputs = await deployWithSdk(local);
    const report = await walk(outputs, { stepBudgets: { call: 1, pool: 60_000 } });
    expect(report.outcome).toBe("passed");
    expect(report.steps.map(({ status }) => status)).toEqual([
      "passed",
      "passed",
      "passed",
      "passed",
      "degraded",
    ]);
    expect(report.steps[4]).toMatchObject({
      budgetMs: 1,
      notes: [expect.stringMatching(/^took \d+ ms, budget 1 ms$/)],
    });
    expect(report.steps[0]).toMatchObject({ budgetMs: 60_000, notes: [] });
  });

  test("unless degraded steps are not accepted", async () => {
    const outputs = await deployWithSdk(local);
    const report = await walk(outputs, { stepBudgets: { call: 1 }, strict: true });
    expect(report).toMatchObject({ outcome: "failed", error: null });
  });

  test("the last step of a fresh deployment has to succeed three times in a row", async () => {
    const outputs = await deployWithSdk(local);
    const report = await walk(outputs, { fresh: true });
    // Three calls with a quarter of a second between them.
    expect(report.steps[4]).toMatchObject({ waitedMs: 500, notes: ["succeeded 3 times in a row"] });
    expect(report.steps[4]?.durationMs).toBeGreaterThanOrEqual(495);
  });

  test("a fault that is put right while a fresh deployment is waited for", async () => {
    const outputs = await deployWithSdk(local, { withoutInvokeGrant: true });
    const iam = new IAMClient(local);
    const report = await walk(outputs, {
      fresh: 10_000,
      onProgress: async (event) => {
        if (event.type !== "retry") {
          return;
        }
        await iam.send(
          new PutRolePolicyCommand({
            RoleName: "by-hand-authenticated",
            PolicyName: "late",
            PolicyDocument: JSON.stringify({
              Version: "2012-10-17",
              Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }],
            }),
          }),
        );
      },
    });
    iam.destroy();
    expect(report.outcome).toBe("passed");
    expect(report.steps[4]?.attempts).toBeGreaterThan(1);
    expect(report.steps[4]?.notes).toEqual([
      expect.stringMatching(/^repeated (once|\d+ times): grant not effective yet$/),
      "succeeded 3 times in a row",
    ]);
  });
});

test("principal tags go into the token, and with a trust policy for them into the session", async () => {
  const outputs = await deployWithSdk(local, {
    trustedAction: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
  });
  const report = await walk(outputs, { principalTags: { team: "blue" } });
  expect(report.outcome).toBe("passed");
});

test("against local AWS a diagnosis holds the account's own explanation", async () => {
  const outputs = await deployWithSdk(local, {
    trustedAudience: "us-east-1:00000000-0000-0000-0000-000000000000",
  });
  const report = await walk(outputs, { diagnose: true });
  const findings = failedAt(report)?.findings;
  expect(findings).toContainEqual(
    expect.stringMatching(/^The account says \(trust\): refused .*:aud: expected /s),
  );
  expect(findings?.at(-1)).toMatch(/^Trust policy of by-hand-authenticated, statement 1: /);
});

test("a diagnosis without permission to look says so, and changes nothing", async () => {
  const outputs = await deployWithSdk(local, { withoutInvokeGrant: true });
  const proxy = await startProxy(local.endpoint, ({ body }) =>
    body.includes("Action=ListRolePolicies")
      ? {
          answer: {
            status: 403,
            body: "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
          },
        }
      : undefined,
  );
  const report = await walk(outputs, { diagnose: true, endpoint: proxy.endpoint });
  await proxy.close();
  expect(report.outcome).toBe("failed");
  expect(failedAt(report)).toMatchObject({
    name: "call",
    hint: expect.stringContaining("lacks the grant"),
    findings: expect.arrayContaining([
      expect.stringMatching(/^Could not be looked up: AccessDenied.* It takes iam:GetRole, ListRolePolicies/),
    ]),
  });
});

describe("the backend's credentials", () => {
  test.each([
    ["a wrong secret", { secretAccessKey: "wrong-secret-access-key-of-forty-chars!!" }],
    ["an unknown key", { accessKeyId: "AKIAIOSFODNN7EXAMPLE" }],
    ["a session that is over", { accessKeyId: "ASIAIOSFODNN7EXAMPLE", sessionToken: "not-a-session" }],
  ])("%s is a matter of settings", async (_, wrong) => {
    const outputs = await deployWithSdk(local);
    const report = await walk(outputs, { credentials: { ...local.credentials, ...wrong } });
    expect(report).toMatchObject({
      outcome: "error",
      error: {
        kind: "settings",
        message: expect.stringContaining("AWS does not accept the backend's credentials"),
      },
    });
    expect(failedAt(report)).toMatchObject({ name: "pool" });
  });
});

test("an endpoint that is no URL is a matter of the caller's", async () => {
  const outputs = await deployWithSdk(local);
  await expect(walk(outputs, { endpoint: "localhost:4566" })).rejects.toThrow(
    'The option endpoint is not an http or https URL (found "localhost:4566").',
  );
});

test("a signal ends the walk; what was created is deleted and what was done reported", async () => {
  const outputs = await deployWithSdk(local);
  const abort = new AbortController();
  const report = await walk(outputs, {
    signal: abort.signal,
    onProgress: (event) => {
      if (event.type === "started" && event.name === "credentials") {
        abort.abort();
      }
    },
  });
  expect(report).toMatchObject({ outcome: "error", error: { kind: "interrupted" }, warnings: [] });
  expect(failedAt(report)).toMatchObject({ name: "credentials" });
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
});
