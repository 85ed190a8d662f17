/** The command `npm run verify` apart from its process: arguments in, text and reports out, an exit code at the end. */
import { inspect } from "node:util";
import { walkFlow } from "../flow";
import { jsonReport, type ProgressEvent, type Report } from "../report";
import { ENDINGS, HarnessError } from "../run/errors";
import { readOutputs } from "../run/outputs";
import { Redactor } from "../run/redact";
import { eventLines, summaryLines } from "./console";
import { help, parseCommandLine, type VerifyOptions } from "./options";
import { requiredPolicy } from "./required-policy";
import { Screen, type Stream } from "./screen";

/** What a process gives its command. */
export interface VerifyProcess {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the run, which still cleans up and reports. */
  readonly signal: AbortSignal;
}

/** Runs the command to its end and returns its exit code; it never throws. */
export async function verify(args: readonly string[], given: VerifyProcess): Promise<number> {
  let screen = new Screen({ ...given, redactor: new Redactor(), json: false });
  try {
    const commandLine = parseCommandLine(args);
    if (commandLine.help) {
      screen.result(help().trimEnd());
      return ENDINGS.passed.code;
    }
    const redactor = new Redactor({ showIdentities: commandLine.showIdentities });
    screen = new Screen({ ...given, redactor, json: commandLine.json });
    if (commandLine.printPolicy) {
      const deployment = readOutputs(commandLine.outputs);
      redactor.neverShorten(deployment.identityPoolId);
      screen.result(JSON.stringify(requiredPolicy(deployment), null, 2));
      return ENDINGS.passed.code;
    }
    const report = await walk(commandLine, screen, redactor, given.signal);
    return ENDINGS[report.error?.kind ?? (report.outcome === "passed" ? "passed" : "failed")].code;
  } catch (error) {
    if (error instanceof HarnessError) {
      screen.printError(error.message);
      return ENDINGS[error.kind].code;
    }
    screen.printError(inspect(error));
    return ENDINGS.failed.code;
  }
}

async function walk(
  options: VerifyOptions,
  screen: Screen,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<Report> {
  const { outputs, reportDir, history, json, verbose, printPolicy: _, ...walkOptions } = options;
  const deployment = readOutputs(outputs);
  // Only now: the help and a wrong option are told without them.
  const { explainer } = await import("../reporting/explain");
  const { makeReportDirectory, writeReports } = await import("../reporting/write");
  if (reportDir !== undefined) {
    makeReportDirectory(reportDir);
  }
  redactor.neverShorten(deployment.identityPoolId);
  screen.lines([`Walking the flow of ${deployment.identityPoolId} to ${deployment.invokeUrl}`, ""]);
  const onProgress = (event: ProgressEvent) => {
    if (event.type === "started") {
      screen.busy(event.title);
    } else {
      screen.lines(eventLines(event, screen.colorize, verbose));
    }
  };
  const report = await walkFlow({ ...walkOptions, deployment, signal, redactor, onProgress }, explainer);
  screen.lines(summaryLines(report, screen.colorize));
  if (report.error !== null) {
    screen.printError(report.error.message);
  }
  if (reportDir !== undefined) {
    const { files, warnings } = writeReports(report, reportDir, { history });
    screen.lines([...files.map((file) => `Report: ${file}`), ...warnings.map((warning) => `! ${warning}`)]);
  }
  if (json) {
    screen.result(jsonReport(report).trimEnd());
  }
  return report;
}
