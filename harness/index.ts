/** The harness as a library: walks the flow against a deployment and returns what it saw. */
export { HarnessError, InterruptedError, SettingsError, TimeUpError, UnreachableError } from "./errors";
export { type Deployment, parseOutputs, readOutputs } from "./outputs";
export { Redactor } from "./redact";
export type { Report, Status, StepName, StepResult } from "./report";
export { makeReportDirectory, type WriteOptions, type WrittenReports, writeReports } from "./reports/write";
export { walkFlow } from "./walk-flow";
export type { ProgressEvent, WalkOptions } from "./walk-options";
