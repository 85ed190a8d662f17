/** The harness as a library: walks the flow against a deployment and returns what it saw. */
export { HarnessError, InterruptedError, SettingsError, UnreachableError } from "./errors";
export { type Deployment, parseOutputs, readOutputs } from "./outputs";
export { makeReportDirectory, type Report, type StepName, type StepResult, writeReport } from "./report";
export { type ProgressEvent, type WalkOptions, walkFlow } from "./walk-flow";
