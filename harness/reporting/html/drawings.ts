/** The drawings of report.html: marks, the flow, times and the trend. Shapes as well as colors tell one status from another. */
import { countByStatus, type Report, type Status, type StepName, type StepResult } from "../../report";
import { formatDuration, median } from "../../run/durations";
import type { EarlierReport } from "../history";
import { circumstances } from "../words";
import { type Markup, markup } from "./markup";

/** Drawn once on the page, in a square of 16; each use refers to them. */
export const MARK_SYMBOLS = markup`<svg class="symbols" width="0" height="0" aria-hidden="true">
<symbol id="passed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" class="disc"/><path d="M4.6 8.3 7 10.7l4.4-5" class="sign"/></symbol>
<symbol id="failed" viewBox="0 0 16 16"><path d="M5 0h6l5 5v6l-5 5H5l-5-5V5z" class="disc"/><path d="M5.2 5.2l5.6 5.6m0-5.6-5.6 5.6" class="sign"/></symbol>
<symbol id="degraded" viewBox="0 0 16 16"><path d="M8 .5 16 15.5H0z" class="disc"/><path d="M8 6v4m0 2.4v.1" class="sign"/></symbol>
<symbol id="skipped" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.2" class="ring"/><path d="M5 8h6" class="dash"/></symbol>
</svg>`;

/** Draws the mark and, for who cannot see it, the word. */
export function statusMark(status: Status): Markup {
  return markup`<svg class="mark ${status}" width="16" height="16" role="img" aria-label="${status}"><use href="#${status}"/></svg>`;
}

/** Narrow enough for a phone, so that its letters need not shrink there. */
const PICTURE_WIDTH = 340;
const LANE_HEAD = 40;
const LANE_ROW = 58;

/** The middle of each participant's line. */
const LANES = { Backend: 34, Cognito: 102, Client: 170, API: 238, Lambda: 306 } as const;
type Lane = keyof typeof LANES;

/** The way of each step's call; its name stands where no arrow passes. */
const ARROWS: Readonly<
  Record<StepName, { readonly path: readonly [Lane, Lane, ...Lane[]]; readonly label: "left" | "right" }>
> = {
  pool: { path: ["Backend", "Cognito"], label: "right" },
  roles: { path: ["Backend", "Cognito"], label: "right" },
  token: { path: ["Backend", "Cognito"], label: "right" },
  login: { path: ["Client", "Backend"], label: "right" },
  credentials: { path: ["Client", "Cognito"], label: "right" },
  call: { path: ["Client", "API", "Lambda"], label: "left" },
};

const MARK_SIZE = 18;
const ARROWHEAD = 6;

/** Draws the flow as a sequence diagram: who calls whom, and what became of it. */
export function flowPicture(steps: readonly StepResult[]): Markup {
  const height = LANE_HEAD + steps.length * LANE_ROW + 8;
  const told = steps.map(({ name, status }) => `${name} ${status}`).join(", ");
  return markup`<svg class="flow" viewBox="0 0 ${PICTURE_WIDTH} ${height}" role="img" aria-labelledby="flow-title flow-told">
<title id="flow-title">The flow from the backend to the function</title>
<desc id="flow-told">${told}</desc>
${Object.entries(LANES).map(
  ([
    name,
    x,
  ]) => markup`<g class="lane"><path d="M${x} ${LANE_HEAD - 10}V${height}"/><rect x="${x - 31}" y="2" width="62" height="26" rx="6"/><text x="${x}" y="19.5" text-anchor="middle">${name}</text></g>
`,
)}${steps.map((step, index) => arrow(step, index))}</svg>`;
}

function arrow(step: StepResult, index: number): Markup {
  const { path, label } = ARROWS[step.name as StepName];
  const stops = path.map((lane) => LANES[lane]);
  const [from = 0, next = 0] = stops;
  const y = LANE_HEAD + index * LANE_ROW + 34;
  const direction = Math.sign(next - from);
  const legs = stops.slice(1).map((to, leg) => {
    const start = (stops[leg] ?? 0) + (leg === 0 ? direction * (MARK_SIZE / 2 + 2) : 0);
    const tip = to - direction * 2;
    const base = tip - direction * ARROWHEAD;
    return markup`<path class="way" d="M${start} ${y}H${base}"/><path class="head" d="M${tip} ${y}L${base} ${y - 4}V${y + 4}z"/>`;
  });
  const right = label === "right";
  const x = right ? Math.max(...stops) + (direction > 0 ? 12 : 16) : from - 16;
  const anchor = right ? "start" : "end";
  return markup`<g class="step ${step.status}">${legs}
<svg x="${from - MARK_SIZE / 2}" y="${y - MARK_SIZE / 2}" width="${MARK_SIZE}" height="${MARK_SIZE}" class="mark ${step.status}"><use href="#${step.status}"/></svg>
<text class="name" x="${x}" y="${y - 3}" text-anchor="${anchor}">${index + 1} ${step.name}<tspan class="state"> ${step.status}</tspan></text>
<text class="title" x="${x}" y="${y + 11}" text-anchor="${anchor}">${step.title}</text></g>
`;
}

