/** The bench's table: at a terminal with a line for each row, and in Markdown for the README. */
import { type GeneratedPart, withGeneratedPart } from "../generated-part";
import { machineLine, type Result, type Results } from "./results";
import type { Aim, Figure, Judged, Measure } from "./row";

const MEASURES: Readonly<Record<Measure, string>> = { wall: "wall", cpu: "CPU", memory: "memory" };

/** Returns the lines to print: the table, and below it what its names stand for. */
export function tableLines({ rows }: Pick<Results, "rows">): string[] {
  const table = [
    ["", "wall", "ratio (min–max)", "CPU", "ratio (min–max)", "aim"],
    ...rows.map((row) => [row.name, ...cells(row)]),
  ];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((line) => (line.length < 6 ? 0 : [...(line[column] ?? "")].length))),
  );
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const padded = (line: readonly string[]) =>
    line.map((cell, column) => cell.padEnd(Math.max(widths[column] ?? 0, column === 0 ? nameWidth : 0)));
  return [
    ...table.map((line) => padded(line).join("  ").trimEnd()),
    "",
    ...rows.map(({ name, what, against }) => `${name.padEnd(nameWidth)}  ${what} : ${against}`),
  ];
}

/** Of wall and CPU what both took and the ratio; then the aims. */
function cells(row: Result): string[] {
  if ("notMeasured" in row) {
    return [`not measured: ${row.notMeasured}`];
  }
  const { figures, aims } = row;
  const ofBoth = (["wall", "cpu"] as const).flatMap((measure) => {
    const figure = figures[measure];
    return figure === undefined ? ["", ""] : [both(figure, measure), ratio(figure)];
  });
  return [...ofBoth, aims.length === 0 ? "none, reported" : aims.map(judged).join(", ")];
}

const both = ({ a, b }: Figure, measure: Measure) =>
  `${quantity(a.median, measure)} : ${quantity(b.median, measure)}`;

const ratio = ({ ratio: { median, min, max } }: Figure) => `${times(median)} (${number(min)}–${number(max)})`;

/** Reads e.g. `CPU 1.12× ≤ 1.3× ✓`. */
function judged({ aim, value, met }: Judged): string {
  const found = "atMostMore" in aim ? `${quantity(value, aim.of)} more` : times(value);
  return `${MEASURES[aim.of]} ${found} ${limit(aim)} ${met ? "✓" : "✗"}`;
}

function limit(aim: Aim): string {
  if ("atMostMore" in aim) {
    return `≤ ${quantity(aim.atMostMore, aim.of)}`;
  }
  return "atMost" in aim ? `≤ ${aim.atMost}×` : `≥ ${aim.atLeast}×`;
}

const times = (value: number) => `${number(value)}×`;

/** Three figures are more than a noisy machine knows. */
const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

function quantity(value: number, measure: Measure): string {
  if (measure === "memory") {
    return value < 10_000 ? `${number(value)} B` : `${number(value / 2 ** 20)} MiB`;
  }
  return value < 1000 ? `${number(value)} ms` : `${number(value / 1000)} s`;
}

/** Where the README has the table. */
export const README_PART: GeneratedPart = { name: "bench", command: "npm run bench -- --readme" };

/** The README with the table of these results. */
export function withBenchTable(readme: string, results: Results): string {
  const missed = results.rows.filter((row) => "aims" in row && row.aims.some(({ met }) => !met));
  const content = [
    `Measured on ${results.measuredAt.slice(0, 10)}, ${pairs(results)} pairs a row: ${machineLine(results)}.`,
    "",
    "| | against | wall: ratio (min–max) | CPU: ratio (min–max) | aim |",
    "|---|---|---|---|---|",
    ...results.rows.map(markdownRow),
    "",
    missed.length === 0
      ? "Every aim that was measured is met."
      : `Missed: ${missed.map(({ name }) => `\`${name}\``).join(", ")}.`,
  ].join("\n");
  return withGeneratedPart(readme, README_PART, content, "README.md");
}

/** How many pairs the rows have, e.g. `5 to 40`. */
function pairs({ rows }: Results): string {
  const counts = rows.flatMap((row) => ("rounds" in row ? [row.rounds] : []));
  return [...new Set([Math.min(...counts), Math.max(...counts)])].join(" to ");
}

function markdownRow(row: Result): string {
  const title = `\`${row.name}\`: ${row.what}`;
  if ("notMeasured" in row) {
    return `| ${title} | ${row.against} | | | not measured: ${row.notMeasured} |`;
  }
  const [wall = "", wallRatio = "", cpu = "", cpuRatio = "", aims = ""] = cells(row);
  const together = (...texts: readonly string[]) => texts.filter((text) => text !== "").join(", ");
  return `| ${title} | ${row.against} | ${together(wall, wallRatio)} | ${together(cpu, cpuRatio)} | ${aims} |`;
}
