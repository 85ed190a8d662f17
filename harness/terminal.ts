/** The walk on the terminal: a line per step while it runs, expected and actual of what failed, and a last word. */
import { type Report, STEP_NAMES, type StepName, type StepResult } from "./report";
import type { ProgressEvent } from "./walk-flow";

/** What each step does, in the words of AWS's API. */
const TITLES: Readonly<Record<StepName, string>> = {
  pool: "DescribeIdentityPool",
  roles: "GetIdentityPoolRoles",
  token: "GetOpenIdTokenForDeveloperIdentity",
  credentials: "GetCredentialsForIdentity",
  call: "GET /hello, signed",
};

const MARKS = { passed: "✓", failed: "✗", skipped: "-" } as const;

/** The lines for an event; none for a step that has only begun. */
export function eventLines(event: ProgressEvent): string[] {
  switch (event.type) {
    case "step-started":
      return [];
    case "step-finished":
      return stepLines(event.result);
    case "warning":
      return [`! ${event.message}`];
  }
}

/** The lines that close the walk: what was skipped, and the outcome. */
export function summaryLines(report: Report): string[] {
  const skipped = report.steps.filter((step) => step.status === "skipped").flatMap(stepLines);
  const passed = report.steps.filter((step) => step.status === "passed").length;
  return [
    ...skipped,
    "",
    `${report.outcome}: ${passed} of ${report.steps.length} steps, ${report.durationMs} ms`,
  ];
}

function stepLines(step: StepResult): string[] {
  const number = STEP_NAMES.indexOf(step.name as StepName) + 1;
  const title = TITLES[step.name as StepName];
  const end = step.status === "skipped" ? "skipped" : `${step.durationMs} ms`;
  const head = `${MARKS[step.status]} ${number} ${step.name.padEnd(11)}  ${title.padEnd(34)}  ${end.padStart(8)}`;
  if (step.status !== "failed") {
    return [head];
  }
  const details = { expected: step.expected, actual: step.actual, request: step.requestId, hint: step.hint };
  return [
    head,
    ...Object.entries(details)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `    ${name.padEnd(8)}  ${value}`),
  ];
}
