/** Steps and refusals in words: what failed at length, the rest on demand, the refusals as a table. */

import { firstLine } from "../../calls/first-line";
import type { StepResult } from "../../report";
import { timing } from "../timing";
import { comparison } from "./comparison";
import { type Markup, markup } from "./markup";
import { statusMark } from "./status-mark";

/** All there is to know of what failed, the likely cause before the evidence. */
export function failureCard(result: StepResult): Markup {
  return markup`<article class="card ${result.status}"><h3>${statusMark(result.status)} ${result.name}<span class="title">${result.title}</span></h3>
${result.hint === null ? null : markup`<p class="hint"><strong>Most likely:</strong> ${result.hint}</p>`}
${comparison(result.expected, result.actual)}
${findings(result)}${facts(result)}</article>
`;
}

/** What was seen in each step, folded away. */
export function stepDetails(steps: readonly StepResult[]): Markup {
  return markup`<details><summary>What was seen in each step</summary>
${steps.map(
  (
    step,
    index,
  ) => markup`<section class="seen"><h3>${statusMark(step.status)} ${index + 1} ${step.name}<span class="title">${step.title}</span></h3>
${step.actual === null ? null : markup`<p><code>${step.actual}</code></p>`}${facts(step)}</section>
`,
)}</details>`;
}

/** On a narrow screen its cells stand one under the other; the roles keep it a table there. */
export function refusalTable(refusals: readonly StepResult[]): Markup {
  return markup`<table class="refusals" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Refusal</th><th role="columnheader" scope="col">Expected</th><th role="columnheader" scope="col">Answer</th></tr></thead>
<tbody role="rowgroup">${refusals.map(
    (
      refusal,
    ) => markup`<tr role="row" class="${refusal.status}"><th role="rowheader" scope="row">${statusMark(refusal.status)} ${refusal.name}<span class="title">${refusal.title}</span></th>
<td role="cell" data-label="Expected"><code>${refusal.expected ?? "–"}</code><small>${documented(refusal)}</small></td>
<td role="cell" data-label="Answer"><code>${refusal.actual === null ? "–" : firstLine(refusal.actual)}</code>${[timing(refusal), ...refusal.notes].map((text) => markup`<small>${text}</small>`)}</td></tr>
`,
  )}</tbody></table>`;
}

function findings({ findings: lines }: StepResult): Markup | null {
  return lines.length === 0
    ? null
    : markup`<div class="findings"><h4>Looked up</h4><pre tabindex="0">${lines.join("\n")}</pre></div>
`;
}

function facts(result: StepResult): Markup {
  const request = result.requestId === null ? null : markup`request <code>${result.requestId}</code>`;
  const known = [timing(result), request, ...result.notes, documented(result)];
  return markup`<ul class="facts">${known.filter((fact) => fact !== null).map((fact) => markup`<li>${fact}</li>`)}</ul>`;
}

/** Only web addresses become links. */
function documented({ source }: StepResult): Markup | null {
  return source === null || !/^https:\/\//.test(source)
    ? null
    : markup`<a href="${source}" rel="noreferrer">documented</a>`;
}
