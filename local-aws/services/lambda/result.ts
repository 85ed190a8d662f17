/** How an execution ended, in Lambda's words: the payload that the caller gets and the lines that the log gets. */

import type { FunctionVersion } from "../../account/state/lambda";
import type { Lease } from "./runtime/environment-pool";
import type { RuntimeOutcome } from "./runtime/execution-environment";
import { MAXIMUM_RESPONSE } from "./runtime/runtime-api";

interface ExecutionResult {
  readonly failed: boolean;
  readonly payload: Buffer;
  /** What Lambda's supervisor adds to the log. */
  readonly logLine?: string;
  /** What the REPORT line ends with. */
  readonly status?: string;
}

/** @param now when it ended */
export function resultOf(
  outcome: RuntimeOutcome,
  requestId: string,
  version: FunctionVersion,
  now: Date,
): ExecutionResult {
  switch (outcome.kind) {
    case "response":
      return { failed: false, payload: outcome.payload };
    case "error":
      return { failed: true, payload: outcome.payload };
    case "response-too-large":
      return failure(
        "Function.ResponseSizeTooLarge",
        `Response payload size exceeded maximum allowed payload size (${MAXIMUM_RESPONSE} bytes).`,
      );
    case "timeout": {
      const message = `Task timed out after ${version.timeout.toFixed(2)} seconds`;
      return {
        ...failure("Sandbox.Timedout", `RequestId: ${requestId} Error: ${message}`),
        logLine: `${now.toISOString()} ${requestId} ${message}`,
        status: "Status: timeout",
      };
    }
    case "exit": {
      const how = outcome.reason === "" ? "without providing a reason" : `with error: ${outcome.reason}`;
      const message = `RequestId: ${requestId} Error: Runtime exited ${how}`;
      return {
        ...failure("Runtime.ExitError", message),
        logLine: `${message}\nRuntime.ExitError`,
        status: "Status: error\tError Type: Runtime.ExitError",
      };
    }
  }
}

function failure(errorType: string, errorMessage: string): ExecutionResult {
  return { failed: true, payload: Buffer.from(JSON.stringify({ errorType, errorMessage })) };
}

/**
 * The REPORT line of an invocation.
 *
 * @param duration milliseconds
 * @param lease undefined when there was no environment to measure
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
export function reportLine(
  requestId: string,
  version: FunctionVersion,
  duration: number,
  lease: Lease<unknown> | undefined,
  status: string | undefined,
): string {
  const memory = lease?.environment.maximumMemoryUsed;
  return [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${duration.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(duration)} ms`,
    `Memory Size: ${version.memorySize} MB`,
    ...(memory === undefined ? [] : [`Max Memory Used: ${memory} MB`]),
    ...(lease?.fresh ? [`Init Duration: ${lease.environment.initDuration.toFixed(2)} ms`] : []),
    ...(status === undefined ? [] : [status]),
  ].join("\t");
}
