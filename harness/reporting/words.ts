/** The outcome in a sentence, the first that a person reads, and the results that made it so. */
import type { Report, StepResult } from "../report";

export function headline(report: Report): string {
  switch (report.outcome) {
    case "passed":
      return `The flow works: ${counts(report)}.`;
    case "failed":
      return `${named(report, "failed").length > 0 ? "Failed" : "Too slow"}: ${names(culprits(report))}.`;
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

/** The steps and refusals to blame: those that failed, or those that were too slow when that alone (`--strict`) failed the run. */
export function culprits(report: Report): readonly StepResult[] {
  const failed = named(report, "failed");
  return failed.length === 0 && report.outcome === "failed" ? named(report, "degraded") : failed;
}

function named(report: Report, status: StepResult["status"]): readonly StepResult[] {
  return [...report.steps, ...report.refusals].filter((result) => result.status === status);
}

function counts(report: Report): string {
  const refused = report.refusals.filter(({ status }) => status !== "skipped").length;
  const slow = named(report, "degraded");
  return [
    `all ${report.steps.length} steps passed`,
    refused > 0 ? `all ${refused} refusals as expected` : null,
    slow.length > 0 ? `slower than budgeted: ${names(slow)}` : null,
  ]
    .filter((part) => part !== null)
    .join("; ");
}

function names(results: readonly StepResult[]): string {
  return results.map(({ name }) => name).join(", ");
}
