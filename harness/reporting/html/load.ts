/** A load run in report.html: percentiles, errors by class, and a histogram of each step's times. */
import { figure, LOAD_COLUMNS, loadErrors, loadProblems, loadRows, loadSentence } from "../../load/words";
import type { LoadReport } from "../../report";
import { formatDuration } from "../../run/durations";
import { coordinate } from "./drawings";
import { type Markup, markup, row, table } from "./markup";
import { breakable } from "./text";

/** A histogram's, in pixels: as wide as it is shown, so that its letters keep their size. */
const WIDTH = 320;
const HEIGHT = 130;
const LEFT = 6;
const RIGHT = WIDTH - 6;
const TOP = 18;
const BOTTOM = HEIGHT - 22;
/** Between two bars. */
const GAP = 2;

type LoadStep = LoadReport["steps"][number];

/** Shows it; nothing of another run. */
export function loadSection(load: LoadReport | undefined): Markup | undefined {
  if (load === undefined) {
    return undefined;
  }
  const rows = loadRows(load).map(([name = "", ...cells], index) => {
    const failed = (load.steps[index]?.failed ?? 0) > 0;
    const shown = cells.map(
      (cell, column) => markup`<td role="cell" data-label="${LOAD_COLUMNS[column + 1] ?? ""}">${cell}</td>`,
    );
    return row(failed ? "failed" : "passed", markup`${name}`, markup`${shown}`);
  });
  const caption = markup`<caption>${loadSentence(load)}. Times are of those who passed the step, waits between attempts included; bars beyond the p95 are amber.</caption>`;
  return markup`${list("problems", loadProblems(load))}
${table("load", LOAD_COLUMNS, rows, caption)}
${list("errors", loadErrors(load))}
<div class="charts">${load.steps.filter(({ histogram }) => histogram.length > 0).map(histogram)}</div>`;
}

function histogram({ name, histogram: bars, passed, p50Ms, p95Ms }: LoadStep): Markup {
  const most = Math.max(...bars.map(({ count }) => count));
  const width = (RIGHT - LEFT) / bars.length;
  const drawn = bars.map(({ aboveMs, toMs, count }, index) => {
    const x = LEFT + index * width;
    const height = count === 0 ? 0 : Math.max(1, (count / most) * (BOTTOM - TOP));
    const range = toMs === null ? `above ${formatDuration(aboveMs)}` : `${time(aboveMs)} to ${time(toMs)}`;
    return markup`<g><title>${range}: ${figure(count)}</title><rect class="${aboveMs >= (p95Ms ?? 0) ? "tail" : "mass"}" x="${coordinate(x + GAP / 2)}" y="${coordinate(BOTTOM - height)}" width="${coordinate(Math.max(1, width - GAP))}" height="${coordinate(height)}"/>${count === most ? markup`<text x="${coordinate(x + width / 2)}" y="${coordinate(BOTTOM - height - 5)}" text-anchor="middle">${figure(count)}</text>` : undefined}</g>`;
  });
  const first = bars[0]?.aboveMs ?? 0;
  const last = bars.at(-1)?.toMs ?? null;
  const middle = bars.length > 3 ? bars[Math.floor(bars.length / 2)]?.aboveMs : undefined;
  const middleX = coordinate(LEFT + Math.floor(bars.length / 2) * width);
  const told = bars.map(
    ({ toMs, count }) => `${figure(count)} up to ${toMs === null ? "any time" : time(toMs)}`,
  );
  return markup`<figure><figcaption><strong>${name}</strong> <small>${figure(passed)} times: half within ${time(p50Ms ?? 0)}, 95 % within ${time(p95Ms ?? 0)}</small></figcaption>
<svg class="histogram" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${name}: ${told.join(", ")}"><path class="axis" d="M${LEFT} ${BOTTOM}H${RIGHT}"/>${drawn}<text x="${LEFT}" y="${HEIGHT - 5}">${time(first)}</text>${middle === undefined ? undefined : markup`<text x="${middleX}" y="${HEIGHT - 5}" text-anchor="middle">${time(middle)}</text>`}<text x="${RIGHT}" y="${HEIGHT - 5}" text-anchor="end">${last === null ? "longer" : time(last)}</text></svg></figure>
`;
}

/** Writes a bound: 1.5 ms is one. */
function time(ms: number): string {
  return ms < 10 ? `${ms} ms` : formatDuration(ms);
}

function list(name: string, lines: readonly string[]): Markup | undefined {
  return lines.length === 0
    ? undefined
    : markup`<ul class="${name}">${lines.map((line) => markup`<li>${breakable(line)}</li>`)}</ul>`;
}
