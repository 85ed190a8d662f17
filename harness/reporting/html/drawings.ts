/** The drawings of report.html: marks, the flow, times and the trend. Shapes as well as colors tell one status from another. */
import { countByStatus, type Report, type Status, type StepName, type StepResult } from "../../report";
import { formatDuration, median } from "../../run/durations";
import type { EarlierReport } from "../history";
import { circumstances } from "../words";
import { type Markup, markup, row, table } from "./markup";

/** Drawn once on the page, in a square of 16; each use refers to them. */
export const MARK_SYMBOLS = markup`<svg class="symbols" width="0" height="0" aria-hidden="true">
<symbol id="passed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" class="disc"/><path d="M4.6 8.3 7 10.7l4.4-5" class="sign"/></symbol>
<symbol id="failed" viewBox="0 0 16 16"><path d="M5 0h6l5 5v6l-5 5H5l-5-5V5z" class="disc"/><path d="M5.2 5.2l5.6 5.6m0-5.6-5.6 5.6" class="sign"/></symbol>
<symbol id="degraded" viewBox="0 0 16 16"><path d="M8 .5 16 15.5H0z" class="disc"/><path d="M8 6v4m0 2.4v.1" class="sign"/></symbol>
<symbol id="skipped" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.2" class="ring"/><path d="M5 8h6" class="dash"/></symbol>
</svg>`;

/** Names a result by its mark, with the word for who cannot see it, its place in the flow where it has one, and its name. */
export function named({ status, name }: StepResult, index?: number): Markup {
  return markup`<svg class="mark ${status}" width="16" height="16" role="img" aria-label="${status}"><use href="#${status}"/></svg> ${index === undefined ? "" : `${index + 1} `}${name}`;
}

/** Draws a mark within a drawing, around a point. */
function markAt(x: number, y: number, size: number, status: Status): Markup {
  return markup`<svg x="${coordinate(x - size / 2)}" y="${coordinate(y - size / 2)}" width="${size}" height="${size}" class="mark ${status}"><use href="#${status}"/></svg>`;
}

/** Narrow enough for a phone, so that its letters need not shrink there. */
const PICTURE_WIDTH = 340;
const LANE_HEAD = 40;
const LANE_ROW = 58;

/** The middle of each participant's line. */
const LANES = { Backend: 34, Cognito: 102, Client: 170, API: 238, Lambda: 306 } as const;
type Lane = keyof typeof LANES;

/** The way of each step's call. */
const WAYS: Readonly<Record<StepName, readonly [Lane, Lane, ...Lane[]]>> = {
  pool: ["Backend", "Cognito"],
  roles: ["Backend", "Cognito"],
  token: ["Backend", "Cognito"],
  login: ["Client", "Backend"],
  credentials: ["Client", "Cognito"],
  call: ["Client", "API", "Lambda"],
};

const MARK_SIZE = 18;
const ARROWHEAD = 6;

/** Draws the flow as a sequence diagram: who calls whom, and what became of it. */
export function flowPicture(steps: readonly StepResult[]): Markup {
  const height = LANE_HEAD + steps.length * LANE_ROW + 8;
  const told = steps.map(({ name, status }) => `${name} ${status}`).join(", ");
  const lanes = Object.entries(LANES).map(
    ([name, x]) =>
      markup`<g class="lane"><path d="M${x} ${LANE_HEAD - 10}V${height}"/><rect x="${x - 31}" y="2" width="62" height="26" rx="6"/><text x="${x}" y="19.5" text-anchor="middle">${name}</text></g>\n`,
  );
  return markup`<svg class="flow" viewBox="0 0 ${PICTURE_WIDTH} ${height}" role="img" aria-labelledby="flow-title flow-told">
<title id="flow-title">The flow from the backend to the function</title>
<desc id="flow-told">${told}</desc>
${lanes}${steps.map(arrow)}</svg>`;
}

function arrow({ name, status, title }: StepResult, index: number): Markup {
  const stops = WAYS[name as StepName].map((lane) => LANES[lane]);
  const [from = 0, next = 0] = stops;
  const y = LANE_HEAD + index * LANE_ROW + 34;
  const direction = Math.sign(next - from);
  const legs = stops.slice(1).map((to, leg) => {
    const start = (stops[leg] ?? 0) + (leg === 0 ? direction * (MARK_SIZE / 2 + 2) : 0);
    const tip = to - direction * 2;
    const base = tip - direction * ARROWHEAD;
    return markup`<path class="way" d="M${start} ${y}H${base}"/><path class="head" d="M${tip} ${y}L${base} ${y - 4}V${y + 4}z"/>`;
  });
  // Its name stands where no arrow passes: on the right, unless the arrow goes there to the end.
  const right = Math.max(...stops) < LANES.Lambda;
  const x = right ? Math.max(...stops) + (direction > 0 ? 12 : 16) : from - 16;
  const anchor = right ? "start" : "end";
  return markup`<g class="step ${status}">${legs}
${markAt(from, y, MARK_SIZE, status)}
<text class="name" x="${x}" y="${y - 3}" text-anchor="${anchor}">${index + 1} ${name}<tspan class="state"> ${status}</tspan></text>
<text class="title" x="${x}" y="${y + 11}" text-anchor="${anchor}">${title}</text></g>
`;
}

