/** The process around a command: its streams, and the signals that end it. */
import { constants } from "node:os";
import type { ScreenOptions } from "./screen";

/** What a process gives its command. */
export interface CommandProcess extends Pick<ScreenOptions, "stdout" | "stderr" | "environment"> {
  /** Ends the run, which still cleans up and reports. */
  readonly signal: AbortSignal;
}

/** Milliseconds from the last line to the end of a process that was interrupted. */
const LAST_MOMENT = 200;

/** Runs a command, which returns its exit code, as this process. */
export function runAsProcess(command: (given: CommandProcess) => Promise<number>): void {
  // The SDK's version is pinned, and its notice would stand before every message.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const abort = new AbortController();
  let signalNumber: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // Once: a second Ctrl-C ends the process at once.
    process.once(signal, () => {
      signalNumber = constants.signals[signal];
      abort.abort();
    });
  }
  const { stdout, stderr, env: environment } = process;
  for (const stream of [stdout, stderr]) {
    // Whoever reads along may stop, as `| head` does: the run goes on to its clean-up and its reports.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") {
        throw error;
      }
    });
  }
  command({ stdout, stderr, environment, signal: abort.signal }).then((code) => {
    // A shell reports a process that a signal ended as 128 and the signal's number.
    process.exitCode = signalNumber === undefined ? code : 128 + signalNumber;
    if (signalNumber !== undefined) {
      // Whoever pressed Ctrl-C does not wait for a connection that keeps the process from its end.
      setTimeout(() => process.exit(), LAST_MOMENT).unref();
    }
  });
}
