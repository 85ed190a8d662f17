/** Reports in every outcome, for the formats to show. What real walks report is tested beside them. */
import { type AccessReport, type Report, STEP_NAMES, type StepResult } from "../../harness/report";

type StepName = (typeof STEP_NAMES)[number];

const TITLES: Readonly<Record<StepName, string>> = {
  pool: "DescribeIdentityPool",
  roles: "GetIdentityPoolRoles",
  token: "GetOpenIdTokenForDeveloperIdentity",
  credentials: "GetCredentialsForIdentity",
  call: "GET /hello, signed",
};

const DURATIONS: Readonly<Record<StepName, number>> = {
  pool: 61,
  roles: 38,
  token: 187,
  credentials: 92,
  call: 240,
};

export function result(name: string, changes: Partial<StepResult> = {}): StepResult {
  return {
    name,
    title: name,
    status: "passed",
    durationMs: 12,
    waitedMs: 0,
    budgetMs: null,
    attempts: 1,
    requestId: "7c1e0f6a-22a4-4a55-9d0e-4f7e25c1a9b3",
    expected: "403 MissingAuthenticationTokenException",
    actual: "403 MissingAuthenticationTokenException: Missing Authentication Token",
    hint: null,
    notes: [],
    findings: [],
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
    ...changes,
  };
}

function step(name: StepName, changes: Partial<StepResult> = {}): StepResult {
  return result(name, {
    title: TITLES[name],
    durationMs: DURATIONS[name],
    expected: `what ${name} should show`,
    actual: `what ${name} showed`,
    source: null,
    ...changes,
  });
}

function report(steps: Partial<Record<StepName, Partial<StepResult>>>, changes: Partial<Report>): Report {
  return {
    schemaVersion: 1,
    target: {
      region: "eu-central-1",
      endpoint: null,
      identityPoolId: "eu-central-1:1f0a4c1e-9a39-4a7e-8c9f-0d8f3a5b7c21",
      invokeUrl: "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/dev",
    },
    startedAt: "2026-03-14T03:00:05.120Z",
    durationMs: 912,
    fresh: false,
    clockSkewMs: 0,
    outcome: "passed",
    error: null,
    warnings: [],
    steps: STEP_NAMES.map((name) => step(name, steps[name])),
    refusals: [],
    ...changes,
  };
}

const NOT_REACHED: Partial<StepResult> = {
  status: "skipped",
  durationMs: 0,
  attempts: 0,
  requestId: null,
  expected: null,
  actual: null,
  notes: ["The step before it failed."],
};

export const PASSED = report(
  {},
  {
    refusals: [
      result("unsigned", { title: "GET /hello without a signature" }),
      result("expired-token", {
        title: "GetCredentialsForIdentity with a token that has expired",
        expected: "400 NotAuthorizedException",
        actual: "400 NotAuthorizedException: Invalid login token. Token expired: 1773457205 >= 1773457204",
        durationMs: 2310,
        waitedMs: 2100,
        notes: [
          "AWS's answer is not documented for certain; this came: 400 NotAuthorizedException: Invalid login token. Token expired: 1773457205 >= 1773457204",
        ],
      }),
      result("guest-identity", {
        title: "GetId without logins",
        status: "skipped",
        expected: null,
        actual: null,
        notes: ["The deployment declares guests."],
      }),
    ],
  },
);

export const FAILED = report(
  {
    call: {
      status: "failed",
      attempts: 3,
      durationMs: 2840,
      waitedMs: 2100,
      expected: "GET /dev/hello: 200",
      actual:
        "GET /dev/hello: 403 AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/dev-authenticated/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:a1b2c3d4e5/dev/GET/hello because no identity-based policy allows the execute-api:Invoke action",
      hint: "The role lacks the grant: the authenticated role must be allowed execute-api:Invoke on exactly this API, stage, method and path. Deploy the grant.",
      findings: [
        "role dev-authenticated, policy invoke, statement 1 allows execute-api:Invoke",
        "  on arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/GET/hello",
        "  the call was for …/dev/GET/hello",
      ],
    },
  },
  {
    outcome: "failed",
    fresh: true,
    durationMs: 3420,
    clockSkewMs: -4000,
    warnings: [
      "Clean-up: identities of this run may be left in the pool. DeleteIdentities: no answer within 10 s.",
    ],
    refusals: [
      result("unsigned", { title: "GET /hello without a signature" }),
      result("restricted-route", {
        title: "GET /restricted with valid credentials",
        status: "failed",
        expected: "answer: refused: 403 AccessDeniedException",
        actual: "answer: not refused",
        hint: "The role is granted more than /hello: narrow the grant's resource to the routes that it needs.",
      }),
      result("minting-as-user", {
        title: "GetOpenIdTokenForDeveloperIdentity with the user's credentials",
        expected: "refused: 400 AccessDeniedException",
        actual:
          "400 AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/dev-authenticated/CognitoIdentityCredentials is not authorized to perform: cognito-identity:GetOpenIdTokenForDeveloperIdentity on resource: arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/eu-central-1:1f0a4c1e-9a39-4a7e-8c9f-0d8f3a5b7c21 because no identity-based policy allows the cognito-identity:GetOpenIdTokenForDeveloperIdentity action",
      }),
    ],
  },
);

