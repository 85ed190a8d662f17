/** What docs/cost.md says follows from what was counted and from the prices, and the same is counted today. */
import { readFileSync } from "node:fs";
import { COST_FILE, readCounted, withCosts } from "../../scripts/cost";
import { ASSUMED, dollars, estimates, quantitiesOf } from "../../scripts/cost/estimate";
import { costOf, PRICES, totalOf } from "../../scripts/cost/prices";
import { countRuns } from "../../scripts/cost/usage";

const USAGE = {
  requests: { "execute-api": 2, keys: 9 },
  invocations: 1,
  logBytes: 2 ** 10,
  transferBytes: 2 ** 20,
};

test("docs/cost.md is current (npm run cost writes it)", () => {
  const text = readFileSync(COST_FILE, "utf8");
  expect(text).toBe(withCosts(text, readCounted()));
});

test("every price says where it is from, and of which day", () => {
  for (const { usd, per, source } of Object.values(PRICES)) {
    expect(usd / per).toBeGreaterThan(0);
    expect(source).toEqual({
      name: expect.any(String),
      url: expect.stringMatching(/^https:/),
      asOf: expect.stringMatching(/^20\d\d-[01]\d-[0-3]\d$/),
    });
  }
});

test("a quantity costs its price", () => {
  expect(costOf("apiCall", 1e6)).toBeCloseTo(3.5);
  expect(costOf("stateRequest", 200)).toBeCloseTo(0.001);
  expect(costOf("compute", 1e6)).toBeCloseTo(13.3334);
  expect(totalOf({ apiCall: 2e6, transfer: 10 })).toBeCloseTo(7.9);
  expect(totalOf({})).toBe(0);
});

test("a run uses what was counted, as often as it is made", () => {
  const seconds = ASSUMED.billedMilliseconds / 1000;
  expect(quantitiesOf(USAGE, 1024)).toEqual({
    apiCall: 2048,
    invocation: 1024,
    compute: 1024 * seconds * ASSUMED.memory,
    logBytes: 2 ** -10,
    logStorage: 2 ** -10,
    transfer: 1,
  });
});

test("a million calls are a million, however many a user makes; a nightly run starts the function once", () => {
  const costs = estimates({ nightly: USAGE, user: USAGE });
  expect(costs["a million calls of the API"]).toMatchObject({ apiCall: 1e6, invocation: 5e5 });
  const start = (ASSUMED.billedMillisecondsAtStart - ASSUMED.billedMilliseconds) / 1000;
  const { compute = 0 } = quantitiesOf(USAGE);
  expect(costs["a nightly run"]?.compute).toBeCloseTo(compute + start * ASSUMED.memory, 9);
});

test.each([
  [3.946, "$3.95"],
  [0.2, "$0.20"],
  [0.0000738, "$0.000074"],
  [0, "$0"],
])("%d is written as %s", (usd, text) => {
  expect(dollars(usd)).toBe(text);
});

test("the same is counted today: requests and invocations to the one, bytes but for the digits of times", async () => {
  const counted = readCounted();
  const today = await countRuns();
  for (const run of ["nightly", "user"] as const) {
    const { logBytes, transferBytes, ...exact } = today[run];
    expect(exact).toEqual({ requests: counted[run].requests, invocations: counted[run].invocations });
    expect(Math.abs(logBytes - counted[run].logBytes)).toBeLessThan(30);
    expect(Math.abs(transferBytes - counted[run].transferBytes)).toBeLessThan(100);
  }
});
