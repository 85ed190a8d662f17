// `POST /login`: takes the application's own session and returns what a client needs to become that user on AWS. The event
// carries the session, the answer a token or credentials: neither is ever logged.
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import type { LoginRequest } from "./login/authenticator";
import { Cognito, type TemporaryCredentials } from "./login/cognito";
import { type LoginConfiguration, readConfiguration } from "./login/configuration";
import {
  InvalidRequestError,
  LoginError,
  type LoginErrorStatus,
  RequestTooLargeError,
  UpstreamError,
} from "./login/login-error";
import { principalTags } from "./login/principal-tags";

/** Body of a 200, with `LOGIN_RETURNS=token`. */
export interface TokenLogin {
  /** The user's identity, `REGION:UUID`. */
  readonly identityId: string;
  /** Proves the identity to Cognito, under the key `cognito-identity.amazonaws.com` in `Logins`. */
  readonly token: string;
  /** Seconds for which the token can be exchanged; the credentials that it is exchanged for last longer. */
  readonly expiresIn: number;
  /** Of the pool and of the API. */
  readonly region: string;
}

/** Body of a 200, with `LOGIN_RETURNS=credentials`. */
export interface CredentialsLogin {
  readonly identityId: string;
  readonly credentials: TemporaryCredentials;
  readonly region: string;
}

/** Body of every other answer of the function. API Gateway's own refusals (throttling, for one) have `message` alone. */
export interface LoginFailure {
  /**
   * What happened, for programs: `invalid_request` (400), `invalid_session` (401), `unusable_claim` (403),
   * `request_too_large` (413), `too_many_requests` (429) or `unavailable` (502).
   */
  readonly error: string;
  /** What to do, for people. */
  readonly message: string;
}

/** What is read of API Gateway's event. */
type LoginEvent = Pick<APIGatewayProxyEvent, "body" | "isBase64Encoded" | "multiValueHeaders"> & {
  readonly requestContext: Pick<APIGatewayProxyEvent["requestContext"], "requestId">;
};

/** In bytes. Nothing in a body is used yet. */
const MAX_BODY = 4096;

/** What the metrics count a login as. */
const OUTCOMES: Readonly<Record<LoginErrorStatus, string>> = {
  400: "LoginRefused",
  401: "LoginRefused",
  403: "LoginRefused",
  413: "LoginRefused",
  429: "LoginThrottled",
  502: "LoginFailed",
};

let login: ((event: LoginEvent) => Promise<APIGatewayProxyResult>) | undefined;

/** Lambda proxy integration; the settings come from the function's environment. */
export async function handler(event: LoginEvent): Promise<APIGatewayProxyResult> {
  login ??= createLogin(readConfiguration(process.env));
  return login(event);
}

/** A login with these settings. It answers every call, and throws nothing. */
export function createLogin(
  configuration: LoginConfiguration,
): (event: LoginEvent) => Promise<APIGatewayProxyResult> {
  const { allowedOrigin, authenticator, returns, region, tagMappings, tokenDuration } = configuration;
  const cognito = new Cognito(configuration);
  const logger = new Logger();
  const metrics = new Metrics();

  async function signIn(event: LoginEvent): Promise<TokenLogin | CredentialsLogin> {
    checkBody(event);
    const user = await authenticator.authenticate(requestOf(event));
    const minted = await cognito.mint(user.userId, principalTags(tagMappings, user));
    const { identityId, token } = minted;
    return returns === "credentials"
      ? { identityId, credentials: await cognito.exchange(minted), region }
      : { identityId, token, expiresIn: tokenDuration, region };
  }

  return async (event) => {
    const { requestId } = event.requestContext;
    try {
      const body = await signIn(event);
      logger.info("signed in", { requestId, identityId: body.identityId });
      metrics.addMetric("LoginSucceeded", MetricUnit.Count, 1);
      return answer(200, body, allowedOrigin);
    } catch (error) {
      // Of an error that nobody foresaw only the name is told: its message could quote the session.
      const failure = error instanceof LoginError ? error : new UpstreamError(`defect: ${nameOf(error)}`);
      const { status, reason } = failure;
      const told = { requestId, status, error: failure.error, reason };
      logger[status === 502 ? "error" : "warn"]("not signed in", told);
      metrics.addMetric(OUTCOMES[status], MetricUnit.Count, 1);
      const body: LoginFailure = { error: failure.error, message: failure.message };
      return answer(status, body, allowedOrigin);
    } finally {
      metrics.publishStoredMetrics();
    }
  };
}

/** The client has no say in who it is, so a body is only held to its form: what it may hold one day is not refused today. */
function checkBody({ body, isBase64Encoded }: LoginEvent): void {
  const bytes = Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > MAX_BODY) {
    throw new RequestTooLargeError(MAX_BODY);
  }
  if (bytes.length > 0 && !isJsonObject(bytes.toString("utf8"))) {
    throw new InvalidRequestError("Send no body, or a JSON object.");
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** API Gateway keeps the case in which a header's name was sent. */
function requestOf({ multiValueHeaders }: LoginEvent): LoginRequest {
  const headers = Object.entries(multiValueHeaders ?? {});
  return {
    headerValues: (name) =>
      headers.flatMap(([sent, values]) => (sent.toLowerCase() === name ? (values ?? []) : [])),
  };
}

function answer(status: number, body: object, allowedOrigin: string | undefined): APIGatewayProxyResult {
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  };
  // https://datatracker.ietf.org/doc/html/rfc6750#section-3
  if (status === 401) {
    headers["WWW-Authenticate"] = "Bearer";
  }
  if (allowedOrigin !== undefined) {
    headers["Access-Control-Allow-Origin"] = allowedOrigin;
    // An answer for one origin must not be served from a cache to another.
    if (allowedOrigin !== "*") {
      headers.Vary = "Origin";
    }
  }
  return { statusCode: status, headers, body: JSON.stringify(body) };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
