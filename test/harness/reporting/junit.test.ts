/** junit.xml is valid and says what the report says. */
import { XMLParser } from "fast-xml-parser";
import type { Report } from "../../../harness";
import { junitReport } from "../../../harness/reporting/junit";
import { junitProblems } from "../../support/report-validation";
import {
  ENDED,
  FAILED,
  HOSTILE,
  NOT_BEGUN,
  OPEN,
  PASSED,
  SAMPLES,
  TOO_SLOW,
} from "../../support/sample-reports";

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name) => ["testsuite", "testcase", "property"].includes(name),
});

/** The suites by name: `{tests, failures, testcase: [...]}`. */
function suites(report: Report) {
  const { testsuites } = parser.parse(junitReport(report));
  return Object.fromEntries(testsuites.testsuite.map((suite: { name: string }) => [suite.name, suite]));
}

test.each(Object.entries(SAMPLES))("a JUnit schema accepts it: %s", async (_, report) => {
  expect(await junitProblems(junitReport(report))).toEqual([]);
});

test("the schema refuses what is not JUnit's", async () => {
  const wrong = junitReport(PASSED).replace('time="0.061"', 'time="61 ms"').replace("<system-err/>", "");
  expect(await junitProblems(wrong)).toEqual([
    expect.stringContaining("attribute 'time'"),
    expect.stringContaining("Missing child element(s). Expected is ( system-err )"),
  ]);
});

test("a suite for the steps and one for the refusals, times in seconds", () => {
  const { steps, refusals } = suites(PASSED);
  expect(steps).toMatchObject({ tests: "5", failures: "0", errors: "0", skipped: "0", time: "0.618" });
  expect(steps.testcase.map(({ name, time }: Record<string, string>) => [name, time])).toEqual([
    ["pool", "0.061"],
    ["roles", "0.038"],
    ["token", "0.187"],
    ["credentials", "0.092"],
    ["call", "0.240"],
  ]);
  expect(steps.properties.property).toContainEqual({
    name: "identityPoolId",
    value: PASSED.target.identityPoolId,
  });
  expect(refusals).toMatchObject({ tests: "3", failures: "0", skipped: "1" });
  expect(refusals.testcase[2].skipped).toEqual({ message: "The deployment declares guests." });
});

test("a failure shows expected, actual, hint and what was looked up", () => {
  const { steps, refusals } = suites(FAILED);
  expect(steps).toMatchObject({ failures: "1", errors: "0" });
  const { failure } = steps.testcase[4];
  expect(failure.message).toBe("Step 5 failed: GET /hello answered 403, the role lacks the grant");
  expect(failure["#text"]).toMatch(
    /expected: GET \/dev\/hello: 200\nactual: {3}GET \/dev\/hello: 403 .*\nhint: {5}The role lacks .*\nrequest: .*\nfound: {4}role dev-authenticated/,
  );
  expect(steps["system-err"]).toBe(FAILED.warnings[0]);
  expect(refusals.testcase[1].failure.message).toBe("Not refused: GET /restricted with valid credentials");
});

test("who may call what is a suite with a case a cell, and one of the undeclared routes", () => {
  const { access } = suites(OPEN);
  expect(access).toMatchObject({ tests: "14", failures: "2", errors: "0", skipped: "4" });
  const failed = access.testcase.filter(({ failure }: { failure?: object }) => failure !== undefined);
  expect(failed).toMatchObject([
    {
      name: "GET /users/{username}, another user's path",
      failure: { message: "GET /users/{username}, another user's path: allowed, expected refused" },
    },
    { name: "undeclared routes", failure: { message: "open to anyone: POST /orders" } },
  ]);
});

test("what kept the walk from its end is an error, also when no step had begun", () => {
  expect(suites(ENDED).walk).toMatchObject({ tests: "1", errors: "1", failures: "0" });
  const { walk, steps } = suites(NOT_BEGUN);
  expect(walk.testcase[0].error).toMatchObject({ type: "settings", message: NOT_BEGUN.error?.message });
  expect(steps).toMatchObject({ tests: "5", skipped: "5" });
});

test("a step that was too slow under --strict is a failure", () => {
  const { steps } = suites(TOO_SLOW);
  expect(steps).toMatchObject({ failures: "1" });
  expect(steps.testcase[2].failure).toMatchObject({
    type: "degraded",
    message: "Too slow: step 3, GetOpenIdTokenForDeveloperIdentity took 1.8 s, budget 500 ms",
  });
});

test("texts arrive as they were, but for characters that XML cannot hold", () => {
  const message: string = suites(HOSTILE).walk.testcase[0].error["#text"];
  expect(message).toContain("</td></table>```\n| pipes | ~~~ <script>fetch('//evil.example')</script>");
  expect(message).toContain("]]> &amp; `code`");
  expect(message).toContain("\\u0000\\u001b[31mred\\u202egnirts\\ud800 \n--> end");
});
