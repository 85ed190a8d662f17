/**
 * junit.xml: the report for CI servers. JUnit XML has no standard; this keeps to what both schemas in common use allow,
 * that of Ant (https://github.com/windyroad/JUnit-Schema) and that of Jenkins (https://github.com/jenkinsci/xunit-plugin).
 */
import { XMLBuilder } from "fast-xml-parser";
import type { Report, StepResult } from "../report";
import { failedResults, printable, timing } from "./words";

/** A member whose name starts with `@` is an attribute, `#` is the text, any other an element; Ant's schema minds their order. */
type XmlNode = string | number | { readonly [name: string]: XmlNode } | readonly XmlNode[];

interface TestCase {
  readonly name: string;
  /** Milliseconds. */
  readonly durationMs: number;
  readonly outcome: "passed" | "skipped" | "failure" | "error";
  /** What the outcome's element holds besides its text. */
  readonly type: string;
  readonly message: string;
  readonly text: string;
}

/** Writes junit.xml. The steps and the refusals are a suite each; what kept the walk from its end is an error in a third. */
export function junitReport(report: Report): string {
  const blamed = new Set(failedResults(report));
  const cases = (results: readonly StepResult[]) =>
    results.map((result) => testCase(result, blamed.has(result)));
  const suites = [{ name: "steps", cases: cases(report.steps) }];
  if (report.refusals.length > 0) {
    suites.push({ name: "refusals", cases: cases(report.refusals) });
  }
  if (report.error !== null) {
    suites.push({ name: "walk", cases: [errorCase(report, report.error)] });
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
    testsuites: { testsuite: suites.map(({ name, cases }, id) => suite(report, id, name, cases)) },
  });
}

function testCase(result: StepResult, blamed: boolean): TestCase {
  const { name, status, durationMs, title, notes } = result;
  const text = details(result).join("\n");
  if (blamed) {
    const message =
      status === "degraded" ? `${title}: ${timing(result)}` : `${title}: ${result.actual ?? ""}`;
    return { name, durationMs, outcome: "failure", type: status, message, text };
  }
  const outcome = status === "skipped" ? "skipped" : "passed";
  return { name, durationMs, outcome, type: status, message: notes.join(" "), text };
}

function errorCase(report: Report, { kind, message }: NonNullable<Report["error"]>): TestCase {
  return {
    name: "walk",
    durationMs: report.durationMs,
    outcome: "error",
    type: kind,
    message,
    text: message,
  };
}

function suite(report: Report, id: number, name: string, cases: readonly TestCase[]): XmlNode {
  const count = (outcome: TestCase["outcome"]) =>
    cases.filter((testCase) => testCase.outcome === outcome).length;
  return {
    "@id": id,
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
    testcase: cases.map((testCase) => element(name, testCase)),
    "system-out": cases.map((testCase) => `${testCase.name}\n${printable(testCase.text)}\n`).join("\n"),
    "system-err": id === 0 ? report.warnings.map(printable).join("\n") : "",
  };
}

function element(suiteName: string, { name, durationMs, outcome, type, message, text }: TestCase): XmlNode {
  const head = { "@classname": `harness.${suiteName}`, "@name": name, "@time": seconds(durationMs) };
  switch (outcome) {
    case "passed":
      return head;
    case "skipped":
      return { ...head, skipped: { "@message": printable(message) } };
    case "failure":
    case "error":
      return {
        ...head,
        [outcome]: { "@type": type, "@message": printable(message), "#": printable(text) },
      };
  }
}

function properties(report: Report): readonly XmlNode[] {
  const { region, endpoint, identityPoolId, invokeUrl } = report.target;
  const named: Readonly<Record<string, string>> = {
    region,
    endpoint: endpoint ?? "AWS",
    identityPoolId,
    invokeUrl,
    outcome: report.outcome,
    fresh: String(report.fresh),
    clockSkewMs: String(report.clockSkewMs ?? "unknown"),
  };
  return Object.entries(named).map(([name, value]) => ({ "@name": name, "@value": printable(value) }));
}

/** Lists what is known of the result. */
function details(result: StepResult): string[] {
  const named: readonly (readonly [label: string, value: string | null])[] = [
    ["", `${result.title}: ${result.status}, ${timing(result)}`],
    ["expected: ", result.expected],
    ["actual:   ", result.actual],
    ["hint:     ", result.hint],
    ["request:  ", result.requestId],
    ["source:   ", result.source],
    ...result.findings.map((finding) => ["found:    ", finding] as const),
    ...result.notes.map((note) => ["note:     ", note] as const),
  ];
  return named.filter(([, value]) => value !== null).map(([label, value]) => label + value);
}

/** Writes milliseconds in seconds; both schemas take three decimals. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
