/** Networks and services at their worst, between the harness and an account: what passes by is survived or told, what lasts is told. */
import { parseOutputs, type Report, type WalkOptions, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { type DeploymentOutputs, deployWithSdk } from "../../scripts/sdk-deployment";
import { type Interference, type Passing, startProxy } from "../support/proxy";

jest.setTimeout(60_000);

let skew = 0;
let local: LocalAws;
let whole: DeploymentOutputs;

beforeAll(async () => {
  local = await startLocalAws({ now: () => new Date(Date.now() + skew) });
  whole = await deployWithSdk(local);
  // The function's process is up, so that its start does not eat into the short time limits below.
  expect((await walk(whole, () => undefined)).outcome).toBe("passed");
});
afterAll(() => local.stop());

/** Milliseconds. */
const CALL_LIMIT = 1_500;
const FRESH_WINDOW = 20_000;
const SHORT_WINDOW = 400;

async function walk(
  outputs: DeploymentOutputs,
  interfere: (passing: Passing) => Interference | undefined,
  options: Partial<WalkOptions> = {},
): Promise<Report> {
  const proxy = await startProxy(local.endpoint, interfere);
  try {
    return await walkFlow({
      deployment: parseOutputs({ stack: outputs }, "test"),
      endpoint: proxy.endpoint,
      credentials: local.credentials,
      callTimeLimit: CALL_LIMIT,
      timeLimit: 30_000,
      refusals: false,
      ...options,
    });
  } finally {
    await proxy.close();
  }
}

interface Trouble {
  readonly name: string;
  readonly interference: Interference;
  /** Whether it is repeated even if the deployment is not fresh. */
  readonly always: boolean;
  /** How the report calls it. */
  readonly told: RegExp;
}

const TROUBLES: readonly Trouble[] = [
  { name: "a connection reset", interference: { loseRequest: true }, always: true, told: /no connection/ },
  { name: "a lost answer", interference: { loseAnswer: true }, always: true, told: /no connection/ },
  { name: "a broken body", interference: { cut: "connection" }, always: true, told: /no connection/ },
  {
    name: "throttling",
    interference: { answer: { status: 429, body: '{"message":"Too Many Requests"}' } },
    always: true,
    told: /throttled/,
  },
  {
    name: "a server error",
    interference: { answer: { status: 500, body: "<html>Internal Server Error</html>" } },
    always: true,
    told: /server error of the API|own failure/,
  },
  { name: "half a message", interference: { cut: "message" }, always: false, told: /unreadable answer/ },
  {
    name: "a delay beyond the call's limit",
    interference: { delay: 2 * CALL_LIMIT },
    always: false,
    told: /no answer in time/,
  },
];

/** Where the trouble is, and the step that meets it. */
const PLACES = [
  ["DescribeIdentityPool", "pool"],
  ["/.well-known/jwks_uri", "token"],
  ["GetCredentialsForIdentity", "credentials"],
  ["GET /hello", "call"],
] as const;

describe.each(TROUBLES.map((trouble) => [trouble.name, trouble] as const))("%s", (_, trouble) => {
  const { interference, always, told } = trouble;

  /** Walks once for every place, all at a time. */
  const everywhere = (times: number, options: Partial<WalkOptions>) =>
    Promise.all(
      PLACES.map(async ([place, step]) => {
        const interfere = ({ operation, time }: Passing) =>
          operation === place && time <= times ? interference : undefined;
        const report = await walk(whole, interfere, options);
        return { report, met: report.steps.find(({ name }) => name === step) };
      }),
    );

  test("once, with --fresh: survived, and told", async () => {
    for (const { report, met } of await everywhere(1, { fresh: FRESH_WINDOW })) {
      expect(report).toMatchObject({ outcome: "passed", error: null, fresh: true });
      expect(met).toMatchObject({
        attempts: 2,
        notes: expect.arrayContaining([expect.stringMatching(told)]),
      });
    }
  });

  test(`once, without --fresh: ${always ? "survived, and told" : "a failure"}`, async () => {
    for (const { report, met } of await everywhere(1, {})) {
      if (always) {
        expect(report).toMatchObject({ outcome: "passed", fresh: false });
        expect(met).toMatchObject({ attempts: 2, notes: [expect.stringMatching(told)] });
      } else {
        expect(report.outcome).not.toBe("passed");
        expect(met).toMatchObject({ status: "failed", attempts: 1, notes: [] });
      }
    }
  });

  test.each([
    ["with --fresh", { fresh: SHORT_WINDOW }],
    ["without --fresh", {}],
  ])("for ever, %s: a failure within the limits", async (_, options) => {
    for (const { report, met } of await everywhere(Number.POSITIVE_INFINITY, options)) {
      expect(report.outcome).not.toBe("passed");
      expect(met?.status).toBe("failed");
      // The calls' own limits have ended it, not the run's.
      expect(report.error?.kind).not.toBe("timeout");
    }
  });
});

/** The same numbers between 0 and 1 for the same seed (Park and Miller's minimal standard generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe("troubles of all kinds, at random", () => {
  const SEEDS = [1, 22, 333, 4444];

  /** Every fifth request meets one. */
  function atRandom(seed: number) {
    const random = randomNumbers(seed);
    let met = 0;
    return {
      met: () => met,
      interfere: ({ operation }: Passing): Interference | undefined => {
        // Clean-up is not repeated; that it then warns is tested elsewhere.
        if (operation === "DeleteIdentities" || operation === "LookupDeveloperIdentity" || random() > 0.2) {
          return undefined;
        }
        met += 1;
        return TROUBLES[Math.floor(random() * (TROUBLES.length - 1))]?.interference;
      },
    };
  }

  test("a whole deployment passes, refusals and all", async () => {
    await Promise.all(
      SEEDS.map(async (seed) => {
        const chaos = atRandom(seed);
        const report = await walk(whole, chaos.interfere, { fresh: FRESH_WINDOW, refusals: true });
        const failed = [...report.steps, ...report.refusals].filter(({ status }) => status === "failed");
        expect({ seed, failed, outcome: report.outcome }).toEqual({ seed, failed: [], outcome: "passed" });
        expect(chaos.met()).toBeGreaterThan(3);
      }),
    );
  });

  test("a faulty one never does", async () => {
    const account = await startLocalAws();
    const outputs = await deployWithSdk(account, { withoutInvokeGrant: true });
    try {
      await Promise.all(
        SEEDS.map(async (seed) => {
          const proxy = await startProxy(account.endpoint, atRandom(seed).interfere);
          const report = await walkFlow({
            deployment: parseOutputs({ stack: outputs }, "test"),
            endpoint: proxy.endpoint,
            credentials: account.credentials,
            fresh: 2_000,
            timeLimit: 20_000,
          });
          await proxy.close();
          expect([seed, report.outcome]).not.toEqual([seed, "passed"]);
        }),
      );
    } finally {
      await account.stop();
    }
  });
});

