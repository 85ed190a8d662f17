/** The harness as a library: walks the flow against a deployment and returns what it saw. */

export { walkFlow } from "./flow";
export type { Report, Status, StepName, StepResult } from "./report";
export { makeReportDirectory, type WriteOptions, type WrittenReports, writeReports } from "./reporting/write";
export { HarnessError, InterruptedError, SettingsError, TimeUpError, UnreachableError } from "./run/errors";
export type { ProgressEvent, WalkOptions } from "./run/options";
export { type Deployment, parseOutputs, readOutputs } from "./run/outputs";
export { Redactor } from "./run/redact";
