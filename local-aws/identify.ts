/** Which operation of which service a request means. */
import { ServiceError } from "./errors";
import { type HttpRequest, header } from "./http";
import { json } from "./protocols/json";
import type { Invocation, Protocol } from "./protocols/protocol";
import { formOf, query } from "./protocols/query";
import { restJson } from "./protocols/rest-json";
import type { Service } from "./service";
import { apiGateway } from "./services/apigateway";
import { cognitoIdentity } from "./services/cognito-identity";
import { iam } from "./services/iam";
import { lambda } from "./services/lambda";
import { logs } from "./services/logs";
import { sts } from "./services/sts";

export const SERVICES: readonly Service[] = [cognitoIdentity, sts, iam, lambda, apiGateway, logs];

const PROTOCOLS: Readonly<Record<Service["protocol"], Protocol>> = {
  "json-1.1": json,
  query,
  "rest-json": restJson,
};

export function protocolOf(service: Service): Protocol {
  return PROTOCOLS[service.protocol];
}

/** A request that names an operation which local AWS doesn't have. */
export class NotImplemented extends Error {
  override readonly name = "NotImplemented";

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
 * @throws NotImplemented naming the operation
 */
export function identify(request: HttpRequest): Invocation {
  const target = header(request, "x-amz-target");
  if (target !== undefined) return byTarget(target);
  const path = decodedSegments(request.path);
  if (path.length === 0) return byAction(formOf(request));
  return byPath(request, path);
}

function byTarget(target: string): Invocation {
  const [prefix = "", operationName = ""] = target.split(".");
  const service = SERVICES.find((one) => one.targetPrefix === prefix);
  if (service === undefined) throw unknown(cognitoIdentity, `X-Amz-Target ${target}`);
  return named(service, operationName);
}

function byAction(form: URLSearchParams): Invocation {
  const action = form.get("Action") ?? "";
  const version = form.get("Version");
  const services = SERVICES.filter((service) => service.protocol === "query");
  const service = services.find((one) => one.version === version) ?? sts;
  return named(service, action);
}

function named(service: Service, operationName: string): Invocation {
  const operation = Object.hasOwn(service.operations, operationName)
    ? service.operations[operationName]
    : undefined;
  if (operation === undefined) throw unknown(service, operationName || "(no operation named)");
  return { service, operationName, operation, pathParameters: {} };
}

function byPath(request: HttpRequest, path: readonly string[]): Invocation {
  for (const service of SERVICES) {
    for (const [operationName, operation] of Object.entries(service.operations)) {
      const pathParameters =
        operation.http === undefined ? undefined : match(operation.http, request.method, path);
      if (pathParameters !== undefined) return { service, operationName, operation, pathParameters };
    }
  }
  const scope = /Credential=[^/]*\/\d+\/[^/]+\/([^/]+)\//.exec(header(request, "authorization") ?? "")?.[1];
  const service = SERVICES.find((one) => one.name === scope && one.protocol === "rest-json") ?? apiGateway;
  throw unknown(service, `${request.method} ${request.path}`);
}

function unknown(service: Service, operation: string): NotImplemented {
  const [code, status] =
    service.protocol === "query"
      ? (["InvalidAction", 400] as const)
      : (["UnknownOperationException", service.protocol === "rest-json" ? 404 : 400] as const);
  const message = `Local AWS does not implement ${service.name}: ${operation}. See local-aws/FIDELITY.md for the operations that it has.`;
  return new NotImplemented(service, new ServiceError(code, message, status));
}

/** The path's parameters if method and path are those of a template such as `GET /restapis/{restApiId}`. */
function match(
  template: string,
  method: string,
  path: readonly string[],
): Record<string, string> | undefined {
  const [verb, pattern = ""] = template.split(" ");
  const segments = pattern.split("/").filter((segment) => segment !== "");
  if (verb !== method || segments.length !== path.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = path[index] as string;
    if (segment.startsWith("{")) parameters[segment.slice(1, -1)] = value;
    else if (segment !== value) return undefined;
  }
  return parameters;
}

function decodedSegments(path: string): string[] {
  try {
    return path
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent);
  } catch {
    throw new ServiceError("BadRequestException", "The path holds an invalid percent-encoding.");
  }
}
