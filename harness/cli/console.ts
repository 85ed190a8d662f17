/** The walk in lines of text: one for each step and refusal, what was expected and came where it failed, and a last word. */
import {
  countByStatus,
  type ProgressEvent,
  type Report,
  STATUS_MARKS,
  STEP_NAMES,
  type StepName,
  type StepResult,
} from "../report";
import type { Colorize } from "./screen";

/** Fits every step and refusal, so that the times stand below each other. */
const LABEL_WIDTH = 64;

/** Writes the lines for an event; none for what has only begun. Calls are told in verbose mode only. */
export function eventLines(event: ProgressEvent, colorize: Colorize, verbose: boolean): string[] {
  switch (event.type) {
    case "started":
      return [];
    case "finished":
      return resultLines(event.result, colorize, verbose);
    case "retry":
      return [colorize("dim", `  … ${event.what}: ${event.cause}; again in ${event.wait} ms`)];
    case "call":
      return verbose ? callLines(event, colorize) : [];
    case "warning":
      return [colorize("yellow", `! ${event.message}`)];
  }
}

/** Writes the lines that close the walk: what was skipped, and the outcome. */
export function summaryLines(report: Report, colorize: Colorize): string[] {
  const skipped = report.steps.filter(({ status }) => status === "skipped");
  const { outcome, steps, refusals, durationMs } = report;
  const counts = [
    `${passed(steps)} of ${steps.length} steps`,
    ...(refusals.length > 0 ? [`${passed(refusals)} of ${refusals.length} refusals`] : []),
    ...countByStatus([...steps, ...refusals]).flatMap(([status, count]) =>
      status === "degraded" || status === "skipped" ? [`${count} ${status}`] : [],
    ),
  ];
  const word = colorize(outcome === "passed" ? "green" : "red", outcome);
  return [
    // Why they were not reached stands above them.
    ...skipped.flatMap((step) => resultLines({ ...step, notes: [] }, colorize, false)),
    "",
    `${word}: ${counts.join(", ")}, ${durationMs} ms`,
  ];
}

function passed(results: readonly StepResult[]): number {
  return results.filter(({ status }) => status === "passed" || status === "degraded").length;
}

function resultLines(result: StepResult, colorize: Colorize, verbose: boolean): string[] {
  const { status, durationMs, waitedMs, attempts, notes } = result;
  const time = status === "skipped" ? "skipped" : `${durationMs} ms`;
  const waited = waitedMs > 0 ? ` (of it ${waitedMs} ms waiting)` : "";
  const repeated = attempts > 1 ? `, ${attempts} attempts` : "";
  const head = `${colorize(STATUS_MARKS[status].color, STATUS_MARKS[status].sign)} ${label(result).padEnd(LABEL_WIDTH)}  ${time.padStart(8)}${waited}${repeated}`;
  const shown = verbose || status !== "passed" || attempts > 1;
  return [
    head,
    ...(status === "failed" ? failureLines(result, colorize) : []),
    ...(shown ? notes.map((note) => colorize("dim", `    note      ${note}`)) : []),
  ];
}

/** Steps by number, name and operation; refusals by what is sent. */
function label({ name, title }: StepResult): string {
  const number = STEP_NAMES.indexOf(name as StepName) + 1;
  return number > 0 ? `${number} ${name.padEnd(11)}  ${title}` : `  ${title}`;
}

function failureLines(
  { expected, actual, requestId, hint, findings }: StepResult,
  colorize: Colorize,
): string[] {
  const details = [
    ["expected", expected],
    ["actual", actual],
    ["request", requestId],
    ["hint", hint],
    ...findings.map((finding) => ["found", finding] as const),
  ] as const;
  return details
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `    ${colorize("bold", name.padEnd(8))}  ${value}`);
}

function callLines(
  { what, durationMs, error }: Extract<ProgressEvent, { type: "call" }>,
  colorize: Colorize,
): string[] {
  const head = colorize("dim", `  · ${what}  ${durationMs} ms`);
  return error === null
    ? [head]
    : [head, ...error.split("\n").map((line) => colorize("dim", `      ${line}`))];
}
