/** Calls the API: signed by aws4, sent by undici exactly as signed. */
import { sign } from "aws4";
import { request } from "undici";
import type { Clock } from "../run/clock";
import type { Deployment } from "../run/outputs";
import type { Redactor } from "../run/redact";
import { type Refusal, UnreadableAnswer } from "./assert";
import type { CallLog } from "./call-log";
import { apiOrigin } from "./endpoint";
import { parseJson } from "./json";
import { attempt, type ServiceConnection } from "./service-call";

/** Temporary credentials as `GetCredentialsForIdentity` gives them. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Absent only where a call is to be refused for its absence. */
  readonly sessionToken?: string;
}

/** What the signature says, where it differs from what the call needs. */
export interface Signing {
  readonly credentials: SessionCredentials;
  /** @default the deployment's */
  readonly region?: string;
  /** @default execute-api */
  readonly service?: string;
  /** When the request claims to have been signed. @default now */
  readonly date?: Date;
}

/** A request to the deployed stage, and how it is signed. */
export interface ApiCall {
  readonly method: "GET" | "POST" | "OPTIONS";
  /** Below the stage, e.g. `/hello`. */
  readonly path: string;
  /** Null sends the call unsigned. */
  readonly signing: Signing | null;
  /** @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Changes the signature after signing. @default left as it is */
  readonly alterSignature?: (signature: string) => string;
}

/** What API Gateway or the integration behind it answered, its body as text. */
export interface ApiAnswer {
  readonly status: number;
  readonly requestId: string | null;
  /** API Gateway's error code, e.g. `AccessDeniedException`; null when the answer is the integration's own. */
  readonly errorType: string | null;
  /** A header's value by its name in lower case; null when absent. */
  readonly header: (name: string) => string | null;
  readonly body: string;
}

/** What calls to the API need of a walk. */
export interface ApiConnection extends ServiceConnection {
  readonly deployment: Deployment;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

/** The URL of a path of the deployed stage. */
export function apiUrl(deployment: Deployment, path: string): URL {
  return new URL(`${deployment.invokeUrl}${path}`);
}

/**
 * One attempt of a call to the API.
 *
 * @throws HarnessError when there is no answer; any answer is returned, whatever its status
 * @throws UnreadableAnswer when it says to be JSON and is not
 */
export async function callApi(connection: ApiConnection, calls: CallLog, call: ApiCall): Promise<ApiAnswer> {
  const { deployment, endpoint, dispatcher, clock, redactor } = connection;
  const url = apiUrl(deployment, call.path);
  const { path, headers } = signed(url, deployment.region, call);
  redactor.addSignature(headers.Authorization);
  const answer = await attempt(connection, `${call.method} ${url}`, async (signal) => {
    const sentAt = Date.now();
    const {
      statusCode,
      headers: received,
      body,
    } = await request(`${apiOrigin(url, endpoint)}${path}`, {
      method: call.method,
      headers,
      dispatcher,
      signal,
    });
    clock.note(single(received.date) ?? undefined, sentAt, Date.now());
    return { status: statusCode, received, body: await body.text() };
  });
  const header = (name: string) => single(answer.received[name]);
  const requestId = header("x-amzn-requestid");
  calls.note({ requestId: requestId ?? undefined });
  const errorType = header("x-amzn-errortype");
  const read: ApiAnswer = { status: answer.status, requestId, errorType, header, body: answer.body };
  const saysJson = read.body !== "" && header("content-type")?.startsWith("application/json");
  if (saysJson && parseJson(read.body) === undefined) {
    const start = read.body.slice(0, 200);
    throw new UnreadableAnswer(`${call.method} ${url}`, "JSON", `${read.status} ${start}`, refusalOf(read));
  }
  return read;
}

/** Path and headers to send. Service and region are given to aws4, which else guesses them from the host. */
function signed(url: URL, region: string, { method, signing, headers = {}, alterSignature }: ApiCall) {
  const plain = {
    method,
    host: url.host,
    path: url.pathname + url.search,
    headers: { Accept: "application/json", ...headers },
  };
  if (signing === null) {
    return { path: plain.path, headers: { ...plain.headers, Host: url.host } };
  }
  const dated = signing.date === undefined ? {} : { "X-Amz-Date": amzDate(signing.date) };
  const request = sign(
    {
      ...plain,
      headers: { ...plain.headers, ...dated },
      service: signing.service ?? "execute-api",
      region: signing.region ?? region,
    },
    signing.credentials,
  );
  const sent = { ...(request.headers as Record<string, string>) };
  if (alterSignature !== undefined) {
    sent.Authorization = String(sent.Authorization).replace(/(?<=Signature=)[0-9a-f]+/, alterSignature);
  }
  return { path: request.path as string, headers: sent };
}

/** ISO 8601's basic form, as the `X-Amz-Date` header has it. */
function amzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}

/** Reads an answer as a refusal. API Gateway writes `message`, and `Message` when IAM refuses. */
export function refusalOf(answer: ApiAnswer): Refusal {
  // When it is not JSON, the body is all there is to show.
  const body = parseJson(answer.body) as { message?: unknown; Message?: unknown } | null | undefined;
  const message = String(body?.message ?? body?.Message ?? answer.body);
  return { service: "execute-api", status: answer.status, code: answer.errorType, message };
}

function single(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}
