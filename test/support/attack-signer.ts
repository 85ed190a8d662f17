/**
 * Signature Version 4 with every part open to forgery. Written for these tests from the specification, so that neither aws4 nor
 * the signer inside local AWS decides what can be tried.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from "node:crypto";
import type { WireRequest } from "./wire";

export interface Signing {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly at: Date;
  readonly host: string;
  readonly method?: string;
  /** The target as sent, with the query. */
  readonly path: string;
  /** Further headers, all of them signed. */
  readonly headers?: WireRequest["headers"];
  readonly body?: string;
  /** @default us-east-1 */
  readonly region?: string;
  /** @default execute-api */
  readonly service?: string;
  readonly terminator?: string;
  /** `YYYYMMDD`. @default the day of `at` */
  readonly scopeDate?: string;
  readonly algorithm?: string;
  /** What is signed for the path. @default its segments, encoded once more */
  readonly canonicalPath?: string;
  /** What is signed for the query. @default its pairs encoded and sorted */
  readonly canonicalQuery?: string;
  /** What is signed for headers, by lower-case name. @default their values, trimmed */
  readonly canonicalHeaders?: Readonly<Record<string, string>>;
  /** What is signed for the body. @default its SHA-256 hash */
  readonly bodyHash?: string;
  /** @default all */
  readonly signedHeaders?: readonly string[];
}

/** A request with its signature in the `Authorization` header. */
export function signed(signing: Signing): WireRequest {
  const { accessKeyId, sessionToken, at, host, body } = signing;
  const headers: [string, string][] = [
    ["Host", host],
    ["X-Amz-Date", basicFormat(at)],
    ...(sessionToken === undefined ? [] : [["X-Amz-Security-Token", sessionToken] as [string, string]]),
    ...(signing.headers ?? []).map(([name, value]) => [name, value] as [string, string]),
  ];
  const names = signing.signedHeaders ?? [...new Set(headers.map(([name]) => name.toLowerCase()))].sort();
  const { algorithm, scope, signature } = signatureOf(signing, headers, names);
  const authorization = `${algorithm} Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return {
    method: signing.method ?? "GET",
    path: signing.path,
    headers: [...headers, ["Authorization", authorization]],
    body,
  };
}

/** A request with its signature in the query. */
export function presigned(signing: Signing & { readonly expires?: number | string }): WireRequest {
  const { accessKeyId, sessionToken, at, host, path, expires = 60 } = signing;
  const parameters = {
    "X-Amz-Algorithm": signing.algorithm ?? ALGORITHM,
    "X-Amz-Credential": `${accessKeyId}/${scopeOf(signing)}`,
    "X-Amz-Date": basicFormat(at),
    "X-Amz-Expires": String(expires),
    ...(sessionToken === undefined ? {} : { "X-Amz-Security-Token": sessionToken }),
    "X-Amz-SignedHeaders": "host",
  };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encode(value)}`);
  const target = `${path}${path.includes("?") ? "&" : "?"}${query.join("&")}`;
  const { signature } = signatureOf({ ...signing, path: target }, [["Host", host]], ["host"]);
  return {
    method: signing.method ?? "GET",
    path: `${target}&X-Amz-Signature=${signature}`,
    headers: [["Host", host]],
  };
}

const ALGORITHM = "AWS4-HMAC-SHA256";

function signatureOf(signing: Signing, headers: readonly [string, string][], names: readonly string[]) {
  const { secretAccessKey, at, method = "GET", path, body = "", algorithm = ALGORITHM } = signing;
  const [rawPath = "", query = ""] = path.split(/\?(.*)/s);
  const canonicalRequest = [
    method,
    signing.canonicalPath ?? rawPath.split("/").map(encode).join("/"),
    signing.canonicalQuery ?? canonicalQuery(query),
    ...names.map((name) => `${name}:${signing.canonicalHeaders?.[name] ?? valuesOf(headers, name)}`),
    "",
    names.join(";"),
    signing.bodyHash ?? sha256(body),
  ].join("\n");
  const scope = scopeOf(signing);
  const stringToSign = [algorithm, basicFormat(at), scope, sha256(canonicalRequest)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return { algorithm, scope, signature: hmac(key, stringToSign).toString("hex") };
}

function scopeOf({
  at,
  scopeDate,
  region = "us-east-1",
  service = "execute-api",
  terminator = "aws4_request",
}: Signing) {
  return [scopeDate ?? basicFormat(at).slice(0, 8), region, service, terminator].join("/");
}

export function basicFormat(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, "");
}

function valuesOf(headers: readonly [string, string][], name: string): string {
  const values = headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value.trim());
  return values.join(",").replace(/ +/g, " ");
}

function canonicalQuery(query: string): string {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [name = "", value = ""] = pair.split(/=(.*)/s);
      return `${encode(decodeURIComponent(name))}=${encode(decodeURIComponent(value))}`;
    })
    .sort()
    .join("&");
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
