/**
 * junit.xml: the report for CI servers. JUnit XML has no standard; this keeps to what both schemas in common use allow,
 * that of Ant (https://github.com/windyroad/JUnit-Schema) and that of Jenkins (https://github.com/jenkinsci/xunit-plugin).
 */
import { XMLBuilder } from "fast-xml-parser";
import { CALLER_NAMES, leftBehindSentence } from "../access/words";
import { LOAD_COLUMNS, loadErrors, loadRows, loadSentence } from "../load/words";
import { type AccessReport, details, type LoadReport, type Report, type StepResult } from "../report";
import { failedResults, failure, headline, printable, timing } from "./words";

/** A member whose name starts with `@` is an attribute, `#` is the text, any other an element; Ant's schema minds their order. */
type XmlNode = string | number | { readonly [name: string]: XmlNode } | readonly XmlNode[];

interface TestCase {
  readonly name: string;
  /** Milliseconds. */
  readonly durationMs: number;
  /** The element that tells how it ended; none when it passed. */
  readonly ending: Readonly<Partial<Record<"skipped" | "failure" | "error", XmlNode>>>;
  readonly output: string;
}

/** Writes junit.xml. The steps and the refusals are a suite each; what kept the walk from its end is an error in a third. */
export function junitReport(report: Report): string {
  const { steps, refusals, error, durationMs } = report;
  const blamed = failedResults(report);
  const cases = (results: readonly StepResult[]) =>
    results.map((result) => testCase(result, blamed.includes(result) ? failure(report, result) : undefined));
  const suites = [suite(report, "steps", cases(steps))];
  if (refusals.length > 0) {
    suites.push(suite(report, "refusals", cases(refusals)));
  }
  if (report.access !== undefined) {
    suites.push(suite(report, "access", accessCases(report.access)));
  }
  if (report.load !== undefined) {
    suites.push(suite(report, "load", loadCases(report.load)));
  }
  if (error !== null) {
    const ending = { error: problem(error.kind, error.message, error.message) };
    suites.push(suite(report, "walk", [{ name: "walk", durationMs, ending, output: error.message }]));
  }
  const builder = new XMLBuilder({
    attributeNamePrefix: "@",
    textNodeName: "#",
    ignoreAttributes: false,
    suppressEmptyNode: true,
    // Else a value of "true" would be left out, as HTML allows and XML does not.
    suppressBooleanAttributes: false,
    format: true,
  });
  return builder.build({
    "?xml": { "@version": "1.0", "@encoding": "UTF-8" },
    testsuites: { testsuite: suites.map((suite, id) => ({ "@id": id, ...suite })) },
  });
}

/** @param blame what happened in it; undefined when it did not fail the run */
function testCase(result: StepResult, blame: string | undefined): TestCase {
  const { name, status, durationMs, title, notes } = result;
  const listed = details(result, ["expected", "actual", "hint", "requestId", "source", "findings", "notes"]);
  const output = [
    `${title}: ${status}, ${timing(result)}`,
    ...listed.map(([label, text]) => `${label}:`.padEnd(10) + text),
  ].join("\n");
  if (blame !== undefined) {
    return { name, durationMs, output, ending: { failure: problem(status, blame, output) } };
  }
  const skipped = { "@message": printable(notes.join(" ")) };
  return { name, durationMs, output, ending: status === "skipped" ? { skipped } : {} };
}

/** Makes a case of each cell, and one of the routes that nobody declared. */
function accessCases({ cells, undeclared, notes }: AccessReport): TestCase[] {
  const cases = cells.map(({ route, caller, expected, observed, computed, status, note }): TestCase => {
    const name = printable(`${route}, ${CALLER_NAMES[caller]}`);
    const output = [
      `expected ${expected}, observed ${observed ?? "nothing"}, computed ${computed ?? "nothing"}`,
      ...(note === null ? [] : [note]),
    ].join("\n");
    const skipped = { "@message": printable(note ?? "") };
    const failure = problem(status, `${name}: ${observed}, expected ${expected}`, output);
    const ending = status === "failed" ? { failure } : status === "skipped" ? { skipped } : {};
    return { name, durationMs: 0, output, ending };
  });
  const output = [...undeclared, ...notes].join("\n");
  const ending = undeclared.length === 0 ? {} : { failure: problem("failed", undeclared.join("; "), output) };
  return [...cases, { name: "undeclared routes", durationMs: 0, output, ending }];
}

/** Makes a case of each limit, the first with all that there is to know. */
function loadCases(load: LoadReport): TestCase[] {
  const known = [
    loadSentence(load),
    ...[LOAD_COLUMNS, ...loadRows(load)].map((cells) => cells.join("  ")),
    ...loadErrors(load),
  ].join("\n");
  return load.limits.map(({ what, limit, actual, passed }, index): TestCase => {
    const missed = `${what} is ${actual}, at most ${limit}`;
    const output = `${actual}, at most ${limit}${index === 0 ? `\n${known}` : ""}`;
    const ending = passed ? {} : { failure: problem("failed", missed, output) };
    return { name: printable(what), durationMs: 0, ending, output };
  });
}

function problem(type: string, message: string, text: string): XmlNode {
  return { "@type": type, "@message": printable(message), "#": printable(text) };
}

function suite(report: Report, name: string, cases: readonly TestCase[]) {
  const count = (ending: keyof TestCase["ending"]) => cases.filter((one) => ending in one.ending).length;
  return {
    "@package": "harness",
    "@name": name,
    // Without milliseconds and zone: Ant's schema knows neither.
    "@timestamp": report.startedAt.slice(0, 19),
    "@hostname": "localhost",
    "@tests": cases.length,
    "@failures": count("failure"),
    "@errors": count("error"),
    "@skipped": count("skipped"),
    "@time": seconds(cases.reduce((sum, { durationMs }) => sum + durationMs, 0)),
    properties: { property: properties(report) },
    testcase: cases.map(({ name: caseName, durationMs, ending }) => ({
      "@classname": `harness.${name}`,
      "@name": caseName,
      "@time": seconds(durationMs),
      ...ending,
    })),
    "system-out": cases.map(({ name, output }) => `${name}\n${printable(output)}\n`).join("\n"),
    "system-err": name === "steps" ? report.warnings.map(printable).join("\n") : "",
  };
}

function properties(report: Report): readonly XmlNode[] {
  const { target, via, outcome, fresh, clockSkewMs, leftBehind } = report;
  const endpoint = target.endpoint ?? "AWS";
  const named = {
    ...target,
    endpoint,
    via: via ?? "backend",
    outcome,
    headline: headline(report),
    fresh,
    clockSkewMs: clockSkewMs ?? "unknown",
    ...(leftBehind === undefined ? {} : { leftBehind: leftBehindSentence(leftBehind) }),
  };
  return Object.entries(named).map(([name, value]) => ({
    "@name": name,
    "@value": printable(String(value)),
  }));
}

/** Writes milliseconds in seconds; both schemas take three decimals. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
