/** Calls the API: signed by aws4, sent by undici exactly as signed. */
import { sign } from "aws4";
import { type Dispatcher, request } from "undici";
import type { Refusal } from "./assert";
import { apiOrigin } from "./endpoint";

/** Temporary credentials as `GetCredentialsForIdentity` gives them. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface ApiCall {
  readonly method: "GET";
  readonly url: URL;
  readonly region: string;
  readonly credentials: SessionCredentials;
  /** What stands in for AWS; null for AWS itself. */
  readonly endpoint: string | null;
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
}

export interface ApiAnswer {
  readonly status: number;
  readonly requestId: string | null;
  /** API Gateway's error code, e.g. `AccessDeniedException`; null when the answer is the integration's own. */
  readonly errorType: string | null;
  readonly body: string;
}

/** Signs and sends. Service and region are given to aws4, which else guesses them from the host. */
export async function callApi(call: ApiCall): Promise<ApiAnswer> {
  const signed = sign(
    {
      service: "execute-api",
      region: call.region,
      method: call.method,
      host: call.url.host,
      path: call.url.pathname + call.url.search,
      headers: { Accept: "application/json" },
    },
    call.credentials,
  );
  const answer = await request(`${apiOrigin(call.url, call.endpoint)}${signed.path}`, {
    method: call.method,
    headers: signed.headers as Record<string, string>,
    dispatcher: call.dispatcher,
    signal: call.signal,
  });
  return {
    status: answer.statusCode,
    requestId: single(answer.headers["x-amzn-requestid"]),
    errorType: single(answer.headers["x-amzn-errortype"]),
    body: await answer.body.text(),
  };
}

/** Reads an answer as a refusal. API Gateway writes `message`, and `Message` when IAM refuses. */
export function refusalOf(answer: ApiAnswer): Refusal {
  let message = answer.body;
  try {
    const body = JSON.parse(answer.body);
    message = body?.message ?? body?.Message ?? answer.body;
  } catch {
    // Not JSON: the body is all there is to show.
  }
  return { status: answer.status, code: answer.errorType, message: String(message) };
}

function single(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}
