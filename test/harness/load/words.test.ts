/** What reports of load runs say first, and that their trend is their own. */
import { loadErrors, loadProblems, loadSentence } from "../../../harness/load/words";
import type { LoadReport, Report } from "../../../harness/report";
import { htmlReport } from "../../../harness/reporting/html/page";
import { headline } from "../../../harness/reporting/words";
import { EARLIER, LOADED } from "../../support/sample-reports";

const load = LOADED.load as LoadReport;
const held = load.limits.map((limit) => ({ ...limit, passed: true }));
const passed = LOADED.steps.map((step) => ({ ...step, status: "passed" as const, hint: null }));

test.each<[Partial<Report>, string]>([
  [{}, "Step 5 failed for 12 of 600: AWS throttled the call"],
  [
    { steps: LOADED.steps.map((step) => ({ ...step, hint: null })) },
    "Step 5 too slow: p95 of call is 1.4 s, at most 800 ms",
  ],
  [
    { outcome: "passed", steps: passed, load: { ...load, limits: held } },
    "The flow works: all 5 steps passed; 588 of 600 walks passed",
  ],
  [{ outcome: "error", error: { kind: "interrupted", message: "" } }, "Stopped after 600 walks: interrupted"],
  [{ steps: passed }, "Error rate is 2 %, at most 0.5 %; 1 more failure"],
])("the headline of %j", (changes, expected) => {
  expect(headline({ ...LOADED, ...changes })).toBe(expected);
});

test("a sentence on who came, and one for each limit and class of errors", () => {
  expect(loadSentence(load)).toMatch(
    /^200 users, 20 arrivals a second for 30.0 s: 588 walks passed, 12 failed,/,
  );
  expect(loadSentence({ ...load, waited: 0 })).not.toContain("waited");
  expect(loadProblems(load)).toEqual([
    "error rate is 2 %, at most 0.5 %",
    "p95 of call is 1.4 s, at most 800 ms",
  ]);
  expect(loadErrors(load)[0]).toBe("9 × TooManyRequestsException at call, the first: Too Many Requests");
});

test("walks of one user are not in the trend of many", () => {
  expect(htmlReport(LOADED, { history: EARLIER })).not.toContain(">Trend<");
  const before = { ...LOADED, startedAt: "2026-03-13T03:00:05.120Z" };
  expect(htmlReport(LOADED, { history: [before, ...EARLIER] })).toContain("2 runs,");
});
