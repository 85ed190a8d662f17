/** The drawings of report.html: marks, the flow, and the steps' times. Shapes as well as colors tell one status from another. */
import type { Status, StepName, StepResult } from "../../report";
import { formatDuration } from "../../run/durations";
import { firstLine } from "../../run/errors";
import { answered, circumstances } from "../words";
import { type Markup, markup } from "./markup";
import { seen } from "./result";
import { breakable } from "./text";

/** Drawn once on the page, in a square of 16; each use refers to them. */
export const MARK_SYMBOLS = markup`<svg class="symbols" width="0" height="0" aria-hidden="true">
<symbol id="passed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" class="disc"/><path d="M4.6 8.3 7 10.7l4.4-5" class="sign"/></symbol>
<symbol id="failed" viewBox="0 0 16 16"><path d="M5 0h6l5 5v6l-5 5H5l-5-5V5z" class="disc"/><path d="M5.2 5.2l5.6 5.6m0-5.6-5.6 5.6" class="sign"/></symbol>
<symbol id="degraded" viewBox="0 0 16 16"><path d="M8 .5 16 15.5H0z" class="disc"/><path d="M8 6v4m0 2.4v.1" class="sign"/></symbol>
<symbol id="skipped" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.2" class="ring"/><path d="M5 8h6" class="dash"/></symbol>
<symbol id="uncertain" viewBox="0 0 12 12"><path d="M6 .8 11.2 6 6 11.2.8 6z" class="ring"/></symbol>
</svg>`;

/** Draws a mark, with the word for who cannot see it. @param size pixels */
export function mark(status: Status, size = 16): Markup {
  return markup`<svg class="mark ${status}" width="${size}" height="${size}" role="img" aria-label="${status}"><use href="#${status}"/></svg>`;
}

/** Draws a mark within a drawing, around a point. */
export function markAt(x: number, y: number, size: number, status: Status): Markup {
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
  const told = steps.map((step) => `${step.name} ${step.status}${refusedBy(step)}`).join(", ");
  const lanes = Object.entries(LANES).map(
    ([name, x]) =>
      markup`<g class="lane"><path d="M${x} ${LANE_HEAD - 10}V${height}"/><rect x="${x - 31}" y="2" width="62" height="26" rx="6"/><text x="${x}" y="19.5" text-anchor="middle">${name}</text></g>\n`,
  );
  return markup`<svg viewBox="0 0 ${PICTURE_WIDTH} ${height}" role="img" aria-labelledby="flow-title flow-told">
<title id="flow-title">The flow from the backend to the function</title>
<desc id="flow-told">${told}</desc>
${lanes}${steps.map(arrow)}</svg>`;
}

/** What API Gateway answers when the function was called and did not answer as it should. */
const AFTER_THE_FUNCTION = [502, 504];

/**
 * Tells how far a call came that did not pass. API Gateway names an error class in whatever it answers itself; an answer without one
 * is the function's own. https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
function reached(
  step: StepResult,
  stops: readonly Lane[],
): { readonly stops: readonly Lane[]; readonly answered: boolean } {
  const [caller = "Client", next = "API"] = stops;
  if (step.status !== "failed") {
    return { stops, answered: true };
  }
  const answer = answered(step);
  if (answer === undefined) {
    // Looked into and found wrong, or nobody knows how far it came.
    return step.expected?.includes(": ") && step.actual?.startsWith(step.expected.split(": ")[0] ?? "")
      ? { stops, answered: true }
      : { stops: [caller, next], answered: false };
  }
  const ofGateway = answer.errorClass !== "" && !AFTER_THE_FUNCTION.includes(answer.status);
  return { stops: ofGateway ? [caller, next] : stops, answered: true };
}

/** Tells in words where the arrow ends, where it is not at its aim. */
function refusedBy(step: StepResult): string {
  const way = WAYS[step.name as StepName];
  const { stops, answered } = reached(step, way);
  const end = stops.at(-1);
  return `${end === way.at(-1) ? "" : ` at ${end}`}${answered ? "" : ", without an answer"}`;
}

