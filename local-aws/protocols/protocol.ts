/** What a wire protocol does: read the members of an input, write an output, write an error. */

import type { AuthenticationFailure } from "../authenticate/authentication-error";
import type { HttpRequest } from "../read/http-request";
import type { HttpResponse } from "../respond/http-response";
import type { Operation, Service } from "../services/service";
import type { ServiceError } from "../services/service-error";

/** What a request means. */
export interface Target {
  readonly service: Service;
  readonly operationName: string;
  // biome-ignore lint/suspicious/noExplicitAny: whichever operation the request names
  readonly operation: Operation<any>;
  /** Path parameters, for rest-json. */
  readonly pathParameters: Readonly<Record<string, string>>;
  /** There is no such operation: this is what its service has to say. */
  readonly refusal?: ServiceError;
}

export interface Protocol {
  /** The members of the input as the client sent them; throws ServiceError for a body that can't be read. */
  read(target: Target, request: HttpRequest): unknown;
  respond(target: Target, output: unknown, requestId: string): HttpResponse;
  error(service: Service, error: ServiceError, requestId: string): HttpResponse;
  /** The code and HTTP status with which the protocol reports each failure of authentication. */
  readonly authentication: Readonly<Record<AuthenticationFailure, readonly [code: string, status: number]>>;
  /** The code and HTTP status with which the protocol reports that IAM refused. */
  readonly accessDenied: readonly [code: string, status: number];
}
