/** The walk in lines of text: one for each step and refusal, what was expected and came where it failed, and a last word. */

import { type Report, STEP_NAMES, type Status, type StepName, type StepResult } from "../report";
import type { ProgressEvent } from "../run/options";
import type { Paint } from "./paint";

const MARKS: Readonly<Record<Status, string>> = { passed: "✓", degraded: "~", failed: "✗", skipped: "-" };

const COLOURS = { passed: "green", degraded: "yellow", failed: "red", skipped: "dim" } as const;

/** Fits every step and refusal, so that the times stand below each other. */
const LABEL_WIDTH = 64;

/** The lines for an event; none for what has only begun. Calls are told in verbose mode only. */
export function eventLines(event: ProgressEvent, paint: Paint, verbose: boolean): string[] {
  switch (event.type) {
    case "started":
      return [];
    case "finished":
      return resultLines(event.result, paint, verbose);
    case "retry":
      return [paint("dim", `  … ${event.what}: ${event.cause}; again in ${event.wait} ms`)];
    case "call":
      return verbose ? callLines(event, paint) : [];
    case "warning":
      return [paint("yellow", `! ${event.message}`)];
  }
}

/** The lines that close the walk: what was skipped, and the outcome. */
export function summaryLines(report: Report, paint: Paint): string[] {
  const skipped = report.steps.filter(({ status }) => status === "skipped");
  const { outcome, steps, refusals, durationMs } = report;
  const counts = [
    `${passed(steps)} of ${steps.length} steps`,
    ...(refusals.length > 0 ? [`${passed(refusals)} of ${refusals.length} refusals`] : []),
    ...counted(report, "degraded"),
    ...counted(report, "skipped"),
  ];
  const word = paint(outcome === "passed" ? "green" : "red", outcome);
  return [
    // Why they were not reached stands above them.
    ...skipped.flatMap((step) => resultLines({ ...step, notes: [] }, paint, false)),
    "",
    `${word}: ${counts.join(", ")}, ${durationMs} ms`,
  ];
}

function passed(results: readonly StepResult[]): number {
  return results.filter(({ status }) => status === "passed" || status === "degraded").length;
}

/** How many have that status, if any. */
function counted({ steps, refusals }: Report, status: Status): string[] {
  const number = [...steps, ...refusals].filter((result) => result.status === status).length;
  return number === 0 ? [] : [`${number} ${status}`];
}

function resultLines(result: StepResult, paint: Paint, verbose: boolean): string[] {
  const { status, durationMs, waitedMs, attempts, notes } = result;
  const time = status === "skipped" ? "skipped" : `${durationMs} ms`;
  const waited = waitedMs > 0 ? ` (of it ${waitedMs} ms waiting)` : "";
  const repeated = attempts > 1 ? `, ${attempts} attempts` : "";
  const head = `${paint(COLOURS[status], MARKS[status])} ${label(result).padEnd(LABEL_WIDTH)}  ${time.padStart(8)}${waited}${repeated}`;
  const shown = verbose || status !== "passed" || attempts > 1;
  return [
    head,
    ...(status === "failed" ? failureLines(result, paint) : []),
    ...(shown ? notes.map((note) => paint("dim", `    note      ${note}`)) : []),
  ];
}

/** Steps by number, name and operation; refusals by what is sent. */
function label({ name, title }: StepResult): string {
  const number = STEP_NAMES.indexOf(name as StepName) + 1;
  return number > 0 ? `${number} ${name.padEnd(11)}  ${title}` : `  ${title}`;
}

function failureLines({ expected, actual, requestId, hint, findings }: StepResult, paint: Paint): string[] {
  const details = [
    ["expected", expected],
    ["actual", actual],
    ["request", requestId],
    ["hint", hint],
    ...findings.map((finding) => ["found", finding] as const),
  ] as const;
  return details
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `    ${paint("bold", name.padEnd(8))}  ${value}`);
}

function callLines(
  { what, durationMs, error }: Extract<ProgressEvent, { type: "call" }>,
  paint: Paint,
): string[] {
  const head = paint("dim", `  · ${what}  ${durationMs} ms`);
  return error === null ? [head] : [head, ...error.split("\n").map((line) => paint("dim", `      ${line}`))];
}
