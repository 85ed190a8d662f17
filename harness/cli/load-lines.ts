/** A load run in lines of text: who came, the percentiles of each step, errors by class, and limits that were missed. */
import { LOAD_COLUMNS, loadErrors, loadProblems, loadRows, loadSentence } from "../load/words";
import type { Report } from "../report";
import type { Colorize } from "./screen";

/** Writes the lines; none of another run. */
export function loadLines({ load }: Report, colorize: Colorize): string[] {
  if (load === undefined) {
    return [];
  }
  const rows = [LOAD_COLUMNS, ...loadRows(load)];
  const widths = LOAD_COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const table = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
  const [head = "", ...body] = table;
  return [
    "",
    colorize("bold", "Load"),
    `  ${loadSentence(load)}`,
    colorize("dim", `  ${head}`),
    ...body.map((line) => `  ${line}`),
    ...loadErrors(load).map((line) => colorize("yellow", `  ${line}`)),
    ...loadProblems(load).map((line) => colorize("red", `  ${line}`)),
  ];
}
