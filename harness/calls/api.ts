/** Calls to the API: signed by aws4, sent by undici exactly as signed. */
import { sign } from "aws4";
import { request } from "undici";
import type { Connections, Credentials } from "../run/connections";
import { AssertionError, type ErrorResponse, showErrorResponse, UnreadableAnswerError } from "../run/errors";
import type { Deployment } from "../run/outputs";
import { parseJson } from "./assert";
import type { ServiceRequest } from "./call";

/** A call to the deployed stage, where it differs from the one that must succeed. */
export interface ApiCall {
  /** @default the route below `invokeUrl` */
  readonly url?: string;
  /** Method and path below the stage. @default the deployment's probe */
  readonly route?: string;
  /** @default the route's */
  readonly method?: "POST" | "OPTIONS";
  /** @default none - the call is not signed */
  readonly credentials?: Credentials;
  /** Region of the signature. @default the deployment's */
  readonly region?: string;
  /** Service of the signature. @default execute-api */
  readonly service?: string;
  /** When the request claims to have been signed. @default now */
  readonly date?: Date;
  /** @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a call that is not signed. @default none */
  readonly body?: string;
  /** Whether the answer may hold secrets: it is then never shown. @default false */
  readonly confidential?: boolean;
  /** Changes the signature after signing. @default left as it is */
  readonly alterSignature?: (signature: string) => string;
}

/** What API Gateway or the integration behind it answered, its body as text. */
export interface ApiResponse {
  readonly status: number;
  /** Finds a header's value by its name in lower case; undefined when absent. */
  readonly header: (name: string) => string | undefined;
  readonly body: string;
}

/** Makes a call to the API, which answers whatever its status. Reading throws when it says to be JSON and is not. */
export function apiRequest(deployment: Deployment, call: ApiCall): ServiceRequest<ApiResponse, ApiResponse> {
  const [routeMethod = "", path = ""] = (call.route ?? deployment.probeRoute).split(" ");
  const method = call.method ?? routeMethod;
  const url = new URL(call.url ?? `${deployment.invokeUrl}${path}`);
  const name = `${method} ${url}`;
  const read = (response: ApiResponse) => {
    const saysJson = response.body !== "" && response.header("content-type")?.startsWith("application/json");
    if (saysJson && parseJson(response.body) === undefined) {
      const body = call.confidential ? "with a body that is not" : response.body.slice(0, 200);
      const shown = `${response.status} ${body}`;
      throw new UnreadableAnswerError(name, "JSON", shown, errorResponseOf(response));
    }
    return response;
  };
  return {
    name,
    async send({ endpoint, dispatcher, clock, redactor }, signal) {
      const sent = signed(url, method, deployment.region, call);
      redactor.addSignature(sent.headers.Authorization);
      // The `Host` header stays that of the URL, and so does the signature.
      const override = /\.execute-api\.|^sts\./.test(url.hostname) ? endpoint : undefined;
      const options = { method: method as "GET", headers: sent.headers, body: call.body, dispatcher, signal };
      const sentAt = Date.now();
      const { statusCode, headers, body } = await request(`${override ?? url.origin}${sent.path}`, options);
      const header = (of: string) => [headers[of]].flat()[0];
      clock.note(header("date"), sentAt, Date.now());
      return { status: statusCode, header, body: await body.text() };
    },
    requestIdOf: ({ header }) => header("x-amzn-requestid"),
    read,
    refusalOf: (response) => (read(response).status < 400 ? undefined : errorResponseOf(response)),
  };
}

/** Asserts that the call succeeded. @throws AssertionError with the refusal that came instead */
export function assertOk(subject: string, response: ApiResponse): void {
  if (response.status !== 200) {
    const refusal = errorResponseOf(response);
    throw new AssertionError(subject, "200", showErrorResponse(refusal), refusal);
  }
}

/** Makes a call to the login endpoint. @param session the application's; undefined to bring none */
export function loginRequest(
  { deployment, redactor }: Pick<Connections, "deployment" | "redactor">,
  session: string | undefined,
  body?: string,
) {
  redactor.add(session);
  const headers = {
    ...(session === undefined ? {} : { Authorization: `Bearer ${session}` }),
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
  };
  const call = { url: deployment.loginUrl, method: "POST", headers, body, confidential: true } as const;
  return apiRequest(deployment, call);
}

/** Reads an answer as a refusal. API Gateway writes `message`, and `Message` when IAM refuses; the login endpoint `error`, too. */
export function errorResponseOf({ status, header, body }: ApiResponse): ErrorResponse {
  // When it is not JSON, the body is all there is to show.
  const content = parseJson(body) as
    | { message?: unknown; Message?: unknown; error?: unknown }
    | null
    | undefined;
  const message = String(content?.message ?? content?.Message ?? body);
  const code =
    header("x-amzn-errortype") ?? (content?.error === undefined ? undefined : String(content.error));
  return { service: "execute-api", status, code, message, requestId: header("x-amzn-requestid") };
}

/** Makes the path and the headers to send. Service and region are given to aws4, which else guesses them from the host. */
function signed(url: URL, method: string, region: string, call: ApiCall) {
  const path = url.pathname + url.search;
  const headers = { Accept: "application/json", ...call.headers };
  if (call.credentials === undefined) {
    return { path, headers: { ...headers, Host: url.host } as Record<string, string> };
  }
  const dated = call.date === undefined ? {} : { "X-Amz-Date": amzDate(call.date) };
  const signature = { service: call.service ?? "execute-api", region: call.region ?? region };
  const request = sign(
    { method, host: url.host, path, headers: { ...headers, ...dated }, ...signature },
    call.credentials,
  );
  const sent = { ...(request.headers as Record<string, string>) };
  if (call.alterSignature !== undefined) {
    sent.Authorization = String(sent.Authorization).replace(/(?<=Signature=)[0-9a-f]+/, call.alterSignature);
  }
  return { path: request.path as string, headers: sent };
}

/**
 * Writes a value as a segment of a path. What a path may hold as it is (RFC 3986, section 3.3) is sent so: a policy compares the
 * path as it was sent.
 */
export function pathSegment(value: string): string {
  return encodeURIComponent(value).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
}

/** Takes the path of a route, e.g. `/hello` of `GET /hello`. */
export function pathOf(route: string): string {
  return route.slice(route.indexOf(" ") + 1);
}

/** Writes ISO 8601's basic form, as the `X-Amz-Date` header has it. */
function amzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}
