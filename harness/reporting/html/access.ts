/** Who may call what, as a table of report.html: a row a route, a column a kind of caller. */
import { accessCounts, accessProblems, accessRows, CALLER_NAMES } from "../../access/words";
import { type AccessCell, type AccessReport, CALLERS } from "../../report";
import { type Markup, markup, row, table } from "./markup";

/** Shows what is wrong before the table, and what else there is to know after it; nothing where it was not asked. */
export function accessTable(access: AccessReport | undefined): Markup | undefined {
  if (access === undefined) {
    return undefined;
  }
  const rows = accessRows(access).map(({ route, cells }) => {
    const status = cells.some((cell) => cell.status === "failed") ? "failed" : "passed";
    const shown = CALLERS.map((caller) => cellOf(caller, cells));
    return row(status, markup`<code>${route}</code>`, markup`${shown}`);
  });
  const columns = ["Route", ...CALLERS.map((caller) => CALLER_NAMES[caller])];
  const caption = markup`<caption>As ${access.source} declares: ${accessCounts(access)}. ✓ as declared, ✗ not so; ≈ computed from the deployed policies, as no call was made that tells, which neither passes nor fails.</caption>`;
  return markup`${list("problems", accessProblems(access))}
${table("access", columns, rows, caption)}
${list("facts", access.notes)}`;
}

function cellOf(caller: AccessCell["caller"], cells: readonly AccessCell[]): Markup {
  const cell = cells.find((one) => one.caller === caller);
  const label = CALLER_NAMES[caller];
  if (cell === undefined) {
    return markup`<td role="cell" class="none" data-label="${label}">–</td>`;
  }
  const { status, observed, computed, expected, note } = cell;
  const small = note === null ? undefined : markup`<small>${note}</small>`;
  const said =
    observed !== null
      ? markup`<span aria-hidden="true">${status === "failed" ? "✗" : "✓"}</span> ${observed}${status === "failed" ? ", not as declared" : ""}`
      : computed !== null
        ? markup`<span aria-hidden="true">≈</span> <em>${computed}</em> (computed)${computed === expected ? "" : ", not as declared"}`
        : markup`not known`;
  return markup`<td role="cell" class="${observed === null && computed !== null && computed !== expected ? "degraded" : status}" data-label="${label}"><div>${said}${small}</div></td>`;
}

function list(name: string, lines: readonly string[]): Markup | undefined {
  return lines.length === 0
    ? undefined
    : markup`<ul class="${name}">${lines.map((line) => markup`<li>${line}</li>`)}</ul>`;
}