const DEGRADED = report(
  { token: { status: "degraded", durationMs: 1840, budgetMs: 500 } },
  { durationMs: 2610 },
);

type AccessCell = AccessReport["cells"][number];

function cell(route: string, caller: AccessCell["caller"], changes: Partial<AccessCell> = {}): AccessCell {
  return {
    route,
    caller,
    expected: "refused",
    observed: "refused",
    computed: "refused",
    status: "passed",
    note: null,
    ...changes,
  };
}

/** Passed, but that somebody may call what nobody declared. */
export const OPEN: Report = {
  ...PASSED,
  outcome: "failed",
  leftBehind: { found: 2, deleted: 2 },
  access: {
    source: "access.json",
    cells: [
      cell("GET /hello", "nobody"),
      cell("GET /hello", "guest", { note: "the pool has no guests: they call as nobody" }),
      cell("GET /hello", "signed-in", { expected: "allowed", observed: "allowed", computed: "allowed" }),
      cell("GET /hello", "backend", { computed: null }),
      cell("GET /users/{username}", "nobody"),
      cell("GET /users/{username}", "guest", { note: "the pool has no guests: they call as nobody" }),
      cell("GET /users/{username}", "signed-in", {
        expected: "allowed",
        observed: "allowed",
        computed: "allowed",
      }),
      cell("GET /users/{username}", "other-user", {
        observed: "allowed",
        computed: "allowed",
        status: "failed",
        note: "the function answered 404",
      }),
      cell("GET /users/{username}", "backend", { computed: null }),
      ...(["nobody", "guest", "signed-in", "backend"] as const).map((caller) =>
        cell("DELETE /orders/{id}", caller, {
          observed: null,
          computed: caller === "backend" ? null : caller === "signed-in" ? "allowed" : "refused",
          status: "skipped",
          note: "not called: it is not marked safe",
        }),
      ),
    ],
    undeclared: ["open to anyone: POST /orders"],
    notes: [
      "DELETE /orders/{id}, signed-in users: must be refused, and by the deployed policies is allowed (Allow statement #1 of inline policy invoke applies).",
    ],
  },
};

/** Many users, of whom some were refused and many were slow. */
export const LOADED: Report = report(
  {
    token: { actual: "walks: all 600 passed; half within 79 ms, 95 % within 243 ms" },
    credentials: { actual: "walks: all 600 passed; half within 77 ms, 95 % within 263 ms" },
    call: {
      status: "failed",
      expected: "walks: at most 0.5 % fail; 95 % within 800 ms",
      actual:
        "walks: 12 of 600 failed; half within 182 ms, 95 % within 1.4 s; 9 × TooManyRequestsException: Too Many Requests",
      hint: "AWS throttled the call. Run again when less goes on, raise the stage's throttling, or have the account's quota raised.",
      requestId: null,
      notes: ["the time is the median of all users"],
    },
  },
  {
    outcome: "failed",
    durationMs: 34_120,
    load: {
      users: 200,
      rate: 20,
      arrivalMs: 30_000,
      atATime: 50,
      passed: 588,
      failed: 12,
      unfinished: 0,
      waited: 31,
      perSecond: 19.2,
      steps: [
        loadStep("token", 600, 0, [3, 41, 310, 190, 40, 12, 4]),
        loadStep("credentials", 600, 0, [9, 61, 280, 180, 50, 16, 4]),
        loadStep("call", 588, 12, [2, 20, 90, 140, 110, 80, 40, 30, 0, 30, 26, 20]),
      ],
      errors: [
        { step: "call", class: "TooManyRequestsException", count: 9, example: "Too Many Requests" },
        { step: "call", class: "NoAnswerError", count: 3, example: "GET /dev/hello: no answer within 10 s." },
      ],
      limits: [
        { what: "error rate", limit: "0.5 %", actual: "2 %", passed: false },
        { what: "p95 of token", limit: "500 ms", actual: "243 ms", passed: true },
        { what: "p95 of call", limit: "800 ms", actual: "1.4 s", passed: false },
      ],
    },
  },
);

type LoadStep = NonNullable<Report["load"]>["steps"][number];

