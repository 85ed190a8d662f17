/** Every service's wire protocol, and the input of an operation as it carries it. */
import type { HttpRequest } from "../read/http-request";
import { readInput } from "../services/input";
import type { Service } from "../services/service";
import { json } from "./json";
import type { Protocol, Target } from "./protocol";
import { query } from "./query";
import { restJson } from "./rest-json";

const PROTOCOLS: Readonly<Record<Service["protocol"], Protocol>> = {
  "json-1.1": json,
  query,
  "rest-json": restJson,
};

export function protocolOf(service: Service): Protocol {
  return PROTOCOLS[service.protocol];
}

/**
 * The input of the operation, if it keeps to the service model.
 *
 * @throws ServiceError
 */
export function parseInput(target: Target, request: HttpRequest): unknown {
  const { service, operation } = target;
  const members = protocolOf(service).read(target, request);
  return readInput(service, operation.input, members, (member) => inputPrefix(target, request, member));
}

/** As recorded of API Gateway: what comes in path or query is named without the input that it belongs to. */
function inputPrefix(
  { service, operationName, pathParameters }: Target,
  request: HttpRequest,
  member: string,
): string {
  const located = Object.hasOwn(pathParameters, member) || new URLSearchParams(request.query).has(member);
  if (!service.namesInputs || located) {
    return "";
  }
  return `${operationName.charAt(0).toLowerCase()}${operationName.slice(1)}Input.`;
}
