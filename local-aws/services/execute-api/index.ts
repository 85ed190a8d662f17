/** API Gateway's data plane, station by station: what clients of a deployed API talk to. */
import type { Account } from "../../account";
import type { HttpRequest } from "../../read/http-request";
import type { HttpResponse } from "../../respond/http-response";
import { describeFault } from "../../respond/internal-error";
import { writeAccessLog } from "./access-log";
import type { ApiAddress } from "./address";
import type { ApiCall, RoutedCall } from "./api-call";
import { invokeArn } from "./authorization";
import { openCall } from "./endpoint";
import { FixedRefusalError, GatewayError } from "./gateway-error";
import { gatewayResponse } from "./gateway-response";
import { mergeHeaders } from "./headers";
import { callFunction } from "./lambda-proxy";
import { mockResponse } from "./mock";
import { newRequestContext, type RequestContext } from "./request-context";
import { splitStage } from "./routing";
import { throttle } from "./throttle";

export { type ApiAddress, addressOf } from "./address";
export { authenticateCaller, authorizeCall } from "./authorization";
export { identify } from "./endpoint";

/**
 * Has a call answered by its stage, whose name the path begins with; writes the access log, and saves what functions and logs
 * changed. A fault is told to the log, and to the client in API Gateway's words.
 */
export async function throughStage(
  account: Account,
  request: HttpRequest,
  address: ApiAddress,
  answer: (call: ApiCall) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  try {
    const startedAt = performance.now();
    const { stageName, rest } = splitStage(address.path);
    const context = newRequestContext(account, request, { ...address, stage: stageName });
    const call = openCall(account, request, context, rest);
    const response = withIds(call === undefined ? FORBIDDEN : await answer(call), context);
    if (call !== undefined) {
      writeAccessLog(call, response, Math.round(performance.now() - startedAt));
    }
    await account.save();
    return response;
  } catch (error) {
    account.log(describeFault(`execute-api ${request.method}`, error));
    return FAULT;
  }
}

/** For a stage that doesn't exist or an endpoint that is switched off there is no API whose gateway responses could apply. */
const FORBIDDEN: HttpResponse = {
  status: 403,
  headers: { "Content-Type": "application/json", "x-amzn-ErrorType": "ForbiddenException" },
  body: JSON.stringify({ message: "Forbidden" }),
};

const FAULT: HttpResponse = {
  status: 500,
  headers: { "Content-Type": "application/json", "x-amzn-ErrorType": "InternalServerErrorException" },
  body: JSON.stringify({ message: "Internal server error" }),
};

function withIds(response: HttpResponse, { requestId, extendedRequestId }: RequestContext): HttpResponse {
  const ids = { "x-amzn-RequestId": requestId, "x-amz-apigw-id": extendedRequestId };
  return { ...response, headers: mergeHeaders(response.headers, ids) };
}

/** @throws GatewayError when the limit of calls is reached, or the integration brings no usable response */
export async function operate(call: RoutedCall): Promise<HttpResponse> {
  throttle(call);
  const integration = call.route.method.methodIntegration;
  // A deployment is refused while a method lacks its integration.
  if (!integration) {
    throw new Error(`${invokeArn(call)} was deployed without an integration`);
  }
  return integration.type === "MOCK"
    ? mockResponse(call, integration)
    : await callFunction(call, integration);
}

/** Words a refusal of the gateway's own. */
export function refuse(call: ApiCall, error: unknown): HttpResponse {
  if (error instanceof GatewayError) {
    return gatewayResponse(error, call);
  }
  if (error instanceof FixedRefusalError) {
    return { status: error.status, headers: { "Content-Type": "text/plain" }, body: error.message };
  }
  throw error;
}