function arrow(step: StepResult, index: number): Markup {
  const { name, status, title } = step;
  const way = WAYS[name as StepName].map((lane) => LANES[lane]);
  const came = reached(step, WAYS[name as StepName]);
  const stops = came.stops.map((lane) => LANES[lane]);
  const [from = 0, next = 0] = stops;
  const y = LANE_HEAD + index * LANE_ROW + 34;
  const direction = Math.sign(next - from);
  const legs = stops.slice(1).map((to, leg) => {
    const start = (stops[leg] ?? 0) + (leg === 0 ? direction * (MARK_SIZE / 2 + 2) : 0);
    const tip = to - direction * 2;
    const base = tip - direction * ARROWHEAD;
    return markup`<path class="way" d="M${start} ${y}H${base}"/><path class="head" d="M${tip} ${y}L${base} ${y - 4}V${y + 4}z"/>`;
  });
  const end = stops.at(-1) ?? 0;
  const wall =
    answered(step) !== undefined && status === "failed"
      ? markup`<path class="wall" d="M${end} ${y - 9}v18"/>`
      : undefined;
  // Its name stands where no arrow passes: on the right, unless the arrow goes there to the end.
  const right = Math.max(...way) < LANES.Lambda;
  const x = right ? Math.max(...way) + (direction > 0 ? 12 : 16) : from - 16;
  const anchor = right ? "start" : "end";
  return markup`<g class="step ${status}${came.answered ? "" : " lost"}">${legs}${wall}
${markAt(from, y, MARK_SIZE, status)}
<text class="name" x="${x}" y="${y - 3}" text-anchor="${anchor}">${index + 1} ${name}<tspan class="state"> ${status}</tspan></text>
<text class="title" x="${x}" y="${y + 11}" text-anchor="${anchor}">${title}</text></g>
`;
}

const BAR_WIDTH = 240;
const BAR_HEIGHT = 12;
/** A step too short for the scale still shows. */
const SHORTEST = 2;

/** Lists the steps: when each ran and for how long, and what was seen, the rest of which unfolds. Each begins where the one before ended. */
export function stepRows(steps: readonly StepResult[]): Markup {
  const total = steps.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const scale = (ms: number) => coordinate((ms / Math.max(1, total)) * BAR_WIDTH);
  let begun = 0;
  const rows = steps.map((step, index) => {
    const { name, status, title, durationMs, actual, notes } = step;
    const start = begun;
    begun += durationMs;
    const time = status === "skipped" ? "skipped" : formatDuration(durationMs);
    const drawing = status === "skipped" ? undefined : bar(step, start, scale);
    // What failed is shown above in full.
    const told = status === "failed" ? "" : firstLine(actual ?? notes.join(" "));
    return markup`<details class="line ${status}"><summary>${mark(status)}<span class="what"><strong>${index + 1} ${name}</strong></span><b>${time}</b><span class="title">${breakable(title)}</span>${drawing}<small class="told">${breakable(told)}</small></summary>
${seen(step)}</details>
`;
  });
  return markup`<div class="steps">${rows}</div>`;
}

/** Draws the time; what was spent waiting is the lighter part: it is the deployment's, not the call's. */
function bar(step: StepResult, start: number, scale: (ms: number) => number): Markup {
  const width = Math.max(SHORTEST, scale(step.durationMs));
  const worked = Math.max(SHORTEST, scale(step.durationMs - step.waitedMs));
  const x = Math.min(scale(start), BAR_WIDTH - width);
  const remarks = circumstances(step).join(", ");
  return markup`<span class="bar"><svg class="${step.status}" viewBox="0 0 ${BAR_WIDTH} ${BAR_HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path class="axis" d="M0 6H${BAR_WIDTH}"/><rect class="waited" x="${x}" y="1" width="${width}" height="10"/><rect class="worked" x="${x}" y="1" width="${worked}" height="10"/></svg>${remarks === "" ? undefined : markup`<small>${remarks}</small>`}</span>`;
}

/** Rounds a coordinate to a tenth of a unit: what is finer nobody sees, and everybody loads. */
export function coordinate(value: number): number {
  return Math.round(value * 10) / 10;
}
