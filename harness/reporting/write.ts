/** Writes a report in every format, and appends its summary to the page of a GitHub job. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonReport, type Report } from "../report";
import { SettingsError } from "../run/errors";
import { readHistory } from "./history";
import { htmlReport } from "./html/page";
import { junitReport } from "./junit";
import { summaryReport } from "./markdown";

/** What else to read, and to write besides the four files. */
export interface WriteOptions {
  /** Directory with earlier `report.json` files, under any name and at any depth. @default none */
  readonly history?: string;
  /**
   * File that the summary is appended to.
   * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
   * @default GITHUB_STEP_SUMMARY
   */
  readonly stepSummary?: string;
}

/** What came of writing the reports. */
export interface WrittenReports {
  /** Paths of the files, in the order of their writing. */
  readonly files: readonly string[];
  /** What was left out, and why. */
  readonly warnings: readonly string[];
}

/**
 * Makes the directory for reports, so that a wrong one is told before the walk rather than after it.
 *
 * @throws SettingsError when it cannot be made
 */
export function makeReportDirectory(directory: string): void {
  attempt(`make the report directory ${directory}`, "Name another one.", () =>
    mkdirSync(directory, { recursive: true }),
  );
}

/**
 * Writes `report.json`, `junit.xml`, `summary.md` and `report.html` into the directory, which must exist.
 *
 * @throws SettingsError when a file cannot be written
 */
export function writeReports(report: Report, directory: string, options: WriteOptions = {}): WrittenReports {
  const history = options.history ? readHistory(options.history) : { reports: [], warnings: [] };
  const summary = summaryReport(report);
  const contents = {
    "report.json": jsonReport(report),
    "junit.xml": junitReport(report),
    "summary.md": summary,
    "report.html": htmlReport(report, { history: history.reports }),
  };
  const files = Object.entries(contents).map(([name, content]) => {
    const file = join(directory, name);
    attempt(`write ${file}`, "Make room or name another --report-dir.", () => writeFileSync(file, content));
    return file;
  });
  const stepSummary = options.stepSummary ?? process.env.GITHUB_STEP_SUMMARY;
  const unwritten = stepSummary ? appendSummary(stepSummary, summary) : [];
  return { files, warnings: [...history.warnings, ...unwritten] };
}

/** Does what the file system may refuse. @throws SettingsError with the remediation */
function attempt(what: string, remediation: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new SettingsError(`Cannot ${what} (${code(error)}). ${remediation}`, { cause: error });
  }
}

/** Appends it; a warning when it cannot: where a copy of the summary is shown does not change what the walk found. */
function appendSummary(file: string, summary: string): string[] {
  try {
    appendFileSync(file, `${summary}\n`);
    return [];
  } catch (error) {
    return [`GITHUB_STEP_SUMMARY: cannot append the summary to ${file} (${code(error)}).`];
  }
}

function code(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
