/** The flow as a sequence diagram: who calls whom, and what became of it. */
import { STEP_NAMES, type StepName, type StepResult } from "../../report";
import { type Markup, markup } from "./markup";

/** Narrow enough for a phone, so that its letters need not shrink there. */
const WIDTH = 340;
const HEAD = 40;
const ROW = 58;

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
  credentials: { path: ["Client", "Cognito"], label: "right" },
  call: { path: ["Client", "API", "Lambda"], label: "left" },
};

const MARK = 18;
const ARROWHEAD = 6;

export function flowPicture(steps: readonly StepResult[]): Markup {
  const height = HEAD + STEP_NAMES.length * ROW + 8;
  const told = steps.map(({ name, status }) => `${name} ${status}`).join(", ");
  return markup`<svg class="flow" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="flow-title flow-told">
<title id="flow-title">The flow from the backend to the function</title>
<desc id="flow-told">${told}</desc>
${Object.entries(LANES).map(
  ([
    name,
    x,
  ]) => markup`<g class="lane"><path d="M${x} ${HEAD - 10}V${height}"/><rect x="${x - 31}" y="2" width="62" height="26" rx="6"/><text x="${x}" y="19.5" text-anchor="middle">${name}</text></g>
`,
)}${steps.map((step, index) => arrow(step, index))}</svg>`;
}

function arrow(step: StepResult, index: number): Markup {
  const { path, label } = ARROWS[step.name as StepName];
  const stops = path.map((lane) => LANES[lane]);
  const [from = 0, next = 0] = stops;
  const y = HEAD + index * ROW + 34;
  const direction = Math.sign(next - from);
  const legs = stops.slice(1).map((to, leg) => {
    const start = (stops[leg] ?? 0) + (leg === 0 ? direction * (MARK / 2 + 2) : 0);
    const tip = to - direction * 2;
    const base = tip - direction * ARROWHEAD;
    return markup`<path class="way" d="M${start} ${y}H${base}"/><path class="head" d="M${tip} ${y}L${base} ${y - 4}V${y + 4}z"/>`;
  });
  const right = label === "right";
  const x = right ? Math.max(...stops) + (direction > 0 ? 12 : 16) : from - 16;
  const anchor = right ? "start" : "end";
  return markup`<g class="step ${step.status}">${legs}
<svg x="${from - MARK / 2}" y="${y - MARK / 2}" width="${MARK}" height="${MARK}" class="mark ${step.status}"><use href="#${step.status}"/></svg>
<text class="name" x="${x}" y="${y - 3}" text-anchor="${anchor}">${index + 1} ${step.name}<tspan class="state"> ${step.status}</tspan></text>
<text class="title" x="${x}" y="${y + 11}" text-anchor="${anchor}">${step.title}</text></g>
`;
}