/** Of bars and of lines in tables. */
const WIDTH = 240;
const BAR_HEIGHT = 16;
/** A step too short for the scale still shows. */
const SHORTEST = 2;

/** Draws when each step ran and for how long: without a gap, each begins where the one before ended. */
export function timeline(steps: readonly StepResult[]): Markup {
  const total = steps.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const scale = (ms: number) => coordinate((ms / Math.max(1, total)) * WIDTH);
  let begun = 0;
  const rows = steps.map((step, index) => {
    const start = begun;
    begun += step.durationMs;
    return step.status === "skipped"
      ? stepRow(step, index, undefined, "skipped")
      : stepRow(step, index, bar(step, start, scale), formatDuration(step.durationMs));
  });
  return table("timeline", ["Step", "From start to end", "Time"], rows);
}

function stepRow(step: StepResult, index: number, drawing: Markup | undefined, amount: string): Markup {
  const cells = markup`<td role="cell" class="bar">${drawing}</td>
<td role="cell" class="number">${amount}</td>`;
  return row(step.status, named(step, index), cells);
}

/** Draws the time; what was spent waiting is the lighter part: it is the deployment's, not the call's. */
function bar(step: StepResult, start: number, scale: (ms: number) => number): Markup {
  const width = Math.max(SHORTEST, scale(step.durationMs));
  const worked = Math.max(SHORTEST, scale(step.durationMs - step.waitedMs));
  const x = Math.min(scale(start), WIDTH - width);
  const remarks = circumstances(step).join(", ");
  return markup`<svg class="${step.status}" viewBox="0 0 ${WIDTH} ${BAR_HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path class="axis" d="M0 ${BAR_HEIGHT / 2}H${WIDTH}"/><rect class="waited" x="${x}" y="2" width="${width}" height="12"/><rect class="worked" x="${x}" y="2" width="${worked}" height="12"/></svg>${remarks === "" ? undefined : markup`<small>${remarks}</small>`}`;
}

/** About a month of nights; more would not fit a phone's width. */
const MOST_RUNS = 30;

const LINE_HEIGHT = 36;
/** Room around the line for the marks on it. */
const MARGIN = 6;

type Run = Pick<StepResult, "status" | "durationMs">;
const NOT_RUN: Run = { status: "skipped", durationMs: 0 };

/**
 * Draws how long each step took in earlier runs and in this one, and what became of it.
 *
 * @param earlier from the oldest to the latest; this run's own report among them is not counted twice
 */
export function trend(report: Report, earlier: readonly EarlierReport[]): Markup | undefined {
  const others = earlier.filter(({ startedAt, via }) => startedAt !== report.startedAt && via === report.via);
  if (others.length === 0) {
    return undefined;
  }
  const reports = [...others, report]
    .toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
    .slice(-MOST_RUNS);
  const rows = report.steps.map((step, index) => {
    const runs = reports.map(({ steps }) => steps.find(({ name }) => name === step.name) ?? NOT_RUN);
    const passed = runs.filter(({ status }) => status === "passed" || status === "degraded");
    const typical = median(passed.map(({ durationMs }) => durationMs));
    return stepRow(step, index, sparkline(runs), passed.length === 0 ? "–" : formatDuration(typical));
  });
  const days = reports.map(({ startedAt }) => startedAt.slice(0, 10));
  const caption = markup`<caption>${reports.length} runs, ${days[0]} to ${days.at(-1)}; the latest on the right</caption>`;
  return table("trend", ["Step", "Time and outcome of each run", "Median"], rows, caption);
}

/** Draws a line through the durations, broken where the step did not run; what did not pass has its mark. */
function sparkline(runs: readonly Run[]): Markup {
  const longest = Math.max(1, ...runs.map(({ durationMs }) => durationMs));
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, runs.length - 1);
  const points = runs.map((run, index) => ({
    ...run,
    x: coordinate(MARGIN + index * step),
    y: coordinate(LINE_HEIGHT - MARGIN - (run.durationMs / longest) * (LINE_HEIGHT - 2 * MARGIN)),
  }));
  const line = points.map(({ status, x, y }, index) => {
    const joined = index > 0 && runs[index - 1]?.status !== "skipped";
    return status === "skipped" ? "" : `${joined ? "L" : "M"}${x} ${y}`;
  });
  const marks = points.map(({ status, x, y }) =>
    status === "passed"
      ? markup`<circle class="point" cx="${x}" cy="${y}" r="2.5"/>`
      : markAt(x, y, 10, status),
  );
  return markup`<svg class="spark" viewBox="0 0 ${WIDTH} ${LINE_HEIGHT}" role="img" aria-label="${inWords(runs)}"><path class="line" d="${line.join("")}"/>${marks}</svg>`;
}

function inWords(runs: readonly Run[]): string {
  const counts = countByStatus(runs).map(([status, count]) => `${count} ${status}`);
  const times = runs.filter(({ status }) => status !== "skipped").map(({ durationMs }) => durationMs);
  const [shortest, longest] = [Math.min(...times), Math.max(...times)].map(formatDuration);
  return counts.join(", ") + (times.length === 0 ? "" : `; ${shortest} to ${longest}`);
}

/** Rounds a coordinate to a tenth of a unit: what is finer nobody sees, and everybody loads. */
function coordinate(value: number): number {
  return Math.round(value * 10) / 10;
}
