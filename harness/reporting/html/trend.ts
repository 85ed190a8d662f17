/** The trend in report.html: how long each step took in earlier runs and in this one, and what became of it. */
import { countByStatus, type Report, type StepResult } from "../../report";
import { formatDuration, median } from "../../run/durations";
import type { EarlierReport } from "../history";
import { coordinate, markAt } from "./drawings";
import { type Markup, markup } from "./markup";

/** About a month of nights; more would not fit a phone's width. */
const MOST_RUNS = 30;

/** A chart's, in pixels: as wide as it is shown, so that its letters keep their size. */
const WIDTH = 320;
const HEIGHT = 92;
/** Where the scale stands, and the labels of the runs. */
const LEFT = 50;
const RIGHT = WIDTH - 12;
const TOP = 12;
const BOTTOM = HEIGHT - 22;

interface Run extends Pick<StepResult, "status" | "durationMs"> {
  readonly startedAt: string;
}

/**
 * Draws a chart for the flow and for each step; nothing of a first run.
 *
 * @param earlier from the oldest to the latest; this run's own report among them is not counted twice
 */
export function trend(report: Report, earlier: readonly EarlierReport[]): Markup | undefined {
  const others = earlier.filter(
    ({ startedAt, via, load }) =>
      startedAt !== report.startedAt &&
      via === report.via &&
      (load === undefined) === (report.load === undefined),
  );
  if (others.length === 0) {
    return undefined;
  }
  const reports = [...others, report]
    .toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
    .slice(-MOST_RUNS);
  const runsOf = (name: string) =>
    reports.map(({ startedAt, steps }): Run => {
      const { status = "skipped", durationMs = 0 } = steps.find((step) => step.name === name) ?? {};
      return { startedAt, status, durationMs };
    });
  const whole = reports.map(({ startedAt, steps }): Run => {
    const [worst = "passed"] = (["failed", "skipped", "degraded"] as const).filter((status) =>
      steps.some((step) => step.status === status),
    );
    return { startedAt, status: worst, durationMs: steps.reduce((sum, step) => sum + step.durationMs, 0) };
  });
  const charts = [
    chart("the flow", whole),
    ...report.steps.map(({ name }, index) => chart(`${index + 1} ${name}`, runsOf(name))),
  ];
  const days = reports.map(({ startedAt }) => startedAt.slice(0, 10));
  return markup`<p class="caption">${reports.length} runs, ${days[0]} to ${days.at(-1)}</p>
<div class="charts">${charts}</div>`;
}

/** Draws a line through the durations, broken where the step did not run; what did not pass has its mark. */
function chart(name: string, runs: readonly Run[]): Markup {
  const ran = runs.filter(({ status }) => status !== "skipped");
  const top = ceiling(Math.max(1, ...ran.map(({ durationMs }) => durationMs)));
  const step = (RIGHT - LEFT) / Math.max(1, runs.length - 1);
  const points = runs.map((run, index) => ({
    ...run,
    x: coordinate(LEFT + index * step),
    y: coordinate(BOTTOM - (run.durationMs / top) * (BOTTOM - TOP)),
  }));
  const line = points.map(({ status, x, y }, index) => {
    const joined = index > 0 && runs[index - 1]?.status !== "skipped";
    return status === "skipped" ? "" : `${joined ? "L" : "M"}${x} ${y}`;
  });
  const marks = points.map(({ status, durationMs, startedAt, x, y }) => {
    const drawn =
      status === "passed"
        ? markup`<circle class="point" cx="${x}" cy="${y}" r="2.5"/>`
        : markAt(x, y, 11, status);
    const time = status === "skipped" ? "" : `, ${formatDuration(durationMs)}`;
    return markup`<g><title>${startedAt.slice(0, 16).replace("T", " ")} UTC: ${status}${time}</title>${drawn}</g>`;
  });
  const scale = [top, top / 2, 0].map((ms) => {
    const y = coordinate(BOTTOM - (ms / top) * (BOTTOM - TOP));
    return markup`<path class="axis" d="M${LEFT - 6} ${y}H${RIGHT + 6}"/><text x="${LEFT - 10}" y="${y + 3.5}" text-anchor="end">${ms < 1000 ? (ms === 0 ? "0" : `${ms} ms`) : `${ms / 1000} s`}</text>`;
  });
  const typical = median(
    runs
      .filter(({ status }) => status === "passed" || status === "degraded")
      .map(({ durationMs }) => durationMs),
  );
  return markup`<figure><figcaption><strong>${name}</strong> <small>median ${Number.isNaN(typical) ? "–" : formatDuration(typical)}</small></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${name}: ${inWords(runs)}">${scale}${labels(points)}<path class="curve" d="${line.join("")}"/>${marks}</svg></figure>
`;
}

/** Finds the end of the scale: 1, 2 or 5 and zeros, no shorter than the longest. */
function ceiling(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(ms));
  return power * ([1, 2, 5].find((factor) => factor * power >= ms) ?? 10);
}

/** Labels the first run and the last, and the one in the middle where there is room, by their day, or by the time of the same day. */
function labels(points: readonly { readonly x: number; readonly startedAt: string }[]): Markup[] {
  const last = points.length - 1;
  const [first, end] = [points[0]?.startedAt, points[last]?.startedAt].map((time) => time?.slice(0, 10));
  const shown = [0, ...(last >= 4 && last % 2 === 0 ? [last / 2] : []), last];
  return shown.map((index) => {
    const { x = 0, startedAt = "" } = points[index] ?? {};
    const anchor = index === 0 ? "start" : index === last ? "end" : "middle";
    const nudge = index === 0 ? -4 : index === last ? 6 : 0;
    return markup`<path class="axis" d="M${x} ${BOTTOM}v4"/><text x="${x + nudge}" y="${HEIGHT - 5}" text-anchor="${anchor}">${first === end ? startedAt.slice(11, 16) : startedAt.slice(5, 10)}</text>`;
  });
}

function inWords(runs: readonly Run[]): string {
  const counts = countByStatus(runs).map(([status, count]) => `${count} ${status}`);
  const times = runs.filter(({ status }) => status !== "skipped").map(({ durationMs }) => durationMs);
  const [shortest, longest] = [Math.min(...times), Math.max(...times)].map(formatDuration);
  return counts.join(", ") + (times.length === 0 ? "" : `; ${shortest} to ${longest}`);
}
