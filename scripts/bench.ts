/** `npm run bench`: what things take here, each beside something that says what is to be expected of this machine. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { InvalidArgumentError } from "commander";
import { ENDINGS } from "../harness";
import { formatDuration } from "../harness/run/durations";
import {
  machineLine,
  RESULTS_FILE,
  type Result,
  type Results,
  readResults,
  resultsOf,
} from "./bench/results";
import { evaluate, NotMeasuredError, type Row } from "./bench/row";
import { chooseRows, ROWS } from "./bench/rows";
import { tableLines, withBenchTable } from "./bench/table";
import { npmCommand } from "./command";
import { killRunning } from "./process";
import { PROJECT } from "./workspace";

interface Options {
  readonly only?: readonly Row[];
  readonly pairs?: number;
  readonly results?: string;
  readonly readme?: boolean;
}

const README_FILE = path.join(PROJECT, "README.md");

const options = npmCommand(
  "bench",
  "Measures what things take, each beside something else in the same run: one of each in turn, medians, least and greatest, processor time beside time on the clock.",
)
  .option(
    "--only <ROWS>",
    `of these rows, with commas between: ${ROWS.map(({ name }) => name).join(", ")}`,
    readRows,
  )
  .option("--pairs <N>", "so many pairs of each row instead of its own number, which is 5 or more", readPairs)
  .option("--results <FILE>", "write what was found as JSON (default: bench/results.json, with --only none)")
  .option("--readme", "write the README's table from bench/results.json, and measure nothing")
  .addHelpText("after", "\nExit codes: 0 measured, whatever the aims; 1 a row failed; 2 wrong usage.")
  .parse()
  .opts<Options>();

/** @throws InvalidArgumentError when there is no such row */
function readRows(text: string): readonly Row[] {
  try {
    return chooseRows(text.split(","));
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** @throws InvalidArgumentError below one */
function readPairs(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new InvalidArgumentError("Not a number of pairs: give 1 or more, e.g. 5.");
  }
  return number;
}

async function bench({ only, pairs, results: file }: Options): Promise<void> {
  const rows: Result[] = [];
  for (const row of only ?? ROWS) {
    const began = performance.now();
    rows.push(await measured(row, pairs));
    console.error(`${row.name}: ${formatDuration(performance.now() - began)}`);
  }
  const results = resultsOf(rows);
  console.log(`\n${machineLine(results)}\n`);
  console.log(tableLines(results).join("\n"));
  save(results, file ?? (only === undefined ? RESULTS_FILE : undefined));
}

async function measured(row: Row, pairs = row.rounds.counted): Promise<Result> {
  const { name, what, against, as } = row;
  try {
    const samples = await row.measure({ ...row.rounds, counted: pairs });
    return { name, what, against, as, ...evaluate(row, samples) };
  } catch (error) {
    const [reason = ""] = (error as Error).message.split("\n");
    if (!(error instanceof NotMeasuredError)) {
      console.error(`${name}: ${(error as Error).message}`);
      process.exitCode = 1;
    }
    return { name, what, against, as, notMeasured: reason };
  }
}

function save(results: Results, file: string | undefined): void {
  if (file !== undefined) {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  }
}

// The SDK's versions are pinned; that later ones will drop this Node is none of the bench's figures.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    killRunning();
    process.exit(ENDINGS.interrupted.code);
  });
}
if (options.readme) {
  writeFileSync(README_FILE, withBenchTable(readFileSync(README_FILE, "utf8"), readResults()));
} else {
  void bench(options);
}
