/** When each step ran and for how long, one under the other. */
import type { StepResult } from "../../report";
import { circumstances, formatDuration } from "../timing";
import { coordinate } from "./coordinate";
import { type Markup, markup } from "./markup";
import { statusMark } from "./status-mark";

const WIDTH = 240;
const HEIGHT = 16;
/** A step too short for the scale still shows. */
const SHORTEST = 2;

/**
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
<td role="cell" class="bar">${step.status === "skipped" ? null : markup`${bar(step, start, scale)}${remarks(step)}`}</td>
<td role="cell" class="number">${step.status === "skipped" ? "skipped" : formatDuration(step.durationMs)}</td></tr>
`;
  });
  return markup`<table class="timeline" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Step</th><th role="columnheader" scope="col">From start to end</th><th role="columnheader" scope="col" class="number">Time</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody></table>`;
}

/** The time spent waiting is the lighter part: it is the deployment's, not the call's. */
function bar(step: StepResult, start: number, scale: (ms: number) => number): Markup {
  const width = Math.max(SHORTEST, scale(step.durationMs));
  const x = Math.min(scale(start), WIDTH - width);
  return markup`<svg class="${step.status}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path class="axis" d="M0 ${HEIGHT / 2}H${WIDTH}"/><rect class="waited" x="${x}" y="2" width="${width}" height="12"/><rect class="worked" x="${x}" y="2" width="${Math.max(SHORTEST, scale(step.durationMs - step.waitedMs))}" height="12"/></svg>`;
}

function remarks(step: StepResult): Markup | null {
  const parts = circumstances(step);
  return parts.length === 0 ? null : markup`<small>${parts.join(", ")}</small>`;
}
