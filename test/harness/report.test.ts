/** report.json follows the published schema, which is the one that the code generates. */
import { jsonReport, reportJsonSchema } from "../../harness/report";
import { jsonProblems, PUBLISHED_SCHEMA } from "../support/report-validation";
import { PASSED, SAMPLES } from "../support/sample-reports";

test("the published schema is the generated one: else run `npm run report-schema`", () => {
  expect(JSON.parse(PUBLISHED_SCHEMA)).toEqual(JSON.parse(reportJsonSchema()));
});

test("every property is described", () => {
  const undescribed: string[] = [];
  const visit = (node: unknown, path: string) => {
    if (typeof node !== "object" || node === null) {
      return;
    }
    for (const [name, property] of Object.entries((node as { properties?: object }).properties ?? {})) {
      if (typeof property.description !== "string") {
        undescribed.push(`${path}/${name}`);
      }
    }
    for (const [name, child] of Object.entries(node)) {
      visit(child, `${path}/${name}`);
    }
  };
  visit(JSON.parse(PUBLISHED_SCHEMA), "");
  expect(undescribed).toEqual([]);
});

test.each(Object.entries(SAMPLES))("report.json is valid: %s", (_, report) => {
  expect(jsonProblems(jsonReport(report))).toEqual([]);
});

test.each<[string, object, string]>([
  ["an unknown property", { surprise: 1 }, " must NOT have additional properties"],
  ["an unknown outcome", { outcome: "fine" }, "/outcome must be equal to one of the allowed values"],
  ["a local time", { startedAt: "2026-03-14T03:00:05" }, "/startedAt must match pattern"],
  ["a step too few", { steps: PASSED.steps.slice(3) }, "/steps must NOT have fewer than 3 items"],
  ["a negative duration", { durationMs: -1 }, "/durationMs must be >= 0"],
  ["a later version", { schemaVersion: 2 }, "/schemaVersion must be equal to constant"],
])("%s is not", (_, changes, problem) => {
  expect(jsonProblems(JSON.stringify({ ...PASSED, ...changes }))).toContainEqual(
    expect.stringContaining(problem),
  );
});
