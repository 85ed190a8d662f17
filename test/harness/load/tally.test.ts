/** What many walks come to: percentiles, histograms, errors by class, and the limits that must hold. */
import { arrivalsOf, type LoadPlan, Tally } from "../../../harness/load/tally";
import type { Walk, WalkFailure } from "../../../harness/load/walk";

const PLAN: LoadPlan = { users: 4, rate: 10, arrivalMs: 1000, atATime: 2, maxErrorRate: 0, p95: {} };

/** A walk whose call took so many milliseconds, or failed so. */
function walk(callMs: number, failed?: Partial<WalkFailure>): Walk {
  const failure = failed && { step: "call" as const, class: "Error", message: "no", ...failed };
  const steps = [
    { name: "token" as const, durationMs: 10, repeats: 0 },
    { name: "credentials" as const, durationMs: 20, repeats: 1 },
    { name: "call" as const, durationMs: callMs, repeats: 0 },
  ];
  return { user: "u", identityId: "i", waitedMs: 0, steps, failure };
}

function tallied(walks: readonly Walk[], plan: Partial<LoadPlan> = {}) {
  const tally = new Tally({ ...PLAN, ...plan });
  for (const one of walks) {
    tally.begin();
    tally.end(one);
  }
  return tally.report(1000);
}

test("percentiles are the values that so many do not exceed", () => {
  const times = Array.from({ length: 100 }, (_, index) => index + 1);
  const [, , call] = tallied(times.toReversed().map((ms) => walk(ms))).steps;
  expect(call).toMatchObject({ passed: 100, failed: 0, p50Ms: 50, p95Ms: 95, p99Ms: 99, maxMs: 100 });
  expect(tallied([walk(7)]).steps[2]).toMatchObject({ p50Ms: 7, p95Ms: 7, p99Ms: 7, maxMs: 7 });
});

test("every time is in one bar of the histogram, and no bar is empty at its ends", () => {
  const times = [0, 0.2, 1, 1.2, 1.5, 1.6, 20, 20.1, 69_000, 80_000];
  const bars = tallied(times.map((ms) => walk(ms))).steps[2]?.histogram ?? [];
  expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(times.length);
  expect(bars[0]).toEqual({ aboveMs: 0, toMs: 1, count: 3 });
  expect(bars.at(-1)).toEqual({ aboveMs: 70_000, toMs: null, count: 1 });
  expect(bars.find(({ toMs }) => toMs === 20)?.count).toBe(1);
  expect(bars.map(({ aboveMs }) => aboveMs).slice(1)).toEqual(bars.map(({ toMs }) => toMs).slice(0, -1));
  expect(tallied([walk(42), walk(45)]).steps[2]?.histogram).toEqual([{ aboveMs: 30, toMs: 50, count: 2 }]);
});

test("a step that failed has no time, and those after it were not reached", () => {
  const refused = { ...walk(0, { step: "credentials" }), steps: walk(0).steps.slice(0, 2) };
  const [token, credentials, call] = tallied([walk(30), refused]).steps;
  expect(token).toMatchObject({ passed: 2, failed: 0 });
  expect(credentials).toMatchObject({ passed: 1, failed: 1, repeated: 2 });
  expect(call).toMatchObject({ passed: 1, failed: 0 });
});

test("errors are counted by step and class, the most frequent first, with what the first said", () => {
  const { errors } = tallied([
    walk(1, { class: "rare", message: "once" }),
    walk(1, { class: "often", message: "first" }),
    walk(1, { class: "often", message: "second" }),
  ]);
  expect(errors).toEqual([
    { step: "call", class: "often", count: 2, example: "first" },
    { step: "call", class: "rare", count: 1, example: "once" },
  ]);
});

test.each([
  [{}, 0, true],
  [{}, 1, false],
  [{ maxErrorRate: 0.1 }, 1, true],
  [{ maxErrorRate: 0.1 }, 2, false],
])("with %j, %i failures of 10: %s", (plan, failed, passed) => {
  const walks = Array.from({ length: 10 }, (_, index) => walk(30, index < failed ? {} : undefined));
  expect(tallied(walks, plan).limits).toMatchObject([{ what: "error rate", passed }]);
});

test("a p95 holds at its limit; of a step that nobody passed it does not", () => {
  expect(tallied([walk(30)], { p95: { call: 30, token: 9 } }).limits.slice(1)).toEqual([
    { what: "p95 of call", limit: "30 ms", actual: "30 ms", passed: true },
    { what: "p95 of token", limit: "9 ms", actual: "10 ms", passed: false },
  ]);
  expect(tallied([walk(1, {})], { p95: { call: 30 } }).limits[1]).toMatchObject({ passed: false });
});

test("who has begun and not ended is not finished", () => {
  const tally = new Tally(PLAN);
  tally.begin();
  tally.begin();
  tally.end(walk(1));
  expect(tally.report(500)).toMatchObject({ passed: 1, failed: 0, unfinished: 1, perSecond: 2 });
  expect(tally.line(500)).toMatch(/1 of 10 walks · 1 walking/);
});

test("as many arrive as the rate makes in that time", () => {
  expect(arrivalsOf({ rate: 20, arrivalMs: 30_000 })).toBe(600);
  expect(arrivalsOf({ rate: 0.5, arrivalMs: 10_000 })).toBe(5);
});
