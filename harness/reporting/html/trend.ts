/** How long each step took in earlier runs and in this one, and what became of it. */
import type { Report, Status } from "../../report";
import type { EarlierReport } from "../history";
import { formatDuration } from "../timing";
import { coordinate } from "./coordinate";
import { type Markup, markup } from "./markup";
import { statusMark } from "./status-mark";

/** About a month of nights; more would not fit a phone's width. */
const MOST_RUNS = 30;

const WIDTH = 240;
const HEIGHT = 36;
/** Room around the line for the marks on it. */
const MARGIN = 6;

interface Run {
  readonly status: Status;
  readonly durationMs: number;
}

/** @param earlier from the oldest to the latest; this run's own report among them is not counted twice */
export function trend(report: Report, earlier: readonly EarlierReport[]): Markup | null {
  const others = earlier.filter(({ startedAt }) => startedAt !== report.startedAt);
  if (others.length === 0) {
    return null;
  }
  const reports = [...others, report]
    .toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
    .slice(-MOST_RUNS);
  const rows = report.steps.map((step, index) => {
    const runs = reports.map(({ steps }) => steps.find(({ name }) => name === step.name) ?? NOT_RUN);
    const passed = runs.filter(({ status }) => status === "passed" || status === "degraded");
    return markup`<tr role="row"><th role="rowheader" scope="row">${statusMark(step.status)} ${index + 1} ${step.name}</th><td role="cell" class="bar">${sparkline(runs)}</td>
<td role="cell" class="number">${passed.length === 0 ? "–" : formatDuration(median(passed.map(({ durationMs }) => durationMs)))}</td></tr>
`;
  });
  return markup`<table class="trend" role="table"><caption>${reports.length} runs, ${day(reports[0])} to ${day(reports.at(-1))}; the latest on the right</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Step</th><th role="columnheader" scope="col">Time and outcome of each run</th><th role="columnheader" scope="col" class="number">Median</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody></table>`;
}

const NOT_RUN: Run = { status: "skipped", durationMs: 0 };

/** A line through the durations, broken where the step did not run; what did not pass has its mark. */
function sparkline(runs: readonly Run[]): Markup {
  const longest = Math.max(1, ...runs.map(({ durationMs }) => durationMs));
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, runs.length - 1);
  const points = runs.map((run, index) => ({
    ...run,
    x: coordinate(MARGIN + index * step),
    y: coordinate(HEIGHT - MARGIN - (run.durationMs / longest) * (HEIGHT - 2 * MARGIN)),
  }));
  let drawn = false;
  const line = points
    .map(({ status, x, y }) => {
      const command = status === "skipped" ? "" : `${drawn ? "L" : "M"}${x} ${y}`;
      drawn = status !== "skipped";
      return command;
    })
    .join("");
  const marks = points.map(({ status, x, y }) => {
    const size = status === "passed" ? 5 : 10;
    return status === "passed"
      ? markup`<circle class="point" cx="${x}" cy="${y}" r="${size / 2}"/>`
      : markup`<svg x="${coordinate(x - size / 2)}" y="${coordinate(y - size / 2)}" width="${size}" height="${size}" class="mark ${status}"><use href="#${status}"/></svg>`;
  });
  return markup`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${inWords(runs)}"><path class="line" d="${line}"/>${marks}</svg>`;
}

function inWords(runs: readonly Run[]): string {
  const counts = (["passed", "degraded", "failed", "skipped"] as const)
    .map((status) => ({ status, count: runs.filter((run) => run.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status}`);
  const times = runs.filter(({ status }) => status !== "skipped").map(({ durationMs }) => durationMs);
  const range =
    times.length === 0
      ? ""
      : `; ${formatDuration(Math.min(...times))} to ${formatDuration(Math.max(...times))}`;
  return counts.join(", ") + range;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

function day(report: { readonly startedAt: string } | undefined): string {
  return report?.startedAt.slice(0, 10) ?? "";
}
