import { TokenBucket } from "../../../local-aws/execute-api/throttle";

const limits = { rate: 2, burst: 3 };

test("a bucket gives its burst at once and then its rate", () => {
  const bucket = new TokenBucket(limits.burst, 0);
  const taken = (now: number) => bucket.take(limits, now);
  expect([taken(0), taken(0), taken(0), taken(0)]).toEqual([true, true, true, false]);
  expect([taken(499), taken(500), taken(501)]).toEqual([false, true, false]);
});

test("a bucket doesn't save up more than its burst", () => {
  const bucket = new TokenBucket(limits.burst, 0);
  const hour = 3_600_000;
  expect([1, 2, 3, 4].map(() => bucket.take(limits, hour))).toEqual([true, true, true, false]);
});

test("a clock that goes back gives nothing", () => {
  const bucket = new TokenBucket(1, 10_000);
  expect(bucket.take({ rate: 1, burst: 1 }, 10_000)).toBe(true);
  expect(bucket.take({ rate: 1, burst: 1 }, 0)).toBe(false);
});

test("a burst of zero lets nothing through", () => {
  expect(new TokenBucket(0, 0).take({ rate: 10, burst: 0 }, 60_000)).toBe(false);
});
