/** Every call that must be refused: passes when AWS refuses it, and fails the walk when it would not. */
import { parseOutputs, type Report, type WalkOptions, walkFlow } from "../../../harness";
import { REFUSALS } from "../../../harness/flow";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { type DeploymentFaults, deployWithSdk } from "../../../scripts/sdk-deployment";
import { identitiesLeft } from "../../support/identities-left";
import { type Interference, type Passing, startProxy } from "../../support/proxy";

let local: LocalAws;
beforeEach(async () => {
  local = await startLocalAws();
});
afterEach(() => local.stop());

async function walk(
  faults: DeploymentFaults = {},
  interfere: (passing: Passing) => Interference | undefined = () => undefined,
  outputs: object = {},
  options: Partial<WalkOptions> = {},
): Promise<Report> {
  const deployed = await deployWithSdk(local, faults);
  const proxy = await startProxy(local.endpoint, interfere);
  try {
    const report = await walkFlow({
      deployment: parseOutputs({ stack: { ...deployed, ...outputs } }, "test"),
      endpoint: proxy.endpoint,
      credentials: local.credentials,
      ...options,
    });
    expect(report.steps.map(({ status }) => status)).toEqual(Array(5).fill("passed"));
    return report;
  } finally {
    await proxy.close();
  }
}

const NAMES = REFUSALS.map(({ name }) => name);

function named(report: Report, status: string): string[] {
  return report.refusals.filter((refusal) => refusal.status === status).map(({ name }) => name);
}

test("a whole deployment refuses them all", async () => {
  const deployed = await deployWithSdk(local);
  const report = await walkFlow({
    deployment: parseOutputs({ stack: deployed }, "test"),
    endpoint: local.endpoint,
    credentials: local.credentials,
  });
  expect(named(report, "passed")).toEqual(NAMES);
  expect(report.outcome).toBe("passed");
  expect(new Set(NAMES).size).toBe(NAMES.length);
  for (const { source, expected, actual, attempts } of report.refusals) {
    expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    expect(expected).not.toBeNull();
    expect(actual).not.toBeNull();
    expect(attempts).toBe(1);
  }
  const expired = report.refusals.find(({ name }) => name === "expired-token");
  expect(expired?.actual).toMatch(/^400 NotAuthorizedException: Invalid login token\. Token expired/);
  expect(await identitiesLeft(local, deployed.identity_pool_id)).toBe(0);
});

test("what the deployment opens is found, and only that", async () => {
  const report = await walk({
    furtherGrants: [
      {
        Effect: "Allow",
        Action: "execute-api:Invoke",
        Resource: "arn:aws:execute-api:*:*:*/dev/GET/restricted",
      },
      { Effect: "Allow", Action: "cognito-identity:*", Resource: "*" },
    ],
    answeredOrigin: "*",
    withoutErrorCors: true,
  });
  expect(report.outcome).toBe("failed");
  expect(named(report, "failed")).toEqual([
    "restricted-route",
    "preflight-allowed-origin",
    "preflight-other-origin",
    "cors-on-403",
    "minting-as-user",
  ]);
  const failed = report.refusals.filter(({ status }) => status === "failed");
  expect(failed.map(({ hint }) => hint)).toEqual([
    expect.stringContaining("grant more than GET /hello"),
    expect.stringContaining("Browsers cannot call the API"),
    expect.stringContaining("Pages of any origin may call the API"),
    expect.stringContaining("DEFAULT_4XX and DEFAULT_5XX"),
    expect.stringContaining("Users may mint tokens"),
  ]);
  expect(report.warnings).toEqual([]);
});

test("a preflight behind AWS_IAM", async () => {
  const report = await walk({ preflightAuthorization: "AWS_IAM" });
  expect(named(report, "failed")).toEqual(["preflight-allowed-origin", "preflight-other-origin"]);
  expect(report.refusals.find(({ name }) => name === "preflight-allowed-origin")).toMatchObject({
    actual: "status: 403 MissingAuthenticationTokenException",
    hint: expect.stringContaining("authorisation NONE, not AWS_IAM"),
  });
});

