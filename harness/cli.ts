/** `npm run verify`: the harness on the command line. */
import { constants } from "node:os";
import { type CommandLine, HELP, parseCommandLine } from "./command-line";
import { HarnessError, type HarnessErrorKind } from "./errors";
import { readOutputs } from "./outputs";
import { Redactor } from "./redact";
import { makeReportDirectory, type Report, writeReport } from "./report";
import { eventLines, summaryLines } from "./terminal";
import { walkFlow } from "./walk-flow";

const EXIT_CODES = { passed: 0, failed: 1, settings: 2, unreachable: 3 } as const;

/** Everything printed passes here. */
const redactor = new Redactor();

function print(lines: readonly string[]): void {
  for (const line of lines) {
    process.stdout.write(`${redactor.text(line)}\n`);
  }
}

function complain(message: string): void {
  process.stderr.write(`${redactor.text(message)}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  const abort = new AbortController();
  let signalNumber = 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Once: a second Ctrl-C ends the process at once.
    process.once(signal, () => {
      signalNumber = constants.signals[signal];
      abort.abort();
    });
  }
  // A shell reports a process that a signal ended as 128 and the signal's number.
  const exitCode = (kind: "passed" | "failed" | HarnessErrorKind) =>
    kind === "interrupted" ? 128 + signalNumber : EXIT_CODES[kind];

  try {
    const commandLine = parseCommandLine(args);
    if (commandLine.help) {
      process.stdout.write(HELP);
      return EXIT_CODES.passed;
    }
    const { outcome, error } = await verify(commandLine, abort.signal);
    return exitCode(error?.kind ?? (outcome === "passed" ? "passed" : "failed"));
  } catch (error) {
    if (error instanceof HarnessError) {
      complain(error.message);
      return exitCode(error.kind);
    }
    throw error;
  }
}

async function verify(
  { outputs, reportDir }: Extract<CommandLine, { help: false }>,
  signal: AbortSignal,
): Promise<Report> {
  const deployment = readOutputs(outputs);
  if (reportDir !== null) {
    makeReportDirectory(reportDir);
  }
  print([`Walking the flow of ${deployment.identityPoolId} to ${deployment.invokeUrl}`, ""]);
  const report = await walkFlow({
    deployment,
    signal,
    onProgress: (event) => print(eventLines(event)),
  });
  print(summaryLines(report));
  if (report.error !== null) {
    complain(report.error.message);
  }
  if (reportDir !== null) {
    print([`Report: ${writeReport(report, reportDir)}`]);
  }
  return report;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  },
);
