/** What a run uses of AWS, counted on local AWS: every request by operation, the function's invocations, its log, and what is sent back. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { parseOutputs, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { deployWithSdk, FUNCTION } from "../sdk-deployment";

export interface Usage {
  /** Requests by service, of Cognito by operation; `execute-api` are calls of the stage, `keys` the token issuer's. */
  readonly requests: Readonly<Record<string, number>>;
  readonly invocations: number;
  /** Bytes of log events, with the 26 that CloudWatch Logs adds to each. */
  readonly logBytes: number;
  /** Bytes that API Gateway sends, heads and bodies. */
  readonly transferBytes: number;
}

/** The runs that are counted. */
export interface CountedRuns {
  /** `verify --access --slot nightly`. */
  readonly nightly: Usage;
  /** One user's way through the five steps, on a function that has started. */
  readonly user: Usage;
}

const ACCESS = { "GET /hello": ["signed-in"], "GET /restricted": [] };

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const EVENT_OVERHEAD = 26;

/** @throws Error when a walk doesn't pass */
export async function countRuns(): Promise<CountedRuns> {
  const local = await startLocalAws();
  const { endpoint, region, credentials } = local;
  const logs = new CloudWatchLogsClient({ endpoint, region, credentials });
  try {
    const outputs = { ...(await deployWithSdk(local)), access: JSON.stringify(ACCESS) };
    const deployment = parseOutputs({ stack: outputs }, "the counted deployment");
    const walk = async (options: Partial<Parameters<typeof walkFlow>[0]>) => {
      const { outcome } = await walkFlow({ deployment, endpoint, credentials, ...options });
      if (outcome !== "passed") {
        throw new Error(`The walk ${outcome}: look at it with npm run e2e.`);
      }
    };
    const nightly = await count(local, logs, () => walk({ access: true, slot: "nightly" }));
    const user = await count(local, logs, () => walk({ refusals: false }));
    return { nightly, user };
  } finally {
    logs.destroy();
    await local.stop();
  }
}

/** https://nodejs.org/api/diagnostics_channel.html#http */
const CHANNEL = "http.server.response.finish";

async function count(local: LocalAws, logs: CloudWatchLogsClient, run: () => Promise<void>): Promise<Usage> {
  const requests: Record<string, number> = {};
  let transferBytes = 0;
  const note = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    // The functions' own runtime is served in this process too, on another port.
    if (request.socket.localPort !== local.port) {
      return;
    }
    const name = operationOf(request);
    requests[name] = (requests[name] ?? 0) + 1;
    transferBytes += name === "execute-api" ? sizeOf(response) : 0;
  };
  const before = await logEvents(logs);
  subscribe(CHANNEL, note);
  try {
    await run();
  } finally {
    unsubscribe(CHANNEL, note);
  }
  const messages = (await logEvents(logs)).slice(before.length);
  return {
    requests: Object.fromEntries(Object.entries(requests).sort(([a], [b]) => (a < b ? -1 : 1))),
    invocations: messages.filter((message) => message.startsWith("REPORT ")).length,
    logBytes: messages.reduce((sum, message) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD, 0),
    transferBytes,
  };
}

function operationOf({ headers, url = "" }: IncomingMessage): string {
  if (headers.host?.includes(".execute-api.")) {
    return "execute-api";
  }
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    return `cognito-identity:${target.split(".").at(-1)}`;
  }
  if (url.startsWith("/.well-known/")) {
    return "keys";
  }
  const [, service = "unsigned"] = /\/([a-z0-9-]+)\/aws4_request/.exec(headers.authorization ?? "") ?? [];
  return service;
}

function sizeOf(response: ServerResponse): number {
  const head = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${value}\r\n`);
  return head.join("").length + Number(response.getHeader("content-length") ?? 0);
}

async function logEvents(logs: CloudWatchLogsClient): Promise<string[]> {
  const logGroupName = `/aws/lambda/${FUNCTION}`;
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName })).catch((error) => {
    // Nothing was invoked yet.
    if (error.name === "ResourceNotFoundException") {
      return { events: [] };
    }
    throw error;
  });
  return events.map(({ message = "" }) => message);
}
