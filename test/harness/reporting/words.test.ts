/** The outcome in a sentence: what happened, not where. */

import { REFUSALS } from "../../../harness/flow";
import { LOGIN_REFUSALS } from "../../../harness/refusals/login";
import { USER_ROUTE_CHECKS } from "../../../harness/refusals/user-route";
import type { Report, StepResult } from "../../../harness/report";
import { CAUSES } from "../../../harness/reporting/causes";
import { groupRefusals, OTHERS } from "../../../harness/reporting/refusal-groups";
import { failures, headline } from "../../../harness/reporting/words";
import { ENDED, FAILED, NOT_BEGUN, PASSED, result, TOO_SLOW } from "../../support/sample-reports";

const failed = (name: string, changes: Partial<StepResult>): Report => ({
  ...PASSED,
  outcome: "failed",
  steps: PASSED.steps.map((step) => (step.name === name ? { ...step, status: "failed", ...changes } : step)),
  refusals: PASSED.steps.some((step) => step.name === name)
    ? []
    : [result(name, { status: "failed", ...changes })],
});

test.each<[string, Report, string]>([
  ["passed", PASSED, "The flow works: all 5 steps passed; all 2 refusals as expected"],
  [
    "an answer and its likely cause, and how many more",
    FAILED,
    "Step 5 failed: GET /hello answered 403, the role lacks the grant; 1 more failure",
  ],
  [
    "an answer whose cause is not known",
    failed("credentials", { actual: "400 SomethingNewException: Whatever" }),
    "Step 4 failed: GetCredentialsForIdentity answered 400 SomethingNewException",
  ],
  [
    "a value and its cause",
    failed("roles", {
      expected: 'authenticated role: "arn:aws:iam::123456789012:role/a"',
      actual: "authenticated role: absent",
      hint: "The pool's roles attachment is missing: without it nobody gets credentials. Deploy it.",
    }),
    "Step 2 failed: the pool's roles attachment is missing",
  ],
  [
    "a number that only looks like a status",
    failed("token", { actual: "token's exp - iat (seconds): 300" }),
    "Step 3 failed: GetOpenIdTokenForDeveloperIdentity: token's exp - iat (seconds): 300",
  ],
  [
    "a call that was not refused",
    failed("unsigned", { title: "GET /hello without a signature", actual: "answer: not refused" }),
    "Not refused: GET /hello without a signature",
  ],
  [
    "one that was refused otherwise",
    failed("old-date", {
      title: "GET /hello, signed ten minutes ago",
      actual: "words of the refusal: 403 ForbiddenException: Request blocked",
    }),
    "Check failed: GET /hello, signed ten minutes ago, answered 403 ForbiddenException",
  ],
  ["too slow", TOO_SLOW, "Too slow: step 3, GetOpenIdTokenForDeveloperIdentity took 1.8 s, budget 500 ms"],
  ["ended", ENDED, "Stopped at step 3, GetOpenIdTokenForDeveloperIdentity: no answer came"],
  ["not begun", NOT_BEGUN, "Not walked: settings or credentials cannot be used"],
])("%s", (_, report, expected) => {
  expect(headline(report)).toBe(expected);
});

test("what the access matrix found fails the run, too", () => {
  const route = "GET /orders/{id}";
  const cell = { route, caller: "guest", status: "failed", computed: null, note: null } as const;
  const report: Report = {
    ...PASSED,
    outcome: "failed",
    access: {
      source: "access.json",
      notes: [],
      undeclared: ["open to anyone: DELETE /orders/{id}"],
      cells: [
        { ...cell, expected: "refused", observed: "allowed" },
        { ...cell, caller: "signed-in", expected: "allowed", observed: "refused" },
        { ...cell, expected: "refused", observed: "refused", status: "passed" },
      ],
    },
  };
  expect(headline(report)).toBe("Open to guests: GET /orders/{id}; 2 more failures");
  expect(failures(report).slice(1)).toMatchObject([
    { sentence: "Closed to signed-in users: GET /orders/{id}", expected: "allowed", actual: "refused" },
    { sentence: "Open to anyone: DELETE /orders/{id}", hint: expect.stringContaining("Declare the route") },
  ]);
});

test("hints begin with what is wrong, short enough for a headline", () => {
  const facts = { clock: { skew: 600_000 }, fresh: undefined, diagnosed: false };
  const headlines = Object.values(CAUSES).map(({ hint }) => {
    const text = typeof hint === "string" ? hint : hint(facts as unknown as Parameters<typeof hint>[0]);
    return headline(failed("call", { actual: "403 AccessDeniedException: no", hint: text }));
  });
  expect(headlines.filter((line) => line.endsWith("AccessDeniedException"))).toEqual([]);
});

test("every refusal has its group", () => {
  const names = [...REFUSALS, ...LOGIN_REFUSALS, ...USER_ROUTE_CHECKS].map(({ name }) => name);
  const groups = groupRefusals(names.map((name) => result(name)));
  expect(groups.map(({ title }) => title)).not.toContain(OTHERS);
  expect(groups.flatMap(({ refusals }) => refusals)).toHaveLength(names.length);
  expect(groupRefusals([result("of-a-later-version")])).toMatchObject([{ title: OTHERS }]);
});