test("where every origin is allowed, other origins are not asked for", async () => {
  const report = await walk({ answeredOrigin: "*" }, undefined, { allowed_origin: undefined });
  expect(named(report, "skipped")).toEqual(["preflight-other-origin"]);
  expect(report.refusals.find(({ status }) => status === "skipped")?.notes).toEqual([
    expect.stringContaining("declare the output allowed_origin"),
  ]);
  expect(report.outcome).toBe("passed");
});

test("where guests are declared, only what they may not do is asked", async () => {
  const report = await walk({ guestsDeclared: true });
  expect(report.steps[0]?.actual).toContain("guests on");
  expect(named(report, "skipped")).toEqual(["guest-identity"]);
  expect(report.refusals.find(({ name }) => name === "guest-identity")?.notes).toEqual([
    expect.stringContaining("unauthenticated_role_arn"),
  ]);
  expect(report.outcome).toBe("passed");
});

test("without a route that is granted to nobody, that is skipped, and nothing asked in its place", async () => {
  const asked: string[] = [];
  const report = await walk(
    {},
    ({ operation }) => {
      asked.push(operation);
      return undefined;
    },
    { probe_route: "GET /hello" },
  );
  expect(named(report, "skipped")).toEqual(["restricted-route"]);
  expect(report.refusals.find(({ name }) => name === "restricted-route")?.notes).toEqual([
    expect.stringContaining("refused_route"),
  ]);
  expect(asked.filter((operation) => operation.startsWith("GET /") && operation !== "GET /hello")).toEqual(
    [],
  );
  expect(report.outcome).toBe("passed");
});

test("the routes of another API: what only the greeting tells is not checked, and no other method tried", async () => {
  const report = await walk(
    {
      grantedResource: "dev/GET/restricted",
      handler: "exports.handler = async () => ({ statusCode: 200, body: '[]' });",
    },
    undefined,
    { probe_route: "GET /restricted", refused_route: "GET /hello" },
  );
  expect(report.steps[4]).toMatchObject({
    title: "GET /restricted, signed",
    actual: "200; no greeting: who was seen is not checked",
    notes: [expect.stringMatching(/^not checked: the identity, the pool and the user/)],
  });
  expect(named(report, "skipped")).toEqual(["other-method"]);
  expect(report.refusals.find(({ name }) => name === "restricted-route")).toMatchObject({
    title: "GET /hello, which nobody is granted",
    status: "passed",
  });
  expect(report.outcome).toBe("passed");
});

