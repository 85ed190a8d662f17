/** What a night left behind: its report, or why there is none; and what in it failed, in the order in which it should be told. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Report } from "../../harness";
import { type ReadonlyDeep, STATUSES } from "../../harness/report";
import { failedResults, headline } from "../../harness/reporting/words";

const textOrNull = z.string().nullable();

const result = z.looseObject({
  name: z.string(),
  title: z.string(),
  status: z.enum(STATUSES),
  expected: textOrNull,
  actual: textOrNull,
  hint: textOrNull,
});

/** Only what is told, so that reports of other versions of the harness serve as well. */
const nightReport = z.looseObject({
  schemaVersion: z.literal(1),
  outcome: z.enum(["passed", "failed", "error"]),
  error: z.looseObject({ kind: z.string(), message: z.string() }).nullable(),
  warnings: z.array(z.string()),
  steps: z.array(result),
  refusals: z.array(result),
  access: z
    .looseObject({
      cells: z.array(
        z.looseObject({
          route: z.string(),
          caller: z.string(),
          expected: z.string(),
          observed: textOrNull,
          computed: textOrNull,
          status: z.string(),
          note: textOrNull,
        }),
      ),
      undeclared: z.array(z.string()),
      notes: z.array(z.string()),
    })
    .optional(),
  leftBehind: z.looseObject({ found: z.number(), deleted: z.number() }).optional(),
});

/** A report, as far as people on GitHub are told of it. */
export type NightReport = ReadonlyDeep<z.infer<typeof nightReport>>;

/** One thing that failed. Its texts may be what a server answered. */
export interface Failure {
  /** The same in every night in which this fails. */
  readonly name: string;
  /** What failed, for people. */
  readonly what: string;
  readonly expected: string | null;
  readonly actual: string | null;
  readonly hint: string | null;
}

/** What a night found. */
export interface Night {
  /** The outcome in a sentence. */
  readonly headline: string;
  /** Empty when the verification passed. The first is the most telling. */
  readonly failures: readonly Failure[];
  /** Undefined when the verification itself didn't run to a report. */
  readonly report?: NightReport;
}

/** Reads `report.json` in the directory; one that is missing or can't be read is a failure of the night, and not an error here. */
export function readNight(directory: string): Night {
  const file = path.join(directory, "report.json");
  try {
    const report: NightReport = nightReport.parse(JSON.parse(readFileSync(file, "utf8")));
    // Written by the harness beside, whose words these are.
    const told = headline(report as unknown as Report);
    const failures = failuresOf(report);
    return { headline: told, failures: failures.length > 0 ? failures : unexplained(report, told), report };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return notRun(
      code === "ENOENT" ? `${file} is not there` : `${file} can't be read (${code ?? "it is not a report"})`,
    );
  }
}

function notRun(actual: string): Night {
  const failure = {
    name: "not-run",
    what: "Verification",
    expected: "a report of npm run verify",
    actual,
    hint: "It ended before it began to walk: the log of the run says why, e.g. credentials that were not given or outputs that can't be read.",
  };
  return { headline: "The verification itself did not run", failures: [failure] };
}

/** A report of a later harness may have failed for a reason that is not known here: it has failed all the same. */
function unexplained({ outcome }: NightReport, actual: string): readonly Failure[] {
  const failure = {
    name: outcome,
    what: "Verification",
    expected: "passed",
    actual,
    hint: "See the report.",
  };
  return outcome === "passed" ? [] : [failure];
}

function failuresOf(report: NightReport): readonly Failure[] {
  const { outcome, error, steps, access } = report;
  if (outcome === "passed") {
    return [];
  }
  const blamed = failedResults(report as unknown as Report);
  const told = blamed.map(({ name, title, expected, actual, hint }): Failure => {
    const step = steps.findIndex((one) => one.name === name);
    const what = step < 0 ? `Refusal ${name}: ${title}` : `Step ${step + 1}, ${name}: ${title}`;
    return { name, what, expected, actual, hint };
  });
  const ended = error && {
    name: `error-${error.kind}`,
    what: "Walk",
    expected: "a walk to its end",
    actual: error.message,
    hint: null,
  };
  const undeclared = (access?.undeclared ?? []).map((sentence) => ({
    name: `undeclared ${sentence}`,
    what: "Undeclared route",
    expected: "every route of the API is declared",
    actual: sentence,
    hint: "Declare it, or remove it from the API.",
  }));
  const cells = (access?.cells ?? [])
    .filter(({ status }) => status === "failed")
    .map(({ route, caller, expected, observed, computed, note }) => ({
      name: `access ${route} ${caller}`,
      what: `Access: ${route} by ${caller}`,
      expected,
      actual: observed ?? (computed && `${computed}, as the policies say`),
      hint: note,
    }));
  const isStep = ({ name }: Failure) => steps.some((step) => step.name === name);
  return [
    ...(ended ? [ended] : []),
    ...told.filter(isStep),
    ...undeclared,
    ...cells,
    ...told.filter((one) => !isStep(one)),
  ];
}
