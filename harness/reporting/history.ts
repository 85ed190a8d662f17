/** Earlier reports, from which the trend is drawn. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type ReadonlyDeep, STATUSES } from "../report";

/** Only what the trend needs, so that reports of other versions of the harness serve as well. */
const earlierReport = z.object({
  schemaVersion: z.literal(1),
  /** The way that was walked. */
  via: z.literal("login").optional(),
  /** There when many users walked: such runs have a trend of their own. */
  load: z.unknown().optional(),
  startedAt: z.iso.datetime(),
  steps: z.array(
    z.object({ name: z.string(), status: z.enum(STATUSES), durationMs: z.number().nonnegative() }),
  ),
});

/** A report, as far as the trend needs it. */
export type EarlierReport = ReadonlyDeep<z.infer<typeof earlierReport>>;

/** What was found of earlier reports. */
export interface History {
  /** From the oldest to the latest. */
  readonly reports: readonly EarlierReport[];
  /** Why files were passed over. */
  readonly warnings: readonly string[];
}

/** More than these would bury what else there is to read. */
const MOST_WARNINGS = 5;

/**
 * Reads every JSON file in the directory and below; what is not a report of this harness is passed over with a warning.
 * A report that is there twice, as under `latest/`, counts once.
 */
export function readHistory(directory: string): History {
  const reports = new Map<string, EarlierReport>();
  const warnings: string[] = [];
  for (const file of jsonFiles(directory, warnings)) {
    const result = read(join(directory, file));
    if (typeof result === "string") {
      warnings.push(`--history: passed over ${file}: ${result}.`);
    } else {
      reports.set(result.startedAt, result);
    }
  }
  const more = warnings.splice(MOST_WARNINGS).length;
  return {
    reports: [...reports.values()].toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt)),
    warnings: more > 0 ? [...warnings, `--history: passed over ${more} more files.`] : warnings,
  };
}

function jsonFiles(directory: string, warnings: string[]): readonly string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".json"))
      .sort();
  } catch (error) {
    warnings.push(
      `--history: cannot read ${directory} (${(error as NodeJS.ErrnoException).code}); the report shows no trend.`,
    );
    return [];
  }
}

/** Reads the report, or says what is wrong with it. */
function read(file: string): EarlierReport | string {
  try {
    return earlierReport.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    return error instanceof z.ZodError
      ? "it is not a report of this harness"
      : ((error as NodeJS.ErrnoException).code ?? "it is not JSON");
  }
}
