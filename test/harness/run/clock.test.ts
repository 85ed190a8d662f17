/** AWS's time is told from its answers, and a skew that matters is named. */
import { Clock, describeSkew } from "../../../harness/run/clock";

const NOON = Date.parse("2026-03-01T12:00:00Z");
const header = (milliseconds: number) => new Date(milliseconds).toUTCString();

test("knows nothing before the first answer, or from answers that tell nothing", () => {
  const clock = new Clock();
  expect(clock.skew).toBeUndefined();
  clock.note(undefined, NOON, NOON);
  clock.note("yesterday", NOON, NOON);
  expect(clock.skew).toBeUndefined();
  expect(clock.warning()).toBeUndefined();
});

test.each([
  ["equal", 0, 0],
  ["AWS ahead", 600_000, 600_000],
  ["AWS behind", -600_000, -600_000],
])("%s", (_, ahead, skew) => {
  const clock = new Clock();
  // The header cuts the half second off.
  clock.note(header(NOON + 500 + ahead), NOON + 450, NOON + 550);
  expect(clock.skew).toBe(skew);
});

test("the quickest answer counts", () => {
  const clock = new Clock();
  clock.note(header(NOON), NOON, NOON + 100);
  clock.note(header(NOON + 9_000), NOON, NOON + 9_000);
  expect(clock.skew).toBe(0);
});

test("a skew of minutes is worth a warning", () => {
  const clock = new Clock();
  clock.note(header(NOON - 180_000), NOON, NOON);
  expect(clock.warning()).toMatch(/^This machine's clock is 3 min ahead of AWS's\. Set it by NTP/);
  expect(describeSkew(90_000)).toBe("90 s behind");
});