function loadStep(name: LoadStep["name"], passed: number, failed: number, counts: number[]): LoadStep {
  const bounds = [30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000];
  const histogram = counts.map((count, index) => ({
    aboveMs: bounds[index - 1] ?? 20,
    toMs: bounds[index] ?? null,
    count,
  }));
  const times = { p50Ms: 79, p95Ms: 243, p99Ms: 298, maxMs: 431 };
  return { name, passed, failed, repeated: failed * 2, ...times, histogram };
}

/** Degraded, under `--strict`. */
export const TOO_SLOW: Report = { ...DEGRADED, outcome: "failed" };

export const ENDED = report(
  {
    token: { status: "failed", durationMs: 10_004, actual: "no answer within 10 s", requestId: null },
    credentials: NOT_REACHED,
    call: NOT_REACHED,
  },
  {
    outcome: "error",
    durationMs: 10_120,
    clockSkewMs: null,
    error: {
      kind: "unreachable",
      message:
        "GetOpenIdTokenForDeveloperIdentity: no answer within 10 s. Check the network, the proxy settings and the region in the outputs.",
    },
  },
);

/** Ended before its first step, so that no step failed. */
export const NOT_BEGUN = report(Object.fromEntries(STEP_NAMES.map((name) => [name, NOT_REACHED])), {
  outcome: "error",
  durationMs: 3,
  clockSkewMs: null,
  error: { kind: "settings", message: "No AWS credentials for the backend's calls. Set AWS_PROFILE." },
});

/** What a hostile or broken server may answer, in every text that it can reach. */
export const HOSTILE_TEXT =
  "</td></table>```\n| pipes | ~~~ <script>fetch('//evil.example')</script> <img src=x onerror=alert(1)> ]]> &amp; `code` **bold** @octocat :tada: $x$ https://evil.example www.evil.example \" onload=\"x\" ' \u0000\u001b[31mred\u202egnirts\ud800 \r\n--> end";

export const HOSTILE: Report = report(
  {
    call: {
      status: "failed",
      title: HOSTILE_TEXT,
      expected: HOSTILE_TEXT,
      actual: `${HOSTILE_TEXT} and more`,
      hint: HOSTILE_TEXT,
      requestId: HOSTILE_TEXT,
      notes: [HOSTILE_TEXT],
      findings: [HOSTILE_TEXT],
      source: "javascript:alert(1)",
    },
  },
  {
    outcome: "error",
    error: { kind: "unreachable", message: HOSTILE_TEXT },
    warnings: [HOSTILE_TEXT],
    load: {
      ...(LOADED.load as NonNullable<Report["load"]>),
      errors: [{ step: HOSTILE_TEXT, class: HOSTILE_TEXT, count: 1, example: HOSTILE_TEXT }],
      limits: [{ what: HOSTILE_TEXT, limit: HOSTILE_TEXT, actual: HOSTILE_TEXT, passed: false }],
    },
    access: {
      source: HOSTILE_TEXT,
      cells: [
        cell(HOSTILE_TEXT, "nobody", { observed: "allowed", status: "failed", note: HOSTILE_TEXT }),
        cell(HOSTILE_TEXT, "guest", { observed: null, status: "skipped", note: HOSTILE_TEXT }),
      ],
      undeclared: [HOSTILE_TEXT],
      notes: [HOSTILE_TEXT],
    },
    target: {
      region: "eu-central-1",
      endpoint: HOSTILE_TEXT,
      identityPoolId: HOSTILE_TEXT,
      invokeUrl: HOSTILE_TEXT,
    },
    refusals: [
      result("unsigned", {
        title: HOSTILE_TEXT,
        expected: HOSTILE_TEXT,
        actual: HOSTILE_TEXT,
        notes: [HOSTILE_TEXT],
      }),
    ],
  },
);

export const SAMPLES: Readonly<Record<string, Report>> = {
  PASSED,
  FAILED,
  DEGRADED,
  TOO_SLOW,
  OPEN,
  LOADED,
  ENDED,
  NOT_BEGUN,
  HOSTILE,
};

/** A fortnight of nights before the reports above, one of them failed and one slow. */
export const EARLIER: readonly Report[] = Array.from({ length: 14 }, (_, night) => {
  const wave = 1 + 0.25 * Math.sin(night * 1.7);
  const steps = PASSED.steps.map((each) => ({ ...each, durationMs: Math.round(each.durationMs * wave) }));
  if (night === 6) {
    Object.assign(steps[3] ?? {}, { status: "failed" });
    Object.assign(steps[4] ?? {}, { status: "skipped", durationMs: 0 });
  }
  if (night === 10) {
    Object.assign(steps[2] ?? {}, { status: "degraded", durationMs: 900 });
  }
  return { ...PASSED, startedAt: new Date(Date.UTC(2026, 1, 28 + night, 3)).toISOString(), steps };
});
