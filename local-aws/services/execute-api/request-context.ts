/**
 * What API Gateway calls `$context`: the facts of one request that Lambda events, templates, header mappings and access
 * logs draw from. It is filled while the request advances.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
import { randomUUID } from "node:crypto";
import type { Account } from "../../account";
import { bytesOfId, traceRoot } from "../../account/ids";
import { type HttpRequest, header } from "../../read/http-request";
import type { ApiAddress } from "./address";
import { type CallerIdentity, callerIdentity } from "./caller-identity";

export interface RequestContext {
  readonly accountId: string;
  readonly apiId: string;
  readonly domainName: string;
  readonly domainPrefix: string;
  readonly httpMethod: string;
  /** As sent, with the stage, which has one slash before it. */
  readonly path: string;
  readonly protocol: string;
  /** A UUID. */
  readonly requestId: string;
  /** The form of `x-amz-apigw-id`. */
  readonly extendedRequestId: string;
  /** `17/Jun/2024:14:58:25 +0000` */
  readonly requestTime: string;
  /** Milliseconds. */
  readonly requestTimeEpoch: number;
  readonly stage: string;
  /** `Root=1-…`, the id that X-Ray would know the request by. */
  readonly xrayTraceId: string;
  deploymentId?: string;
  resourceId?: string;
  resourcePath?: string;
  identity: CallerIdentity;
  error?: { message: string; messageString: string; responseType: string };
  /** `status` is what the integration answered, `latency` milliseconds. */
  integration?: { status: number; latency: number; error?: string };
}

export function newRequestContext(
  account: Account,
  request: HttpRequest,
  { apiId, domainName, path, stage }: ApiAddress & { readonly stage: string },
): RequestContext {
  const now = account.now();
  return {
    accountId: account.id,
    apiId,
    domainName,
    domainPrefix: domainName.split(".", 1)[0] ?? "",
    httpMethod: request.method.toUpperCase(),
    path: path.replace(/^\/+/, "/"),
    protocol: "HTTP/1.1",
    requestId: randomUUID(),
    extendedRequestId: `${bytesOfId(11).toString("base64url")}=`,
    requestTime: commonLogTime(now),
    requestTimeEpoch: now.getTime(),
    stage,
    xrayTraceId: traceId(request, now),
    identity: callerIdentity(request),
  };
}

const TRACE = /^Root=1-[\da-f]{8}-[\da-f]{24}(?:;\w+=[\w:|-]+)*$/;

/** A client's own trace goes on, with a parent if it has none; as recorded by LocalStack's suite (test_invocation_trace_id). */
function traceId(request: HttpRequest, now: Date): string {
  const given = header(request, "x-amzn-trace-id") ?? "";
  if (TRACE.test(given)) {
    return given.includes(";Parent=") ? given : `${given};Parent=${bytesOfId(8).toString("hex")}`;
  }
  return traceRoot(now);
}

/** The value of `$context.PATH`, e.g. `identity.sourceIp`; undefined where the context has nothing. */
export function contextVariable(context: RequestContext, path: string): string | undefined {
  const value = path
    .split(".")
    .reduce<unknown>(
      (holder, key) =>
        typeof holder === "object" && holder !== null && Object.hasOwn(holder, key)
          ? (holder as Record<string, unknown>)[key]
          : undefined,
      { ...context, ...INTEGRATION_ALIASES(context) },
    );
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** Replaces every `$context.…` in a text; `missing` stands for what the context has nothing for. */
export function substituteContext(text: string, context: RequestContext, missing: string): string {
  return text.replace(/\$context((?:\.[A-Za-z0-9_]+)+)/g, (_, path: string) => {
    return contextVariable(context, path.slice(1)) ?? missing;
  });
}

/** The older names of the members of `integration`. */
const INTEGRATION_ALIASES = ({ integration }: RequestContext) => ({
  integrationStatus: integration?.status,
  integrationLatency: integration?.latency,
  integrationErrorMessage: integration?.error,
});

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function commonLogTime(time: Date): string {
  const [date = "", clock = ""] = time.toISOString().split("T");
  const [year, month, day] = date.split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock.slice(0, 8)} +0000`;
}
