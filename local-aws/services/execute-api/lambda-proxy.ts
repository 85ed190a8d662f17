/** The AWS_PROXY integration: a Lambda function gets the whole request and makes the whole answer. */

import type { Integration } from "../../account/state/apigateway";
import type { HttpResponse } from "../../respond/http-response";
import { integrationFunction } from "../apigateway/integration";
import { type Invocation, invokeFunction } from "../lambda/invoke";
import type { RoutedCall } from "./api-call";
import { GatewayError, internalServerError } from "./gateway-error";
import { mergeHeaders } from "./headers";
import { headerValue } from "./parameters";
import { proxyEvent } from "./proxy-event";
import { MalformedProxyResponseError, readProxyResponse, UndecodableBodyError } from "./proxy-response";

/** @throws GatewayError when there is no usable answer */
export async function callFunction(call: RoutedCall, integration: Integration): Promise<HttpResponse> {
  const { account, context } = call;
  const functionArn = functionOf(call, integration);
  const startedAt = performance.now();
  const running = invokeFunction(account, {
    functionArn,
    payload: Buffer.from(JSON.stringify(proxyEvent(call))),
    invoker: {
      service: "apigateway.amazonaws.com",
      sourceArn: sourceArn(call),
      sourceAccount: account.id,
    },
  });
  const invocation = await withTimeout(running, integration.timeoutInMillis);
  const latency = Math.round(performance.now() - startedAt);
  if (invocation === undefined) {
    void keepOutcome(call, running);
    throw failed(
      call,
      latency,
      `the function did not answer within ${integration.timeoutInMillis} ms`,
      timedOut(),
    );
  }
  if (invocation.outcome !== "ok") {
    const { status, explanation } = FAILURES[invocation.outcome];
    throw failed(call, latency, `${functionArn}: ${explanation}`, internalServerError(status));
  }
  try {
    const response = readProxyResponse(invocation.payload, {
      accept: headerValue(call.request, "accept"),
      binaryMediaTypes: call.definition.binaryMediaTypes,
    });
    context.integration = { status: 200, latency };
    const headers = { "Content-Type": "application/json", "X-Amzn-Trace-Id": context.xrayTraceId };
    return { ...response, headers: mergeHeaders(headers, response.headers) };
  } catch (error) {
    if (error instanceof MalformedProxyResponseError) {
      throw failed(call, latency, error.message, internalServerError(502));
    }
    if (error instanceof UndecodableBodyError) {
      throw failed(call, latency, error.message, internalServerError(500));
    }
    throw error;
  }
}

/** What the client is told of an invocation that brought no answer, and what the decision log says. */
const FAILURES: Readonly<
  Record<Exclude<Invocation["outcome"], "ok">, { status: 500 | 502; explanation: string }>
> = {
  "function-error": { status: 502, explanation: "the function failed; its log group has the reason" },
  "not-permitted": {
    status: 500,
    explanation: "no Lambda permission lets API Gateway call it for this stage, method and path",
  },
  "not-found": { status: 500, explanation: "there is no such function" },
  throttled: { status: 500, explanation: "the function has no concurrency left" },
  unavailable: { status: 500, explanation: "the function could not be started" },
};

/** The function's ARN; stage variables may stand for parts of it. */
function functionOf(call: RoutedCall, { uri, httpMethod }: Integration): string {
  const functionArn = integrationFunction(uri)?.replace(/\$\{stageVariables\.(\w+)\}/g, (_, name: string) => {
    return call.stage.variables?.[name] ?? "";
  });
  if (functionArn === undefined || httpMethod !== "POST") {
    throw failed(
      call,
      0,
      `Lambda is invoked by POST only; the integration says ${httpMethod}`,
      internalServerError(500),
    );
  }
  return functionArn;
}

/**
 * What Lambda permissions are matched against: the method's own verb, which may be `ANY`, and its resource with an asterisk for
 * each path parameter.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-permissions
 */
export function sourceArn({
  account,
  context,
  route,
}: Pick<RoutedCall, "account" | "context" | "route">): string {
  const path = route.resource.path.replace(/\{[^}]+\}/g, "*");
  return `arn:aws:execute-api:${account.region}:${account.id}:${context.apiId}/${context.stage}/${route.method.httpMethod}${path}`;
}

/** Waits, but not for ever. */
async function withTimeout<Value>(work: Promise<Value>, milliseconds: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The function goes on after the time limit, as on AWS. No answer follows that would save what it has left in the account. */
async function keepOutcome({ account, context }: RoutedCall, running: Promise<Invocation>): Promise<void> {
  try {
    await running;
    await account.save();
  } catch (error) {
    account.decisions.note({
      kind: "integration",
      outcome: "refused",
      subject: `the function behind ${context.httpMethod} ${context.path} ended after the time limit`,
      detail: [error instanceof Error ? error.message : String(error)],
    });
  }
}

function timedOut(): GatewayError {
  return new GatewayError(
    "INTEGRATION_TIMEOUT",
    "InternalServerErrorException",
    "Endpoint request timed out",
  );
}

function failed(call: RoutedCall, latency: number, explanation: string, error: GatewayError): GatewayError {
  call.context.integration = { status: error.status, latency, error: error.message };
  call.account.decisions.note({
    kind: "integration",
    outcome: "refused",
    subject: `${sourceArn(call)} answered ${error.status}`,
    detail: explanation.split("\n"),
  });
  return error;
}
