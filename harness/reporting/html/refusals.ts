/** The refusals in report.html: a line each, in groups; what was expected and what came unfolds. */
import { countByStatus, type StepResult } from "../../report";
import { groupRefusals, type RefusalGroup, skippedByReason } from "../refusal-groups";
import { answered, isUncertain, UNCERTAIN } from "../words";
import { mark } from "./drawings";
import { type Markup, markup } from "./markup";
import { seen } from "./result";
import { breakable } from "./text";

/** Shows all; what was skipped is a line for each reason. */
export function refusalGroups(refusals: readonly StepResult[]): Markup {
  const asked = refusals.filter(({ status }) => status !== "skipped");
  const skipped = [...skippedByReason(refusals)].map(
    ([
      reason,
      results,
    ]) => markup`<details class="line"><summary>${mark("skipped")}<span class="what">${results.length} skipped: ${breakable(reason)}</span></summary>
<ul>${results.map(({ name, title }) => markup`<li><code>${name}</code> ${breakable(title)}</li>`)}</ul></details>
`,
  );
  const legend = asked.some(isUncertain) ? markup`<p class="legend">${BADGE} ${UNCERTAIN}</p>` : undefined;
  return markup`<div class="groups">${groupRefusals(asked).map(group)}</div>
${skipped}${legend}`;
}

/** Marks an answer that AWS does not document for certain. */
const BADGE = markup`<svg class="badge" width="12" height="12" role="img" aria-label="not documented for certain"><use href="#uncertain"/></svg>`;

function group({ title, refusals }: RefusalGroup): Markup {
  const counts = countByStatus(refusals).map(([status, count]) => `${count} ${status}`);
  return markup`<section class="group"><h3>${title} <small>${counts.join(", ")}</small></h3>
${refusals.map(line)}</section>
`;
}

function line(refusal: StepResult): Markup {
  const { name, status, title, actual } = refusal;
  const badge = isUncertain(refusal) ? markup`${BADGE} ` : undefined;
  // A check of CORS passes with more than a status.
  const came = answered(refusal)?.status ?? /^[1-5]\d\d\b/.exec(actual ?? "")?.[0];
  return markup`<details class="line ${status}"><summary>${mark(status)}<span class="what">${breakable(title)}</span><b>${badge}${came}</b></summary>
<p><code>${name}</code></p>${seen(refusal)}</details>
`;
}
