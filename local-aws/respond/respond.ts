/** The outcome of an operation in its service's own protocol. */
import type { Account } from "../account";
import { AuthenticationError } from "../authenticate/authentication-error";
import { protocolOf } from "../protocols";
import type { Target } from "../protocols/protocol";
import { isRawResponse } from "../services/service";
import { ServiceError } from "../services/service-error";
import type { HttpResponse } from "./http-response";
import { describeFault } from "./internal-error";

export function respond(target: Target, output: unknown, requestId: string): HttpResponse {
  if (isRawResponse(output)) {
    return { ...output, headers: { "x-amzn-RequestId": requestId, ...output.headers } };
  }
  return protocolOf(target.service).respond(target, output, requestId);
}

/** Words a refusal; what is none is a fault of local AWS itself, and goes to its log. */
export function refuse(account: Account, target: Target, error: unknown, requestId: string): HttpResponse {
  const { service, operationName } = target;
  const protocol = protocolOf(service);
  if (error instanceof ServiceError) {
    return protocol.error(service, error, requestId);
  }
  if (error instanceof AuthenticationError) {
    const [code, status] = protocol.authentication[error.failure];
    return protocol.error(service, new ServiceError(code, error.message, status), requestId);
  }
  account.log(describeFault(`${service.name}:${operationName}`, error));
  const code = service.faultCode ?? "InternalFailure";
  const fault = new ServiceError(code, "Local AWS failed on this request; its log says where.", 500);
  return protocol.error(service, fault, requestId);
}
