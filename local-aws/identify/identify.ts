/** Which operation of which service a request means. */

import { json } from "../protocols/json";
import type { Invocation, Protocol } from "../protocols/protocol";
import { formOf, query } from "../protocols/query";
import { restJson } from "../protocols/rest-json";
import { type HttpRequest, header } from "../read/http-request";
import { SERVICES } from "../services";
import { apiGateway } from "../services/apigateway";
import { cognitoIdentity } from "../services/cognito-identity";
import type { Operation, Service } from "../services/service";
import { ServiceError } from "../services/service-error";
import { sts } from "../services/sts";

const PROTOCOLS: Readonly<Record<Service["protocol"], Protocol>> = {
  "json-1.1": json,
  query,
  "rest-json": restJson,
};

export function protocolOf(service: Service): Protocol {
  return PROTOCOLS[service.protocol];
}

/** A request that names no operation, or one that local AWS doesn't have. */
export class Unidentified extends Error {
  override readonly name = "Unidentified";

  /** @param service the one that answers, in its protocol */
  constructor(
    readonly service: Service,
    readonly error: ServiceError,
  ) {
    super(error.message);
  }
}

/**
 * Finds the operation by `X-Amz-Target`, by `Action`, or by method and path.
 *
 * @throws Unidentified naming what was asked for
 */
export function identify(request: HttpRequest): Invocation {
  const target = header(request, "x-amz-target");
  if (target !== undefined) {
    return byTarget(request, target);
  }
  const path = decodedSegments(request);
  if (path.length === 0) {
    return byAction(request);
  }
  return byPath(request, path);
}

function byTarget({ method, path }: HttpRequest, target: string): Invocation {
  const [prefix = "", operationName = "", ...more] = target.split(".");
  const service = SERVICES.find((one) => one.targetPrefix === prefix);
  if (service === undefined || more.length > 0) {
    throw unknown(service ?? cognitoIdentity, `X-Amz-Target ${target}`);
  }
  if (method !== "POST" || path !== "/") {
    throw unknown(service, `${target} by ${method} ${path}`);
  }
  return named(service, operationName);
}

function byAction(request: HttpRequest): Invocation {
  checkForm(request);
  const form = formOf(request);
  const action = form.get("Action") ?? "";
  const version = form.get("Version");
  const services = SERVICES.filter((service) => service.protocol === "query");
  const service = services.find((one) => one.version === version) ?? sts;
  if (request.method !== "POST" && request.method !== "GET") {
    throw unknown(service, `${action} by ${request.method}`);
  }
  return named(service, action);
}

/**
 * `URLSearchParams` reads what is no percent-encoding of UTF-8 as something else, and so would hide it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 */
function checkForm({ body, query }: HttpRequest): void {
  try {
    decodeURIComponent(body.length > 0 ? body.toString("latin1") : query);
  } catch {
    throw new Unidentified(
      sts,
      new ServiceError("MalformedQueryString", "The query string contains a syntax error.", 404),
    );
  }
}

function named(service: Service, operationName: string): Invocation {
  const operation = Object.hasOwn(service.operations, operationName)
    ? service.operations[operationName]
    : undefined;
  if (operation === undefined) {
    throw unknown(service, operationName || "(no operation named)");
  }
  return { service, operationName, operation, pathParameters: {} };
}

function byPath(request: HttpRequest, path: readonly string[]): Invocation {
  for (const { verb, template, query, service, operationName, operation } of TEMPLATES) {
    const pathParameters = verb === request.method ? match(template, path) : undefined;
    if (pathParameters !== undefined && holds(request, query)) {
      return { service, operationName, operation, pathParameters };
    }
  }
  throw unknown(scopedService(request), `${request.method} ${request.path}`);
}

/** The rest-json service that the request was signed for. */
function scopedService(request: HttpRequest): Service {
  const scope = /Credential=[^/]*\/\d+\/[^/]+\/([^/]+)\//.exec(header(request, "authorization") ?? "")?.[1];
  return SERVICES.find((one) => one.name === scope && one.protocol === "rest-json") ?? apiGateway;
}

function unknown(service: Service, operation: string): Unidentified {
  const [code, status] =
    service.protocol === "query"
      ? (["InvalidAction", 400] as const)
      : (["UnknownOperationException", service.protocol === "rest-json" ? 404 : 400] as const);
  const message = `Local AWS does not implement ${service.name}: ${operation}. See local-aws/FIDELITY.md for the operations that it has.`;
  return new Unidentified(service, new ServiceError(code, message, status));
}

interface PathTemplate {
  readonly verb: string;
  readonly template: readonly string[];
  /** What the query has to hold besides, e.g. `mode=import`; empty for most. */
  readonly query: URLSearchParams;
  readonly service: Service;
  readonly operationName: string;
  // biome-ignore lint/suspicious/noExplicitAny: whichever operation the request names
  readonly operation: Operation<any>;
}

/**
 * The method and path templates of all operations, such as `GET /restapis/{restApiId}`, taken apart once. Those that a query
 * tells from another come first.
 */
const TEMPLATES: readonly PathTemplate[] = SERVICES.flatMap((service) =>
  Object.entries(service.operations).flatMap(([operationName, operation]) => {
    if (operation.http === undefined) {
      return [];
    }
    const [verb = "", target = ""] = operation.http.split(" ");
    const [path = "", query] = target.split("?");
    const template = { template: segmentsOf(path), query: new URLSearchParams(query) };
    return [{ verb, ...template, service, operationName, operation }];
  }),
).sort((a, b) => b.query.size - a.query.size);

function holds(request: HttpRequest, wanted: URLSearchParams): boolean {
  if (wanted.size === 0) {
    return true;
  }
  const query = new URLSearchParams(request.query);
  return [...wanted].every(([name, value]) => query.get(name) === value);
}

/** The path's parameters if it is one of the template. */
function match(template: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (template.length !== path.length) {
    return undefined;
  }
  const parameters: Record<string, string> = {};
  for (const [index, segment] of template.entries()) {
    const value = path[index] as string;
    if (segment.startsWith("{")) {
      parameters[segment.slice(1, -1)] = value;
    } else if (segment !== value) {
      return undefined;
    }
  }
  return parameters;
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

function decodedSegments(request: HttpRequest): string[] {
  try {
    return segmentsOf(request.path).map(decodeURIComponent);
  } catch {
    throw new Unidentified(
      scopedService(request),
      new ServiceError("BadRequestException", "The path holds an invalid percent-encoding."),
    );
  }
}
