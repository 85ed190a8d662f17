/** What reports say in words: the outcome in a sentence, how long things took, and texts of servers made visible. */
import { accessProblems } from "../access/words";
import type { Report, Status, StepResult } from "../report";
import { formatDuration } from "../run/durations";

/** Writes the outcome in a sentence, the first that a person reads. */
export function headline(report: Report): string {
  switch (report.outcome) {
    case "passed":
      return `The flow works: ${counts(report)}.`;
    case "failed":
      if (failedResults(report).length === 0) {
        const [first = "", ...others] = accessProblems(report.access);
        return `Not as declared: ${first}${others.length === 0 ? "" : `; and ${others.length} more`}.`;
      }
      return `${named(report, "failed").length > 0 ? "Failed" : "Too slow"}: ${names(failedResults(report))}.`;
    case "error":
      return ERRORS[report.error?.kind ?? "interrupted"];
  }
}

const ERRORS: Readonly<Record<NonNullable<Report["error"]>["kind"], string>> = {
  settings: "Not walked to its end: settings or credentials cannot be used.",
  unreachable: "Not walked to its end: no answer came.",
  timeout: "Not walked to its end: the time limit of the run passed.",
  interrupted: "Not walked to its end: interrupted.",
};

/** Finds the steps and refusals to blame: those that failed, or those that were too slow when that alone (`--strict`) failed the run. */
export function failedResults(report: Report): readonly StepResult[] {
  const failed = named(report, "failed");
  return failed.length === 0 && report.outcome === "failed" ? named(report, "degraded") : failed;
}

function named(report: Report, status: Status): readonly StepResult[] {
  return [...report.steps, ...report.refusals].filter((result) => result.status === status);
}

function counts(report: Report): string {
  const refused = report.refusals.filter(({ status }) => status !== "skipped").length;
  const slow = named(report, "degraded");
  return [
    `all ${report.steps.length} steps passed`,
    ...(refused > 0 ? [`all ${refused} refusals as expected`] : []),
    ...(report.access === undefined ? [] : ["who may call what as declared"]),
    ...(slow.length > 0 ? [`slower than budgeted: ${names(slow)}`] : []),
  ].join("; ");
}

function names(results: readonly StepResult[]): string {
  return results.map(({ name }) => name).join(", ");
}

/** Writes how long it took and under what circumstances. */
export function timing(result: StepResult): string {
  return result.status === "skipped"
    ? "skipped"
    : [formatDuration(result.durationMs), ...circumstances(result)].join(", ");
}

/** Writes how often it was tried, how long it waited and what its budget was, where that is worth a word. */
export function circumstances({ attempts, waitedMs, budgetMs }: StepResult): string[] {
  return [
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(waitedMs > 0 ? [`${formatDuration(waitedMs)} of it waiting`] : []),
    ...(budgetMs === null ? [] : [`budget ${formatDuration(budgetMs)}`]),
  ];
}

/**
 * What XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets, lone surrogates among it), the C1 controls, and
 * the characters that turn the direction of the text around them (https://www.unicode.org/reports/tr9/).
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/** Writes such characters as `\uXXXX`, and line ends as line feeds, so that none can break a report or disguise what it says. */
export function printable(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
