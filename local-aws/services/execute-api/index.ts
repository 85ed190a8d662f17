/** API Gateway's data plane: what clients of a deployed API talk to. */
import type { Account } from "../../account";
import type { HttpRequest } from "../../read/http-request";
import type { HttpResponse } from "../../respond/http-response";
import { writeAccessLog } from "./access-log";
import type { ApiCall, RoutedCall } from "./api-call";
import { authorizeCall, invokeArn } from "./authorization";
import { openCall, routeCall } from "./endpoint";
import { GatewayError } from "./gateway-error";
import { gatewayResponse } from "./gateway-response";
import { mergeHeaders } from "./headers";
import { callFunction } from "./lambda-proxy";
import { mockResponse } from "./mock";
import { newRequestContext, type RequestContext } from "./request-context";
import { splitStage } from "./routing";
import { throttle } from "./throttle";

/** Bytes. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const MAXIMUM_BODY = 10_485_760;

/** Bytes of the ARN that a request is authorized on; a longer path is refused. @see the same page */
const MAXIMUM_ARN = 1600;

/**
 * Answers a request to a deployed API. The path starts with the stage.
 * @param apiId as in the host; it may be anything
 */
export async function serveApi(account: Account, apiId: string, request: HttpRequest): Promise<HttpResponse> {
  const startedAt = performance.now();
  const { stageName, rest } = splitStage(request.path);
  const context = newRequestContext(account, request, { apiId, stage: stageName });
  const call = openCall(account, request, context, rest);
  if (call === undefined) {
    return identified(FORBIDDEN, context);
  }
  const answer = identified(await answerCall(call), context);
  writeAccessLog(call, answer, Math.round(performance.now() - startedAt));
  return answer;
}

/** For a stage that doesn't exist or an endpoint that is switched off there is no API whose gateway responses could apply. */
const FORBIDDEN: HttpResponse = {
  status: 403,
  headers: { "Content-Type": "application/json", "x-amzn-ErrorType": "ForbiddenException" },
  body: JSON.stringify({ message: "Forbidden" }),
};

async function answerCall(call: ApiCall): Promise<HttpResponse> {
  if (call.request.body.length > MAXIMUM_BODY) {
    return plain(413, `HTTP content length exceeded ${MAXIMUM_BODY} bytes.`);
  }
  if (Buffer.byteLength(invokeArn(call)) > MAXIMUM_ARN) {
    return plain(414, "Request URI too long");
  }
  try {
    const routed = routeCall(call);
    await authorizeCall(routed);
    throttle(routed);
    return await integrate(routed);
  } catch (error) {
    if (error instanceof GatewayError) {
      return gatewayResponse(error, call);
    }
    throw error;
  }
}

/** These two can't be customized and are not JSON. */
function plain(status: number, body: string): HttpResponse {
  return { status, headers: { "Content-Type": "text/plain" }, body };
}

async function integrate(call: RoutedCall): Promise<HttpResponse> {
  const integration = call.route.method.methodIntegration;
  // A deployment is refused while a method lacks its integration.
  if (!integration) {
    throw new Error(`${invokeArn(call)} was deployed without an integration`);
  }
  return integration.type === "MOCK"
    ? mockResponse(call, integration)
    : await callFunction(call, integration);
}

function identified(answer: HttpResponse, { requestId, extendedRequestId }: RequestContext): HttpResponse {
  const ids = { "x-amzn-RequestId": requestId, "x-amz-apigw-id": extendedRequestId };
  return { ...answer, headers: mergeHeaders(answer.headers, ids) };
}
