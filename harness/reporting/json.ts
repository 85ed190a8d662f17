/** report.json: the report itself, for programs. */
import type { Report } from "../report";

/** Indented, with a line break at its end. */
export function jsonReport(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