test("another API that no browser need call", async () => {
  const report = await walk({ grantedResource: "dev/GET/restricted" }, undefined, {
    probe_route: "GET /restricted",
    allowed_origin: undefined,
  });
  // The function is this project's all the same: it is known by its greeting.
  expect(report.steps[4]?.actual).toMatch(/^200, "Hello/);
  expect(named(report, "skipped")).toEqual([
    "restricted-route",
    "other-method",
    "preflight-allowed-origin",
    "preflight-other-origin",
    "cors-on-403",
  ]);
  expect(report.outcome).toBe("passed");
});

test("a token that counts a little after its end is asked for again, and the leeway noted", async () => {
  let exchanges = 0;
  const report = await walk({}, ({ operation, body }) => {
    if (operation !== "GetCredentialsForIdentity") {
      return undefined;
    }
    const token = Object.values<string>(JSON.parse(body.toString()).Logins ?? {})[0] ?? "";
    const { iat, exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString() || "{}");
    if (exp - iat !== 1 || ++exchanges > 1) {
      return undefined;
    }
    return { answer: { status: 200, body: JSON.stringify({ IdentityId: "us-east-1:x", Credentials: {} }) } };
  });
  expect(report.outcome).toBe("passed");
  const expired = report.refusals.find(({ name }) => name === "expired-token");
  expect(expired?.notes).toContainEqual(
    expect.stringMatching(/^the token was refused only about [23] s after its end$/),
  );
  expect(expired?.waitedMs).toBeGreaterThanOrEqual(2000);
});

test("a made-up provider may be refused in other words", async () => {
  const report = await walk({}, ({ operation, body }) =>
    operation === "GetOpenIdTokenForDeveloperIdentity" && body.includes("made-up")
      ? {
          answer: {
            status: 400,
            headers: { "x-amzn-errortype": "NotAuthorizedException:" },
            body: JSON.stringify({ message: "Provider is not known to this pool." }),
          },
        }
      : undefined,
  );
  expect(report.outcome).toBe("passed");
});

describe("an account that refuses nothing", () => {
  const identity = "us-east-1:00000000-0000-0000-0000-000000000000";
  const OPEN: Readonly<Record<string, object>> = {
    GetId: { IdentityId: identity },
    GetOpenIdToken: { IdentityId: identity, Token: "any" },
    GetOpenIdTokenForDeveloperIdentity: { IdentityId: identity, Token: "any" },
    GetCredentialsForIdentity: {
      IdentityId: identity,
      Credentials: { AccessKeyId: "ASIAIOSFODNN7EXAMPLE", SecretKey: "s", SessionToken: "t", Expiration: 1 },
    },
  };
  /** How often the flow itself, and what the refusals start from, call each of them. */
  const LEGITIMATE: Readonly<Record<string, number>> = {
    "GET /hello": 1,
    GetCredentialsForIdentity: 2,
    GetOpenIdTokenForDeveloperIdentity: 5,
  };

  test("every one fails, whatever else fails", async () => {
    const open = ({ operation, time }: Passing) => {
      if (time <= (LEGITIMATE[operation] ?? 0)) {
        return undefined;
      }
      if (/^(GET|POST|OPTIONS) /.test(operation)) {
        const headers = { "access-control-allow-origin": "*" };
        return { answer: { status: 200, headers, body: "{}" } };
      }
      return OPEN[operation] && { answer: { status: 200, body: JSON.stringify(OPEN[operation]) } };
    };
    const report = await walk({}, open, {}, { tokenLeeway: 0 });
    expect(named(report, "failed")).toEqual(NAMES);
    expect(report.refusals.filter(({ hint }) => hint === null)).toEqual([]);
  });

  test("refusing with other words does not do either", async () => {
    const report = await walk({}, ({ operation, time }) => {
      if (time <= (LEGITIMATE[operation] ?? 0)) {
        return undefined;
      }
      if (/^(GET|POST|OPTIONS) /.test(operation)) {
        return {
          answer: { status: 418, headers: { "x-amzn-errortype": "Teapot" }, body: '{"message":"no"}' },
        };
      }
      return OPEN[operation] && { answer: { status: 400, body: '{"__type":"Teapot","message":"no"}' } };
    });
    expect(named(report, "failed")).toEqual(NAMES);
  });
});

test("where AWS's answer is doubtful each will do, and the report notes which came", async () => {
  const answers: Readonly<Record<string, Interference["answer"]>> = {
    "POST /hello": {
      status: 404,
      headers: { "x-amzn-errortype": "NotFoundException" },
      body: '{"message":"Not Found"}',
    },
    GetOpenIdToken: {
      status: 400,
      body: '{"__type":"NotAuthorizedException","message":"Invalid login token. Can\'t pass in a Cognito token."}',
    },
  };
  const report = await walk({}, ({ operation }) => answers[operation] && { answer: answers[operation] });
  expect(report.outcome).toBe("passed");
  const note = (name: string) => report.refusals.find((refusal) => refusal.name === name)?.notes;
  expect(note("other-method")).toEqual([
    expect.stringMatching(/this came: 404 NotFoundException: Not Found$/),
  ]);
  expect(note("classic-flow")).toEqual([
    expect.stringMatching(/this came: 400 NotAuthorizedException: Invalid login/),
  ]);
  expect(note("unknown-access-key")).toEqual([
    expect.stringMatching(/this came: 403 UnrecognizedClientException/),
  ]);
  for (const name of ["tampered-token", "other-users-token", "expired-token"]) {
    expect(note(name)).toEqual([expect.stringMatching(/this came: 400 NotAuthorizedException: /)]);
  }
  expect(note("unsigned")).toEqual([]);
});

test("they are not asked when the flow has failed", async () => {
  const deployed = await deployWithSdk(local, { withoutInvokeGrant: true });
  const report = await walkFlow({
    deployment: parseOutputs({ stack: deployed }, "test"),
    endpoint: local.endpoint,
    credentials: local.credentials,
  });
  expect(named(report, "skipped")).toEqual(NAMES);
  expect(report.refusals[0]).toMatchObject({ attempts: 0, notes: ["the flow was not walked to its end"] });
});
