/** The event that a Lambda function gets from an AWS_PROXY integration. */

import { queryValues } from "../../read/values-by-name";
import type { RoutedCall } from "./api-call";
import { isBinary } from "./binary";
import type { CallerIdentity } from "./caller-identity";
import { headersByName, headerValue, lastValues, type MultiValues } from "./parameters";

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
interface ProxyEvent {
  /** The resource's template, e.g. `/users/{user}`. */
  readonly resource: string;
  /** Without the stage and with one leading slash. */
  readonly path: string;
  readonly httpMethod: string;
  /** Of a header sent twice the last value; null, like the next three, when there is none. */
  readonly headers: Readonly<Record<string, string>> | null;
  readonly multiValueHeaders: MultiValues | null;
  /** Decoded. */
  readonly queryStringParameters: Readonly<Record<string, string>> | null;
  readonly multiValueQueryStringParameters: MultiValues | null;
  /** Not decoded. */
  readonly pathParameters: Readonly<Record<string, string>> | null;
  readonly stageVariables: Readonly<Record<string, string>> | null;
  readonly requestContext: Readonly<Record<string, unknown>> & { readonly identity: CallerIdentity };
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
}

/** Headers that concern one connection only. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html */
const DROPPED_HEADERS = new Set([
  "connection",
  "content-length",
  "content-md5",
  "expect",
  "max-forwards",
  "proxy-authenticate",
  "server",
  "te",
  "transfer-encoding",
  "trailer",
  "upgrade",
  "www-authenticate",
]);

export function proxyEvent(call: RoutedCall): ProxyEvent {
  const { context, definition, request, route, stage } = call;
  const headers = headersByName(forwardedHeaders(call));
  const query = queryValues(request.query);
  const binary = isBinary(definition.binaryMediaTypes, headerValue(request, "content-type"));
  const empty = request.body.length === 0;
  return {
    resource: route.resource.path,
    path: `/${call.path.replace(/^\/+/, "")}`,
    httpMethod: context.httpMethod,
    headers: nullIfEmpty(lastValues(headers)),
    multiValueHeaders: nullIfEmpty(headers),
    queryStringParameters: nullIfEmpty(lastValues(query)),
    multiValueQueryStringParameters: nullIfEmpty(query),
    pathParameters: nullIfEmpty(route.pathParameters),
    stageVariables: nullIfEmpty(stage.variables ?? {}),
    requestContext: {
      resourceId: context.resourceId,
      resourcePath: context.resourcePath,
      operationName: route.method.operationName,
      httpMethod: context.httpMethod,
      extendedRequestId: context.extendedRequestId,
      requestTime: context.requestTime,
      path: context.path,
      accountId: context.accountId,
      protocol: context.protocol,
      stage: context.stage,
      domainPrefix: context.domainPrefix,
      requestTimeEpoch: context.requestTimeEpoch,
      requestId: context.requestId,
      identity: context.identity,
      domainName: context.domainName,
      deploymentId: context.deploymentId,
      apiId: context.apiId,
    },
    body: empty ? null : request.body.toString(binary ? "base64" : "utf8"),
    isBase64Encoded: binary && !empty,
  };
}

/** A verified signature stays behind, everything else that isn't of the connection goes on; the gateway adds where it came from. */
function forwardedHeaders({ context, request, route }: RoutedCall): [string, string][] {
  const signed = route.method.authorizationType === "AWS_IAM";
  const kept = request.headers.filter(([name]) => {
    const key = name.toLowerCase();
    if (signed && key === "authorization") {
      return false;
    }
    return !DROPPED_HEADERS.has(key) && !ADDED_HEADERS.has(key);
  });
  const forwardedFor = headerValue(request, "x-forwarded-for");
  return [
    ...kept.map(([name, value]): [string, string] => [SPELLED.get(name.toLowerCase()) ?? name, value]),
    ["Host", context.domainName],
    ["X-Amzn-Trace-Id", context.xrayTraceId],
    ["X-Forwarded-For", forwardedFor ? `${forwardedFor}, ${request.sourceIp}` : request.sourceIp],
    ["X-Forwarded-Port", "443"],
    ["X-Forwarded-Proto", "https"],
  ];
}

/** The headers that API Gateway writes its own way, as recorded by LocalStack's suite; others keep the client's spelling. */
const SPELLED = new Map([
  ["authorization", "Authorization"],
  ["user-agent", "User-Agent"],
]);

const ADDED_HEADERS = new Set([
  "host",
  "x-amzn-trace-id",
  "x-forwarded-for",
  "x-forwarded-port",
  "x-forwarded-proto",
]);

function nullIfEmpty<Value extends object>(map: Value): Value | null {
  return Object.keys(map).length > 0 ? map : null;
}
