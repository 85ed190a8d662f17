#!/usr/bin/env node
/** `npm run verify` and `verify-developer-identities`: the process around the command, and the signals that end it. */
import { constants } from "node:os";
import { verify } from "./verify";

// The SDK's version is pinned, and its notice would stand before every message.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** Milliseconds from the last line to the end of a process that was interrupted. */
const LAST_MOMENT = 200;

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
  // Whoever reads along may stop, as `| head` does: the walk goes on to its clean-up and its reports.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
      throw error;
    }
  });
}
const command = environment.npm_lifecycle_event === "verify" ? "npm run verify --" : undefined;
verify(process.argv.slice(2), { stdout, stderr, environment, signal: abort.signal, command }).then((code) => {
  // A shell reports a process that a signal ended as 128 and the signal's number.
  process.exitCode = signalNumber === undefined ? code : 128 + signalNumber;
  if (signalNumber !== undefined) {
    // Whoever pressed Ctrl-C does not wait for a connection that keeps the process from its end.
    setTimeout(() => process.exit(), LAST_MOMENT).unref();
  }
});
