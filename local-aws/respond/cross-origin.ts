/**
 * What web pages may call and read: of services, the operations that take no signature, where the service says so. All else is closed
 * to them, whatever they know: a key pair such as `test` and `test` is no secret. Deployed APIs answer pages as they were configured.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
import { randomUUID } from "node:crypto";
import type { Target } from "../protocols/protocol";
import { type HttpRequest, header, isFromWebPage } from "../read/http-request";
import { UnreadableRequestError } from "../read/read";
import { SERVICES } from "../services";
import type { CrossOrigin } from "../services/service";
import type { HttpResponse } from "./http-response";

const CLOSED =
  "Web pages may call Cognito's operations without a signature and deployed APIs; to them, all else of local AWS is closed.";

export function isPreflight(request: HttpRequest): boolean {
  return (
    request.method === "OPTIONS" &&
    header(request, "origin") !== undefined &&
    header(request, "access-control-request-method") !== undefined
  );
}

/**
 * Answers a preflight of the service that is open to pages, and of no other. On loopback all services have one address, and a
 * preflight names none; but no page can send `X-Amz-Target` without asking for it, so whoever asks means a service that reads it.
 *
 * @throws UnreadableRequestError for every other preflight
 */
export function answerPreflight(request: HttpRequest): HttpResponse {
  const requested = (header(request, "access-control-request-headers") ?? "")
    .split(",")
    .map((name) => name.trim());
  const opened = SERVICES.find(({ crossOrigin }) => crossOrigin !== undefined)?.crossOrigin;
  const meant =
    request.path === "/" &&
    header(request, "access-control-request-method") === "POST" &&
    requested.some((name) => name.toLowerCase() === "x-amz-target");
  if (!meant || opened === undefined) {
    throw new UnreadableRequestError(403, CLOSED);
  }
  const allowed = requested.filter((name) => opened.allowedHeaders.includes(name.toLowerCase()));
  return {
    status: 200,
    headers: {
      "x-amzn-RequestId": randomUUID(),
      "Access-Control-Allow-Headers": allowed.join(","),
      "Access-Control-Allow-Methods": "POST",
      "Access-Control-Max-Age": String(opened.maxAge),
      ...readable(opened),
    },
    body: "",
  };
}

/**
 * Keeps pages from what isn't open to them before anything of it is done: not every request needs a preflight, and the one that is
 * allowed can't tell the operations of a service apart, nor the services that read `X-Amz-Target`.
 *
 * @throws UnreadableRequestError
 */
export function refuseWebPages(request: HttpRequest, target: Target): void {
  if (isFromWebPage(request) && openedBy(target) === undefined) {
    throw new UnreadableRequestError(403, CLOSED);
  }
}

/** Lets a page read the answer to its request, be it an error, where the target is open to pages. */
export function shareWithPages(request: HttpRequest, target: Target, response: HttpResponse): HttpResponse {
  const opened = openedBy(target);
  if (opened === undefined || header(request, "origin") === undefined) {
    return response;
  }
  return { ...response, headers: { ...response.headers, ...readable(opened) } };
}

function openedBy({ service, operation }: Target): CrossOrigin | undefined {
  return operation.permission === "unsigned" ? service.crossOrigin : undefined;
}

function readable({ exposedHeaders }: CrossOrigin): HttpResponse["headers"] {
  return { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": exposedHeaders.join(",") };
}
