/** Which operation of which service a request means. */

import { z } from "zod";
import type { Target } from "../protocols/protocol";
import { formOf } from "../protocols/query";
import { type HttpRequest, header } from "../read/http-request";
import { SERVICES } from "../services";
import { apiGateway } from "../services/apigateway";
import { cognitoIdentity } from "../services/cognito-identity";
import { type Operation, operation, type Service } from "../services/service";
import { ServiceError } from "../services/service-error";
import { sts } from "../services/sts";
import { matchTemplate, type PathTemplate, parseTemplate, segmentsOf } from "./path-template";
import { absentService, signedFor } from "./signed-for";

/**
 * Finds the operation by `X-Amz-Target`, by `Action`, or by method and path. What isn't found is a target too, whose refusal names
 * what was asked for.
 */
export function identify(request: HttpRequest): Target {
  const named = header(request, "x-amz-target");
  if (named !== undefined) {
    return byTarget(request, named);
  }
  const path = decodedSegments(request);
  if (path === undefined) {
    const error = new ServiceError("BadRequestException", "The path holds an invalid percent-encoding.");
    return refused(signedFor(request, apiGateway), error);
  }
  return path.length === 0 ? byAction(request) : byPath(request, path);
}

/** @throws ServiceError the target's refusal, if it has one */
export function requireOperation({ refusal }: Target): void {
  if (refusal !== undefined) {
    throw refusal;
  }
}

/** A target that only refuses: the service answers, in its protocol. */
function refused(service: Service, refusal: ServiceError): Target {
  return { service, operationName: "", operation: NO_OPERATION, pathParameters: {}, refusal };
}

const NO_OPERATION = operation({
  input: z.unknown(),
  permission: "unsigned",
  readOnly: true,
  run() {},
});

function byTarget(request: HttpRequest, target: string): Target {
  const { method, path } = request;
  const [prefix = "", operationName = "", ...more] = target.split(".");
  const service = SERVICES.find((one) => one.targetPrefix === prefix);
  if (service === undefined || more.length > 0) {
    const supposed = /^\w{2,64}$/.test(prefix) ? absentService(prefix, "json-1.1") : cognitoIdentity;
    return unknown(service ?? signedFor(request, supposed), `X-Amz-Target ${target}`);
  }
  if (method !== "POST" || path !== "/") {
    return unknown(service, `${target} by ${method} ${path}`);
  }
  return named(service, operationName);
}

function byAction(request: HttpRequest): Target {
  if (!isReadableForm(request)) {
    return refused(
      sts,
      new ServiceError("MalformedQueryString", "The query string contains a syntax error.", 404),
    );
  }
  const form = formOf(request);
  const action = form.get("Action") ?? "";
  const version = form.get("Version");
  const services = SERVICES.filter((service) => service.protocol === "query");
  const versioned = services.find((one) => one.version === version);
  const service = versioned ?? signedFor(request, sts);
  if (request.method !== "POST" && request.method !== "GET") {
    return unknown(service, `${action} by ${request.method}`);
  }
  if (versioned === undefined && service !== sts) {
    return unknown(service, action || `${request.method} ${request.path}`);
  }
  return named(service, action);
}

/**
 * `URLSearchParams` reads what is no percent-encoding of UTF-8 as something else, and so would hide it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 */
function isReadableForm({ body, query }: HttpRequest): boolean {
  try {
    decodeURIComponent(body.length > 0 ? body.toString("latin1") : query);
    return true;
  } catch {
    return false;
  }
}

function named(service: Service, operationName: string): Target {
  const operation = Object.hasOwn(service.operations, operationName)
    ? service.operations[operationName]
    : undefined;
  if (operation === undefined) {
    return unknown(service, operationName || "(no operation named)");
  }
  return { service, operationName, operation, pathParameters: {} };
}

function byPath(request: HttpRequest, path: readonly string[]): Target {
  for (const { verb, template, query, service, operationName, operation } of ROUTES) {
    const match = verb === request.method ? matchTemplate(template, path) : undefined;
    if (match !== undefined && holds(request, query)) {
      return { service, operationName, operation, pathParameters: match.parameters };
    }
  }
  return unknown(signedFor(request, apiGateway), `${request.method} ${request.path}`);
}

function unknown(service: Service, operation: string): Target {
  const [code, status] =
    service.protocol === "query"
      ? (["InvalidAction", 400] as const)
      : (["UnknownOperationException", service.protocol === "rest-json" ? 404 : 400] as const);
  const message = `Local AWS does not implement ${service.name}: ${operation}. See local-aws/FIDELITY.md for the services and operations that it has.`;
  return refused(service, new ServiceError(code, message, status));
}

interface Route {
  readonly verb: string;
  readonly template: PathTemplate;
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
const ROUTES: readonly Route[] = SERVICES.flatMap((service) =>
  Object.entries(service.operations).flatMap(([operationName, operation]) => {
    if (operation.http === undefined) {
      return [];
    }
    const [verb = "", target = ""] = operation.http.split(" ");
    const [path = "", query] = target.split("?");
    const route = { verb, template: parseTemplate(path), query: new URLSearchParams(query) };
    return [{ ...route, service, operationName, operation }];
  }),
).sort((a, b) => b.query.size - a.query.size);

function holds(request: HttpRequest, wanted: URLSearchParams): boolean {
  if (wanted.size === 0) {
    return true;
  }
  const query = new URLSearchParams(request.query);
  return [...wanted].every(([name, value]) => query.get(name) === value);
}

/** Undefined for a path that can't be decoded. */
function decodedSegments({ path }: HttpRequest): string[] | undefined {
  try {
    return segmentsOf(path).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