describe("a clock ten minutes off", () => {
  afterEach(() => {
    skew = 0;
  });

  test.each([
    ["behind AWS's", 600_000, false],
    ["ahead of AWS's", -600_000, false],
    ["behind AWS's, with --fresh", 600_000, FRESH_WINDOW],
  ])("%s is named, and not waited for", async (name, off, fresh) => {
    skew = off;
    const alterAnswer: Interference["alterAnswer"] = ({ headers }) => ({
      headers: { ...headers, date: new Date(Date.now() + skew).toUTCString() },
    });
    const report = await walk(whole, () => ({ alterAnswer }), { fresh });
    expect(report.outcome).toBe("failed");
    expect(Math.abs((report.clockSkewMs ?? 0) - off)).toBeLessThan(5_000);
    expect(report.steps[0]).toMatchObject({
      status: "failed",
      attempts: 1,
      hint: expect.stringContaining(`10 min ${name.split(",")[0]}`),
    });
    expect(report.warnings).toEqual([expect.stringContaining("Set it by NTP")]);
  });
});

test("a run ends at its time limit, whatever hangs", async () => {
  const started = performance.now();
  const report = await walk(whole, () => ({ delay: 60_000 }), {
    timeLimit: 500,
    callTimeLimit: 60_000,
    fresh: true,
  });
  // A busy machine may take its time, but not that of the calls.
  expect(performance.now() - started).toBeLessThan(15_000);
  expect(report).toMatchObject({
    outcome: "error",
    error: { kind: "timeout", message: expect.stringContaining("time limit of 0.5 s") },
  });
});

test("a last step that is throttled every other time has failed when the window is over", async () => {
  let answers = 0;
  const report = await walk(
    whole,
    ({ operation }) => {
      answers += operation === "GET /hello" ? 1 : 0;
      return operation === "GET /hello" && answers % 2 === 0
        ? { answer: { status: 429, body: '{"message":"Too Many Requests"}' } }
        : undefined;
    },
    { fresh: 1_000, timeLimit: 10_000 },
  );
  expect(report).toMatchObject({ outcome: "failed", error: null });
  expect(report.steps[4]).toMatchObject({
    status: "failed",
    expected: expect.stringContaining("3 successes in a row within 1 s"),
    hint: expect.stringMatching(/throttl/i),
    notes: [expect.stringMatching(/^repeated \d+ times: throttled$/)],
  });
});

test("a last step that succeeds now and then has not succeeded", async () => {
  let answers = 0;
  const report = await walk(
    whole,
    ({ operation }) => {
      answers += operation === "GET /hello" ? 1 : 0;
      return operation === "GET /hello" && answers % 3 === 0
        ? { answer: { status: 500, body: "" } }
        : undefined;
    },
    { fresh: 1_500 },
  );
  expect(report.outcome).toBe("failed");
  expect(report.steps[4]).toMatchObject({ name: "call", status: "failed" });
  expect(report.steps[4]?.attempts).toBeGreaterThan(1);
});
