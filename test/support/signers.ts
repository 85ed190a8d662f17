/** Signed requests as they arrive, made by signers that the verifier shares no code with, and what the verifier says of them. */

import { SignatureV4 } from "@smithy/signature-v4";
import aws4 from "aws4";
import { AuthenticationError } from "../../local-aws/authenticate/authentication-error";
import { parseSignature } from "../../local-aws/authenticate/parsed-signature";
import { Sha256 } from "../../local-aws/authenticate/sha256";
import { checkTimeAndScope, verifySignature } from "../../local-aws/authenticate/signature";
import type { HttpRequest } from "../../local-aws/read/http-request";

export const HOST = "abcdef1234.execute-api.us-east-1.amazonaws.com";
export const SCOPE = { service: "execute-api", region: "us-east-1" };
export const NOW = new Date("2026-01-02T03:04:05Z");
export const DATE = "20260102T030405Z";
export const KEY = {
  accessKeyId: "ASIAEXAMPLEEXAMPLE12",
  secretAccessKey: "secret/with+all=kinds",
  sessionToken: "token//with+all==",
};

export interface Message {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Text as Node hands it over from the wire: a character for each byte. */
export const wire = (text: string) => Buffer.from(text, "utf8").toString("latin1");

export function received(
  method: string,
  target: string,
  headers: Readonly<Record<string, unknown>>,
  body: string,
): HttpRequest {
  const [path = "", query = ""] = wire(target).split(/\?(.*)/s);
  return {
    method,
    path,
    query,
    headers: Object.entries(headers).map(([name, value]) => [name, wire(String(value))]),
    body: Buffer.from(body),
    sourceIp: "127.0.0.1",
  };
}

export function signedByAws4(message: Message, options: { signQuery?: boolean } = {}): HttpRequest {
  const { method = "GET", path, body } = message;
  const signed = aws4.sign(
    {
      ...SCOPE,
      ...options,
      host: HOST,
      method,
      path: options.signQuery ? `${path}${path.includes("?") ? "&" : "?"}X-Amz-Date=${DATE}` : path,
      headers: { ...message.headers, ...(options.signQuery ? {} : { "X-Amz-Date": DATE }) },
      body,
    },
    KEY,
  );
  return received(method, signed.path as string, signed.headers ?? {}, body ?? "");
}

type Parameters = Record<string, string | string[]>;

export const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

export function sdkSigner(): SignatureV4 {
  return new SignatureV4({ ...SCOPE, credentials: KEY, sha256: Sha256 });
}

export function sentBySdk(
  signed: { method: string; path: string; query?: unknown; headers: object },
  body: string,
) {
  const pairs = Object.entries((signed.query ?? {}) as Parameters).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encode(name)}=${encode(value)}`),
  );
  return received(signed.method, `${signed.path}?${pairs.join("&")}`, { ...signed.headers }, body);
}

export async function verify(request: HttpRequest, now = NOW): Promise<void> {
  const claim = parseSignature(request);
  checkTimeAndScope(claim, SCOPE, now);
  expect(claim.accessKeyId).toBe(KEY.accessKeyId);
  await verifySignature(request, claim, KEY.secretAccessKey);
}

export async function refusal(request: HttpRequest, now = NOW): Promise<AuthenticationError> {
  const error = await verify(request, now).then(
    () => new Error("The request was accepted."),
    (thrown) => thrown,
  );
  if (!(error instanceof AuthenticationError)) {
    throw error;
  }
  return error;
}

export function withHeader(request: HttpRequest, name: string, value: string): HttpRequest {
  return { ...request, headers: [...request.headers.filter(([key]) => key !== name), [name, value]] };
}

export function rewritten(request: HttpRequest, rewrite: (authorization: string) => string): HttpRequest {
  return {
    ...request,
    headers: request.headers.map(([name, value]) => [
      name,
      name === "Authorization" ? rewrite(value) : value,
    ]),
  };
}
