/** What API Gateway accepts from a Lambda function behind an AWS_PROXY integration, and what it makes of it. */
import { z } from "zod";
import { firstAccepted, isBinary } from "./binary";
import { isSendable } from "./headers";

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** An unknown member makes the whole response malformed. */
const proxyResponse = z.strictObject({
  statusCode: z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .pipe(z.int().min(200).max(599))
    .nullish(),
  headers: z.record(z.string(), scalar).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(scalar)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

export interface ProxyResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string[]>>;
  readonly body: Buffer;
}

/** The function's answer breaks the contract; the client gets a 502 and never sees why. */
export class MalformedProxyResponseError extends Error {
  override readonly name = "MalformedProxyResponseError";
}

/** The body was to be bytes and is not base64; the client gets a 500. */
export class UndecodableBodyError extends Error {
  override readonly name = "UndecodableBodyError";
}

/**
 * Reads a function's answer.
 * @throws MalformedProxyResponseError, UndecodableBodyError
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function readProxyResponse(
  payload: Buffer,
  { accept, binaryMediaTypes }: { accept: string | undefined; binaryMediaTypes: readonly string[] },
): ProxyResponse {
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = parse(payload);
  const decoded = isBase64Encoded === true && isBinary(binaryMediaTypes, firstAccepted(accept));
  return {
    status: statusCode ?? 200,
    headers: mergedHeaders(headers ?? {}, multiValueHeaders ?? {}),
    body: decoded ? decodeBase64(body ?? "") : Buffer.from(body ?? ""),
  };
}

function parse(payload: Buffer): z.infer<typeof proxyResponse> {
  let raw: unknown;
  try {
    raw = JSON.parse(payload.toString("utf8"));
  } catch {
    throw new MalformedProxyResponseError("the function's answer is not JSON");
  }
  const { data, error } = proxyResponse.safeParse(raw);
  if (error) {
    throw new MalformedProxyResponseError(z.prettifyError(error));
  }
  return data;
}

/** A header in both maps has the values of both, spelt as in `multiValueHeaders`. */
function mergedHeaders(
  headers: Readonly<Record<string, string>>,
  multiValueHeaders: Readonly<Record<string, string[]>>,
): Record<string, string[]> {
  const merged = new Map(
    Object.entries(multiValueHeaders).map(([name, values]) => [name.toLowerCase(), { name, values }]),
  );
  for (const [name, value] of Object.entries(headers)) {
    const other = merged.get(name.toLowerCase());
    const values =
      other && !other.values.includes(value) ? [...other.values, value] : (other?.values ?? [value]);
    merged.set(name.toLowerCase(), { name: other?.name ?? name, values });
  }
  const outgoing: Record<string, string[]> = {};
  for (const { name, values } of merged.values()) {
    const outgoingName = outgoingHeader(name);
    if (outgoingName === undefined || values.length === 0) {
      continue;
    }
    if (!values.every((value) => isSendable(outgoingName, value))) {
      throw new MalformedProxyResponseError(`header ${JSON.stringify(name)} cannot be sent over HTTP`);
    }
    outgoing[outgoingName] = values;
  }
  return outgoing;
}

/** Headers that belong to the gateway's own connection: renamed, or lost. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html */
const REMAPPED = new Set([
  "connection",
  "content-length",
  "content-md5",
  "date",
  "host",
  "server",
  "user-agent",
  "www-authenticate",
  "x-amz-apigw-id",
  "x-amzn-requestid",
  "x-amzn-trace-id",
]);
const DROPPED = new Set([
  "expect",
  "max-forwards",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

function outgoingHeader(name: string): string | undefined {
  const key = name.toLowerCase();
  if (DROPPED.has(key)) {
    return undefined;
  }
  return REMAPPED.has(key) ? `x-amzn-Remapped-${name}` : name;
}

function decodeBase64(body: string): Buffer {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(body) || body.replace(/=+$/, "").length % 4 === 1) {
    throw new UndecodableBodyError("isBase64Encoded is true, but the body is not base64");
  }
  return Buffer.from(body, "base64");
}
