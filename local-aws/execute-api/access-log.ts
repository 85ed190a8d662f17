/** Access logs: one line a request, in the format of the stage, to the log group of the stage. */
import { createHash } from "node:crypto";
import type { HttpAnswer } from "../http";
import { writeLogEvents } from "../services/logs/events";
import type { ApiCall } from "./api-call";
import { type RequestContext, substituteContext } from "./request-context";

/**
 * The line for a request; what the context has nothing for is a hyphen.
 * @param answered bytes and milliseconds of the answer
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export function accessLogLine(
  format: string,
  context: RequestContext,
  answered: { status: number; responseLength: number; responseLatency: number },
): string {
  return substituteContext(format, { ...context, ...answered }, "-");
}

export function writeAccessLog(
  { account, context, stage }: ApiCall,
  answer: HttpAnswer,
  latency: number,
): void {
  const { destinationArn, format } = stage.accessLogSettings ?? {};
  if (destinationArn === undefined || format === undefined) return;
  const message = accessLogLine(format, context, {
    status: answer.status,
    responseLength: Buffer.byteLength(answer.body),
    responseLatency: latency,
  });
  writeLogEvents(account, {
    group: destinationArn.split(":").slice(6).join(":"),
    stream: createHash("sha256").update(`${context.apiId}/${context.stage}`).digest("hex").slice(0, 32),
    messages: [{ timestamp: context.requestTimeEpoch, message }],
  });
}
