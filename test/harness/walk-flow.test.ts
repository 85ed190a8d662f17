import { type ProgressEvent, parseOutputs, type Report, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { type DeploymentFaults, type DeploymentOutputs, deployByHand } from "../deployment";
import { identitiesLeft } from "./identities-left";

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

test("a whole deployment passes all five steps, and nothing is left in the pool", async () => {
  const outputs = await deployByHand(local);
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
  expect(events).toEqual(
    report.steps.flatMap((result) => [
      { type: "step-started", name: result.name },
      { type: "step-finished", result },
    ]),
  );
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
});

describe("faults of the deployment", () => {
  test.each<[string, DeploymentFaults, { name: string; actual: RegExp; hint: RegExp }]>([
    [
      "no invoke grant",
      { withoutInvokeGrant: true },
      {
        name: "call",
        actual:
          /403 AccessDeniedException: User: arn:aws:sts::\d{12}:assumed-role\/by-hand-authenticated\/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:.*\/dev\/GET\/hello/,
        hint: /not granted execute-api:Invoke/,
      },
    ],
    [
      "another pool as audience in the trust policy",
      { trustedAudience: "us-east-1:00000000-0000-0000-0000-000000000000" },
      {
        name: "credentials",
        actual:
          /^400 InvalidIdentityPoolConfigurationException: Invalid identity pool configuration\. Check assigned IAM roles for this pool\.$/,
        hint: /trust policy/,
      },
    ],
    [
      "no roles attached",
      { withoutRolesAttachment: true },
      { name: "roles", actual: /^authenticated role: absent$/, hint: /roles attachment is missing/ },
    ],
    [
      "no Lambda permission",
      { withoutLambdaPermission: true },
      {
        name: "call",
        actual: /500 InternalServerErrorException: Internal server error$/,
        hint: /Lambda permission/,
      },
    ],
  ])("%s", async (_, faults, { name, actual, hint }) => {
    const outputs = await deployByHand(local, faults);
    const report = await walk(outputs);
    expect(report).toMatchObject({ outcome: "failed", error: null, warnings: [] });
    expect(failedAt(report)).toMatchObject({
      name,
      actual: expect.stringMatching(actual),
      hint: expect.stringMatching(hint),
    });
    expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
  });
});

describe("outputs that do not fit the deployment", () => {
  test.each<[string, Partial<DeploymentOutputs>, { name: string; expected: RegExp; actual: RegExp }]>([
    [
      "another developer provider",
      { developer_provider_name: "login.other.example" },
      {
        name: "pool",
        expected: /^developer provider: "login\.other\.example"$/,
        actual: /^developer provider: "login\.developer\.example"$/,
      },
    ],
    [
      "another pool",
      { identity_pool_id: "us-east-1:00000000-0000-0000-0000-000000000000" },
      { name: "pool", expected: /^developer provider/, actual: /^400 ResourceNotFoundException/ },
    ],
    [
      "another role",
      { authenticated_role_arn: "arn:aws:iam::123456789012:role/other" },
      { name: "roles", expected: /role\/other"$/, actual: /role\/by-hand-authenticated"$/ },
    ],
  ])("%s", async (_, wrong, { name, expected, actual }) => {
    const report = await walk({ ...(await deployByHand(local)), ...wrong });
    expect(report.outcome).toBe("failed");
    expect(failedAt(report)).toMatchObject({
      name,
      expected: expect.stringMatching(expected),
      actual: expect.stringMatching(actual),
    });
  });

  test("another stage", async () => {
    const outputs = await deployByHand(local);
    const report = await walk({ ...outputs, invoke_url: outputs.invoke_url.replace("/dev", "/prod") });
    expect(failedAt(report)).toMatchObject({
      name: "call",
      actual: expect.stringMatching(/403 ForbiddenException: Forbidden$/),
      hint: "The stage in invoke_url is not deployed on this API.",
    });
  });
});

describe("the backend's credentials", () => {
  test.each([
    ["a wrong secret", { secretAccessKey: "wrong-secret-access-key-of-forty-chars!!" }],
    ["an unknown key", { accessKeyId: "AKIAIOSFODNN7EXAMPLE" }],
    ["a session that is over", { accessKeyId: "ASIAIOSFODNN7EXAMPLE", sessionToken: "not-a-session" }],
  ])("%s is a matter of settings", async (_, wrong) => {
    const outputs = await deployByHand(local);
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

test("a signal ends the walk; what was created is deleted and what was done reported", async () => {
  const outputs = await deployByHand(local);
  const abort = new AbortController();
  const report = await walk(outputs, {
    signal: abort.signal,
    onProgress: (event) => {
      if (event.type === "step-started" && event.name === "credentials") abort.abort();
    },
  });
  expect(report).toMatchObject({ outcome: "error", error: { kind: "interrupted" }, warnings: [] });
  expect(failedAt(report)).toMatchObject({ name: "credentials" });
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
});

test("reports hold no secret", async () => {
  const outputs = await deployByHand(local, { withoutInvokeGrant: true });
  const events: ProgressEvent[] = [];
  const report = await walk(outputs, { onProgress: (event) => events.push(event) });
  const all = JSON.stringify([report, events]);
  expect(all).not.toContain(local.credentials.secretAccessKey);
  expect(all).not.toContain(local.credentials.accessKeyId);
  expect(all).not.toMatch(/eyJ|ASIA[A-Z0-9]{4}|Signature=/);
});