/** Of bars and of lines in tables. */
const WIDTH = 240;
const BAR_HEIGHT = 16;
/** A step too short for the scale still shows. */
const SHORTEST = 2;

/**
 * Draws when each step ran and for how long, one under the other.
 *
 * Steps follow one another without a gap, so each begins where the one before ended.
 * On a narrow screen the bar stands under its step; the roles keep it a table there, in browsers that go by the layout.
 */
export function timeline(steps: readonly StepResult[]): Markup {
  const total = steps.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const scale = (ms: number) => coordinate((ms / Math.max(1, total)) * WIDTH);
  let begun = 0;
  const rows = steps.map((step, index) => {
    const start = begun;
    begun += step.durationMs;
    return markup`<tr role="row"><th role="rowheader" scope="row">${statusMark(step.status)} ${index + 1} ${step.name}</th>
<td role="cell" class="bar">${step.status === "skipped" ? undefined : markup`${bar(step, start, scale)}${remarks(step)}`}</td>
<td role="cell" class="number">${step.status === "skipped" ? "skipped" : formatDuration(step.durationMs)}</td></tr>
`;
  });
  return markup`<table class="timeline" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Step</th><th role="columnheader" scope="col">From start to end</th><th role="columnheader" scope="col" class="number">Time</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody></table>`;
}

/** Draws the time; what was spent waiting is the lighter part: it is the deployment's, not the call's. */
function bar(step: StepResult, start: number, scale: (ms: number) => number): Markup {
  const width = Math.max(SHORTEST, scale(step.durationMs));
  const x = Math.min(scale(start), WIDTH - width);
  return markup`<svg class="${step.status}" viewBox="0 0 ${WIDTH} ${BAR_HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path class="axis" d="M0 ${BAR_HEIGHT / 2}H${WIDTH}"/><rect class="waited" x="${x}" y="2" width="${width}" height="12"/><rect class="worked" x="${x}" y="2" width="${Math.max(SHORTEST, scale(step.durationMs - step.waitedMs))}" height="12"/></svg>`;
}

function remarks(step: StepResult): Markup | undefined {
  const parts = circumstances(step);
  return parts.length === 0 ? undefined : markup`<small>${parts.join(", ")}</small>`;
}

/** About a month of nights; more would not fit a phone's width. */
const MOST_RUNS = 30;

const LINE_HEIGHT = 36;
/** Room around the line for the marks on it. */
const MARGIN = 6;

interface Run {
  readonly status: Status;
  readonly durationMs: number;
}

/**
 * Draws how long each step took in earlier runs and in this one, and what became of it.
 *
 * @param earlier from the oldest to the latest; this run's own report among them is not counted twice
 */
export function trend(report: Report, earlier: readonly EarlierReport[]): Markup | undefined {
  const others = earlier.filter(({ startedAt }) => startedAt !== report.startedAt);
  if (others.length === 0) {
    return undefined;
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

/** Draws a line through the durations, broken where the step did not run; what did not pass has its mark. */
function sparkline(runs: readonly Run[]): Markup {
  const longest = Math.max(1, ...runs.map(({ durationMs }) => durationMs));
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, runs.length - 1);
  const points = runs.map((run, index) => ({
    ...run,
    x: coordinate(MARGIN + index * step),
    y: coordinate(LINE_HEIGHT - MARGIN - (run.durationMs / longest) * (LINE_HEIGHT - 2 * MARGIN)),
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
  return markup`<svg class="spark" viewBox="0 0 ${WIDTH} ${LINE_HEIGHT}" role="img" aria-label="${inWords(runs)}"><path class="line" d="${line}"/>${marks}</svg>`;
}

function inWords(runs: readonly Run[]): string {
  const counts = countByStatus(runs).map(([status, count]) => `${count} ${status}`);
  const times = runs.filter(({ status }) => status !== "skipped").map(({ durationMs }) => durationMs);
  const range =
    times.length === 0
      ? ""
      : `; ${formatDuration(Math.min(...times))} to ${formatDuration(Math.max(...times))}`;
  return counts.join(", ") + range;
}

function day(report: { readonly startedAt: string } | undefined): string {
  return report?.startedAt.slice(0, 10) ?? "";
}

/** Rounds a coordinate to a tenth of a unit: what is finer nobody sees, and everybody loads. */
function coordinate(value: number): number {
  return Math.round(value * 10) / 10;
}
