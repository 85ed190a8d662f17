/** `npm run cost`: counts what runs use of AWS, on local AWS, and writes what that costs into docs/cost.md. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { npmCommand } from "./command";
import { costTables } from "./cost/estimate";
import { type CountedRuns, countRuns } from "./cost/usage";
import { withGeneratedPart } from "./generated-part";

export const COST_FILE = path.join(__dirname, "../docs/cost.md");

/** What was counted last: bytes of log differ by a few from run to run, so they are not counted anew to see whether the page is current. */
export const COUNTED_FILE = path.join(__dirname, "cost/counted.json");

export const readCounted = (): CountedRuns => JSON.parse(readFileSync(COUNTED_FILE, "utf8"));

/** The text of docs/cost.md with its tables as they should be. */
export function withCosts(text: string, counted: CountedRuns): string {
  const part = { name: "costs", command: "npm run cost" };
  return withGeneratedPart(text, part, costTables(counted), COST_FILE);
}

async function main(): Promise<void> {
  npmCommand(
    "cost",
    "Counts on local AWS what runs use of AWS, and writes what it costs into docs/cost.md.",
  ).parse();
  const counted = await countRuns();
  writeFileSync(COUNTED_FILE, `${JSON.stringify(counted, null, 2)}\n`);
  writeFileSync(COST_FILE, withCosts(readFileSync(COST_FILE, "utf8"), counted));
}

if (require.main === module) {
  void main().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
