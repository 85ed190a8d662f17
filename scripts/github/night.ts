/** What a night left behind: its report, or why there is none; and what failed in it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseReport, type Report } from "../../harness/report";
import { type Failure, failures, headline } from "../../harness/reporting/words";

/** What a night found. Its texts may be what a server answered. */
export interface Night {
  /** The outcome in a sentence. */
  readonly headline: string;
  /** Empty when the verification passed. The first is the most telling. */
  readonly failures: readonly Failure[];
  /** Undefined when the verification itself didn't run to a report. */
  readonly report?: Report;
}

/** Reads `report.json` in the directory; one that is missing or can't be read is a failure of the night, and not an error here. */
export function readNight(directory: string): Night {
  const file = path.join(directory, "report.json");
  try {
    const report = parseReport(readFileSync(file, "utf8"));
    return { headline: headline(report), failures: failuresOf(report), report };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return notRun(
      code === "ENOENT" ? `${file} is not there` : `${file} can't be read (${code ?? "it is not a report"})`,
    );
  }
}

function notRun(actual: string): Night {
  const sentence = "The verification itself did not run";
  const failure = {
    name: "not-run",
    sentence,
    expected: "a report of npm run verify",
    actual,
    hint: "It ended before it began to walk: the log of the run says why, e.g. credentials that were not given or outputs that can't be read.",
  };
  return { headline: sentence, failures: [failure] };
}

/** Lists what failed; first why the walk ended, where it did not come to its end. */
function failuresOf(report: Report): readonly Failure[] {
  const { error } = report;
  const ended = error && {
    name: `error-${error.kind}`,
    sentence: headline(report),
    expected: "a walk to its end",
    actual: error.message,
    hint: null,
  };
  return [...(ended ? [ended] : []), ...failures(report)];
}
