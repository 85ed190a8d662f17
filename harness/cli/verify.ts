/** The command `npm run verify` apart from its process: arguments in, text and reports out, an exit code at the end. */
import { inspect } from "node:util";
import { walkFlow } from "../flow";
import type { Report } from "../report";
import { jsonReport } from "../reporting/json";
import { makeReportDirectory, writeReports } from "../reporting/write";
import { HarnessError } from "../run/errors";
import { readOutputs } from "../run/outputs";
import { Redactor } from "../run/redact";
import { parseCommandLine, type VerifyOptions } from "./command-line";
import { eventLines, summaryLines } from "./console";
import { exitCode } from "./exit-codes";
import { help } from "./options";
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
      return exitCode("passed");
    }
    const redactor = new Redactor({ showIdentities: commandLine.showIdentities });
    screen = new Screen({ ...given, redactor, json: commandLine.json });
    if (commandLine.printPolicy) {
      const deployment = readOutputs(commandLine.outputs);
      redactor.keepPool(deployment.identityPoolId);
      screen.result(JSON.stringify(requiredPolicy(deployment), null, 2));
      return exitCode("passed");
    }
    const report = await walk(commandLine, screen, redactor, given.signal);
    return exitCode(report.error?.kind ?? (report.outcome === "passed" ? "passed" : "failed"));
  } catch (error) {
    if (error instanceof HarnessError) {
      screen.complain(error.message);
      return exitCode(error.kind);
    }
    screen.complain(inspect(error));
    return exitCode("failed");
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
  if (reportDir !== null) {
    makeReportDirectory(reportDir);
  }
  redactor.keepPool(deployment.identityPoolId);
  screen.lines([`Walking the flow of ${deployment.identityPoolId} to ${deployment.invokeUrl}`, ""]);
  const report = await walkFlow({
    ...walkOptions,
    deployment,
    signal,
    redactor,
    onProgress: (event) => {
      if (event.type === "started") {
        screen.busy(event.title);
      } else {
        screen.lines(eventLines(event, screen.paint, verbose));
      }
    },
  });
  screen.lines(summaryLines(report, screen.paint));
  if (report.error !== null) {
    screen.complain(report.error.message);
  }
  if (reportDir !== null) {
    const { files, warnings } = writeReports(report, reportDir, { history });
    screen.lines([...files.map((file) => `Report: ${file}`), ...warnings.map((warning) => `! ${warning}`)]);
  }
  if (json) {
    screen.result(jsonReport(report).trimEnd());
  }
  return report;
}
