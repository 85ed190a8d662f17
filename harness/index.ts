/** The harness as a library: walks the flow against a deployment and returns what it saw. */
import { walkFlow as walk } from "./flow";
import type { Report } from "./report";
import { explainer } from "./reporting/explain";
import type { WalkOptions } from "./run/context";

export { type AccessRules, readAccess } from "./access/file";
export type { AccessReport, ProgressEvent, Report, Status, StepName, StepResult } from "./report";
export { makeReportDirectory, type WriteOptions, type WrittenReports, writeReports } from "./reporting/write";
export type { WalkOptions } from "./run/context";
export {
  ENDINGS,
  HarnessError,
  InterruptedError,
  SettingsError,
  TimeUpError,
  UnreachableError,
} from "./run/errors";
export { type Deployment, parseOutputs, readOutputs } from "./run/outputs";
export { Redactor } from "./run/redact";

/**
 * Walks the five steps, of which the first failure stops, and asks for the refusals if all passed; what fails has a hint.
 * Identities that were created are deleted in any case. Whatever the deployment does ends in the report, not in an
 * exception.
 *
 * @example
 * const report = await walkFlow({ deployment: readOutputs("outputs.json") });
 * expect(report).toMatchObject({ outcome: "passed" });
 *
 * @throws SettingsError when the endpoint is not a URL, the slot is no name, nothing says who may call what, or the environment
 *   names a proxy that is none
 */
export function walkFlow(options: WalkOptions): Promise<Report> {
  return walk(options, explainer);
}
