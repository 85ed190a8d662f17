/** The walk in lines of text: one for each step and refusal, what was expected and came where it failed, and a last word. */
import {
  CLIENT_STEP_NAMES,
  countByStatus,
  details,
  type ProgressEvent,
  type Report,
  STATUS_MARKS,
  STEP_NAMES,
  type StepResult,
} from "../report";
import { accessLines, leftBehindLines } from "./access-lines";
import type { Colorize } from "./screen";

/** Fits every step and refusal, so that the times stand below each other. */
const LABEL_WIDTH = 64;

/** Writes the lines for an event; none for what has only begun. Calls are told in verbose mode only. */
export function eventLines(
  event: ProgressEvent,
  colorize: Colorize,
  { verbose, via }: { readonly verbose: boolean; readonly via?: Report["via"] },
): string[] {
  switch (event.type) {
    case "started":
      return [];
    case "finished":
      return resultLines(event.result, colorize, verbose, via);
    case "retry":
      return [colorize("dim", `  … ${event.what}: ${event.cause}; again in ${event.wait} ms`)];
    case "call":
      return verbose ? callLines(event).map((line) => colorize("dim", line)) : [];
    case "warning":
      return [colorize("yellow", `! ${event.message}`)];
  }
}

/** Writes the lines that close the walk: what was skipped, and the outcome. */
export function summaryLines(report: Report, colorize: Colorize): string[] {
  const skipped = report.steps.filter(({ status }) => status === "skipped");
  const { outcome, steps, refusals, durationMs, via } = report;
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
    ...skipped.flatMap((step) => resultLines({ ...step, notes: [] }, colorize, false, via)),
    ...accessLines(report, colorize),
    ...leftBehindLines(report),
    "",
    `${word}: ${counts.join(", ")}, ${durationMs} ms`,
  ];
}

function passed(results: readonly StepResult[]): number {
  return results.filter(({ status }) => status === "passed" || status === "degraded").length;
}

function resultLines(result: StepResult, colorize: Colorize, verbose: boolean, via: Report["via"]): string[] {
  const { status, durationMs, waitedMs, attempts, notes } = result;
  const { color, sign } = STATUS_MARKS[status];
  const time = status === "skipped" ? "skipped" : `${durationMs} ms`;
  const waited = waitedMs > 0 ? ` (of it ${waitedMs} ms waiting)` : "";
  const repeated = attempts > 1 ? `, ${attempts} attempts` : "";
  const evidence = details(result, ["expected", "actual", "requestId", "hint", "findings"]);
  return [
    `${colorize(color, sign)} ${label(result, via).padEnd(LABEL_WIDTH)}  ${time.padStart(8)}${waited}${repeated}`,
    ...(status === "failed" ? evidence : []).map(
      ([name, text]) => `    ${colorize("bold", name.padEnd(8))}  ${text}`,
    ),
    ...(verbose || status !== "passed" || attempts > 1 ? notes : []).map((note) =>
      colorize("dim", `    note      ${note}`),
    ),
  ];
}

/** Steps by number, name and operation; refusals by what is sent. */
function label({ name, title }: StepResult, via: Report["via"]): string {
  const names: readonly string[] = via === undefined ? STEP_NAMES : CLIENT_STEP_NAMES;
  const number = names.indexOf(name) + 1;
  return number > 0 ? `${number} ${name.padEnd(11)}  ${title}` : `  ${title}`;
}

function callLines({ what, durationMs, error }: Extract<ProgressEvent, { type: "call" }>): string[] {
  const causes = error === null ? [] : error.split("\n").map((line) => `      ${line}`);
  return [`  · ${what}  ${durationMs} ms`, ...causes];
}
