/** The errors of API Gateway's service model. */
import { ServiceError } from "../service-error";

export function badRequest(message: string): ServiceError {
  return new ServiceError("BadRequestException", message, 400);
}

export function notFound(message: string): ServiceError {
  return new ServiceError("NotFoundException", message, 404);
}

export function conflict(message: string): ServiceError {
  return new ServiceError("ConflictException", message, 409);
}

/** For what API Gateway has and this account has not: refused by name, so that nobody believes it is in force. */
export function unsupported(feature: string, instead: string): ServiceError {
  return badRequest(`Local AWS does not offer ${feature}. ${instead}`);
}
