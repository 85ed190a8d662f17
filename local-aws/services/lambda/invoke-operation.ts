/** `Invoke`: a person or a program tries a function. */
import { z } from "zod";
import type { Account } from "../../account";
import type { LiveKind } from "../../account/live";
import { refusedMember } from "../input";
import { operation, rawResponse } from "../service";
import { ServiceError } from "../service-error";
import { type ExecutionRequest, execute } from "./execution";
import { throttled, tooManyEvents } from "./failure";
import { findVersion, ofVersion, requestedArn } from "./functions";

/** Bytes. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAXIMUM_PAYLOAD = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 };

export const Invoke = operation({
  http: "POST /2015-03-31/functions/{FunctionName}/invocations",
  blobBody: true,
  headers: {
    "x-amz-invocation-type": "InvocationType",
    "x-amz-log-type": "LogType",
    "x-amz-client-context": "ClientContext",
    "x-amz-durable-execution-name": "DurableExecutionName",
    "x-amz-tenant-id": "TenantId",
  },
  input: ofVersion.extend({
    InvocationType: z.enum(["Event", "RequestResponse", "DryRun"]).default("RequestResponse"),
    LogType: z.enum(["None", "Tail"]).optional(),
    ClientContext: z.string().optional(),
    DurableExecutionName: refusedMember("there are no durable executions here; leave it out"),
    TenantId: refusedMember("an environment may serve all tenants here; leave it out"),
  }),
  permission: ({ account, input }) => ({
    action: "lambda:InvokeFunction",
    resource: requestedArn(account, input),
  }),
  run: async ({ account, input, request, requestId }) => {
    const { fn, version } = findVersion(account, input);
    const type = input.InvocationType;
    const payload = readPayload(request.body, type);
    const execution: ExecutionRequest = {
      fn,
      version,
      requestId,
      invokedArn: requestedArn(account, input),
      payload,
      clientContext: readClientContext(input.ClientContext),
    };
    const respond = (status: number, headers: Record<string, string>, body: Buffer | string) =>
      rawResponse({ status, headers: { "x-amzn-RequestId": requestId, ...headers }, body });
    if (type === "DryRun") {
      return respond(204, {}, "");
    }
    if (type === "Event") {
      if (fn.reservedConcurrency === 0) {
        throw throttled();
      }
      runInBackground(account, execution);
      return respond(202, {}, "");
    }
    const { failed, payload: result, logTail } = await execute(account, execution);
    return respond(
      200,
      {
        "Content-Type": "application/json",
        "X-Amz-Executed-Version": version.version,
        ...(failed && { "X-Amz-Function-Error": "Unhandled" }),
        ...(input.LogType === "Tail" && {
          "X-Amz-Log-Result": Buffer.from(logTail).toString("base64"),
        }),
      },
      result,
    );
  },
});

/** An empty payload is an empty object. */
function readPayload(body: Buffer, type: keyof typeof MAXIMUM_PAYLOAD): Buffer {
  const limit = MAXIMUM_PAYLOAD[type];
  if (body.length > limit) {
    throw new ServiceError(
      "RequestTooLargeException",
      `${body.length} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
      413,
      { Type: "User" },
    );
  }
  if (body.length === 0) {
    return Buffer.from("{}");
  }
  try {
    JSON.parse(body.toString());
  } catch (error) {
    throw new ServiceError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${(error as Error).message}`,
      400,
      { Type: "User" },
    );
  }
  return body;
}

/** Base64 of a JSON object comes in; the function's runtime gets JSON in a header, which leaves only ASCII without controls. */
function readClientContext(value: string | undefined): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  try {
    const context: unknown = JSON.parse(Buffer.from(value, "base64").toString());
    const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return JSON.stringify(context).replace(/[^\x20-\x7e]/g, escaped);
  } catch {
    throw new ServiceError(
      "InvalidRequestContentException",
      "Client context must be a valid Base64-encoded JSON object.",
      400,
      { Type: "User" },
    );
  }
}

/** Events that run or wait to, and the bytes of their payloads: beyond either, an event is refused, so that none is lost in memory. */
const MAXIMUM_EVENTS = 1_000;
const MAXIMUM_EVENT_BYTES = 64 * 1024 * 1024;

/** The events of one account, and the bytes of their payloads. */
interface EventQueue {
  readonly running: Set<Promise<void>>;
  bytes: number;
}

const EVENTS: LiveKind<EventQueue> = {
  make: () => ({ running: new Set(), bytes: 0 }),
  /** The account doesn't end before what its functions wrote is in its log. */
  async stop({ running }) {
    await Promise.all(running);
  },
};

/** Nobody waits for an event's outcome; it is in the function's log. */
function runInBackground(account: Account, execution: ExecutionRequest): void {
  const queue = account.live.part(EVENTS);
  const size = execution.payload.length;
  if (queue.running.size >= MAXIMUM_EVENTS || queue.bytes + size > MAXIMUM_EVENT_BYTES) {
    throw tooManyEvents();
  }
  queue.bytes += size;
  const done = execute(account, execution)
    .catch((error: Error) => {
      account.decisions.note({
        kind: "event",
        outcome: "refused",
        subject: `${execution.invokedArn} was invoked with an event`,
        detail: [error.message],
      });
    })
    .then(() => account.save())
    .catch(() => {
      // A file that can't be written fails the next request, whose client can be told.
    })
    .finally(() => {
      queue.bytes -= size;
      queue.running.delete(done);
    });
  queue.running.add(done);
}
