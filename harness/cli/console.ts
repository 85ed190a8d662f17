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
import { headline, passed } from "../reporting/words";
import { formatDuration } from "../run/durations";
import { accessLines, leftBehindLines } from "./access-lines";
import { loadLines } from "./load-lines";
import type { Colorize } from "./screen";

/** Fits every step and refusal, so that the times stand below each other. */
const LABEL_WIDTH = 64;

/** How to tell a walk. */
interface ConsoleOptions {
  readonly colorize: Colorize;
  readonly verbose: boolean;
  /** The way that is walked. */
  readonly via?: Report["via"];
}

/** Tells a walk event by event: it knows how many steps and refusals there are, and under which heading the last line stands. */
export class Console {
  private total = 0;
  private begun = 0;
  private heading?: string;

  constructor(private readonly options: ConsoleOptions) {}

  /** Writes what goes on, with its place among all; undefined when the event begins nothing. */
  busy(event: ProgressEvent): string | undefined {
    return event.type === "started" ? `${this.begun}/${this.total} ${event.title}` : undefined;
  }

  /** Writes the lines for an event; none for what has only begun. Calls are told in verbose mode only. */
  lines(event: ProgressEvent): string[] {
    const { colorize, verbose } = this.options;
    switch (event.type) {
      case "planned":
        this.total = event.count;
        return [];
      case "started": {
        this.begun += 1;
        // Its lines come with the summary.
        return event.name === "access" ? [] : this.headed(this.number(event.name) > 0 ? "Steps" : "Refusals");
      }
      case "finished":
        return this.resultLines(event.result);
      case "retry":
        return [colorize("dim", `  … ${event.what}: ${event.cause}; again in ${event.wait} ms`)];
      case "call":
        return verbose ? callLines(event).map((line) => colorize("dim", line)) : [];
      case "warning":
        return [colorize("yellow", `! ${event.message}`)];
    }
  }

  /** Writes the lines that close the walk: what was skipped, the outcome in figures, and in a sentence what went wrong. */
  summary(report: Report): string[] {
    const { colorize } = this.options;
    const { outcome, steps, refusals, durationMs } = report;
    const skipped = steps.filter(({ status }) => status === "skipped");
    const counts = [
      `${passed(steps)} of ${steps.length} steps`,
      ...(refusals.length > 0 ? [`${passed(refusals)} of ${refusals.length} refusals`] : []),
      ...countByStatus([...steps, ...refusals]).flatMap(([status, count]) =>
        status === "degraded" || status === "skipped" ? [`${count} ${status}`] : [],
      ),
    ];
    const color = outcome === "passed" ? "green" : "red";
    return [
      // Why they were not reached stands above them.
      ...skipped.flatMap((step) => this.resultLines({ ...step, notes: [] })),
      ...accessLines(report, colorize),
      ...leftBehindLines(report, colorize),
      ...loadLines(report, colorize),
      "",
      `${colorize(color, outcome)}: ${counts.join(", ")}, ${formatDuration(durationMs)}`,
      ...(outcome === "passed" ? [] : [colorize("bold", headline(report))]),
    ];
  }

  private headed(heading: string): string[] {
    const [before, after] = [this.heading, heading];
    this.heading = heading;
    const title = this.options.colorize("bold", heading);
    return before === after ? [] : before === undefined ? [title] : ["", title];
  }

  private resultLines(result: StepResult): string[] {
    const { colorize, verbose } = this.options;
    const { status, durationMs, waitedMs, attempts, notes } = result;
    const { color, sign } = STATUS_MARKS[status];
    const time = status === "skipped" ? "skipped" : formatDuration(durationMs);
    const waited = waitedMs > 0 ? ` (waited ${formatDuration(waitedMs)})` : "";
    const repeated = attempts > 1 ? `, ${attempts} attempts` : "";
    const evidence = details(result, ["expected", "actual", "requestId", "hint", "findings"]);
    return [
      `${colorize(color, sign)} ${this.label(result).padEnd(LABEL_WIDTH)}  ${time.padStart(8)}${waited}${repeated}`,
      ...(status === "failed" ? evidence : []).map(
        ([name, text]) => `    ${colorize("bold", name.padEnd(8))}  ${text}`,
      ),
      ...(verbose || status !== "passed" || attempts > 1 ? notes : []).map((note) =>
        colorize("dim", `    note      ${note}`),
      ),
    ];
  }

  /** Steps by number, name and operation; refusals by what is sent. */
  private label({ name, title }: StepResult): string {
    const number = this.number(name);
    return number > 0 ? `${number} ${name.padEnd(11)}  ${title}` : title;
  }

  /** Finds the place among the steps, from 1; 0 of a refusal. */
  private number(name: string): number {
    const names: readonly string[] = this.options.via === undefined ? STEP_NAMES : CLIENT_STEP_NAMES;
    return names.indexOf(name) + 1;
  }
}

function callLines({ what, durationMs, error }: Extract<ProgressEvent, { type: "call" }>): string[] {
  const causes = error === null ? [] : error.split("\n").map((line) => `      ${line}`);
  return [`  · ${what}  ${durationMs} ms`, ...causes];
}
