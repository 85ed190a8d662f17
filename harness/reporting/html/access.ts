/** Who may call what, in report.html: what is wrong with it, and a table with a row a route and a column a kind of caller. */
import { accessCounts, accessProblems, accessRows, CALLER_NAMES } from "../../access/words";
import { type AccessCell, type AccessReport, CALLERS } from "../../report";
import { mark } from "./drawings";
import { type Markup, markup, row, table } from "./markup";
import { breakable } from "./text";

/** Lists what fails the run, to stand among what else does; nothing where all is as declared or was not asked. */
export function accessCard(access: AccessReport | undefined): Markup | undefined {
  const problems = accessProblems(access);
  return problems.length === 0
    ? undefined
    : markup`<article class="card"><h3>${mark("failed")} <a href="#access">Who may call what</a></h3>
<ul class="problems">${problems.map((problem) => markup`<li>${breakable(problem)}</li>`)}</ul></article>
`;
}

/** Shows every cell; nothing where it was not asked. What several cells have to say is said once, below the table. */
export function accessTable(access: AccessReport | undefined): Markup | undefined {
  if (access === undefined) {
    return undefined;
  }
  const { source, cells, notes } = access;
  const told = [...new Set(cells.flatMap(({ status, note }) => (status === "failed" ? [] : (note ?? []))))];
  const known = cells.some((cell) => cell.observed !== null || isComputed(cell));
  const counts = markup`As ${source} declares: ${accessCounts(access)}.`;
  return known
    ? markup`${matrix(access, markup`${counts} ✓ as declared, ✗ not so${cells.some(isComputed) ? LEGEND : "."}`, told)}
${list("footnotes", told)}
${list("facts", notes)}`
    : markup`<p class="caption">${counts}</p>
${list("facts", [...told, ...notes])}`;
}

const LEGEND =
  "; ≈ computed from the deployed policies where no call was made that tells, which neither passes nor fails.";

function isComputed({ observed, computed }: AccessCell): boolean {
  return observed === null && computed !== null;
}

/** @param told the notes, by whose place in it a cell refers to its own */
function matrix(access: AccessReport, caption: Markup, told: readonly string[]): Markup {
  const rows = accessRows(access).map(({ route, cells }) => {
    const status = cells.some((cell) => cell.status === "failed") ? "failed" : "passed";
    const shown = CALLERS.map((caller) =>
      cellOf(
        caller,
        cells.find((cell) => cell.caller === caller),
        told,
      ),
    );
    return row(status, markup`<code>${breakable(route)}</code>`, markup`${shown}`);
  });
  const columns = ["Route", ...CALLERS.map((caller) => CALLER_NAMES[caller])];
  return table("access", columns, rows, markup`<caption>${caption}</caption>`);
}

function cellOf(caller: AccessCell["caller"], cell: AccessCell | undefined, told: readonly string[]): Markup {
  const label = CALLER_NAMES[caller];
  if (cell === undefined) {
    return markup`<td role="cell" class="none" data-label="${label}">–</td>`;
  }
  const { status, observed, computed, expected, note } = cell;
  const differs = (observed ?? computed ?? expected) !== expected;
  const said =
    observed !== null
      ? markup`<span aria-hidden="true">${differs ? "✗" : "✓"}</span> ${observed}`
      : computed !== null
        ? markup`<span aria-hidden="true">≈</span> <em>${computed}</em> <small>computed</small>`
        : markup`not known`;
  const footnote =
    note === null || status === "failed" ? undefined : markup`<sup>${told.indexOf(note) + 1}</sup>`;
  const declared = differs ? markup` <small class="below">declared: ${expected}</small>` : undefined;
  const why =
    note !== null && status === "failed" ? markup` <small class="below">${note}</small>` : undefined;
  const shown = status === "skipped" && differs ? "degraded" : status;
  return markup`<td role="cell" class="${shown}" data-label="${label}"><div>${said}${footnote}${declared}${why}</div></td>`;
}

function list(name: string, lines: readonly string[]): Markup | undefined {
  const items = lines.map((line) => markup`<li>${breakable(line)}</li>`);
  const listed =
    name === "footnotes"
      ? markup`<ol class="footnotes">${items}</ol>`
      : markup`<ul class="${name}">${items}</ul>`;
  return lines.length === 0 ? undefined : listed;
}
