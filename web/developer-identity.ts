/**
 * The client's side of developer-authenticated identities, for browsers and Node: AWS credentials out of your own login, and a `fetch`
 * that signs with them. One file to copy; it needs `aws4fetch`, and `@smithy/types` for types. Nothing is stored: a reload asks the
 * login again.
 */
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";
import { AwsV4Signer } from "aws4fetch";

/** Whose credentials they are, and until when. */
export interface DeveloperIdentityCredentials extends AwsCredentialIdentity {
  readonly identityId: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** What the login answers: a token to exchange, or credentials that were exchanged for it already. */
export type LoginAnswer =
  | { readonly identityId: string; readonly token: string }
  | {
      readonly identityId: string;
      readonly credentials: {
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken: string;
        /** ISO 8601 */
        readonly expiration: string;
      };
    };

export interface DeveloperIdentityOptions {
  /**
   * Asks your login who this is, with the application's session as it is *now*. Returns what `fetch` returned, or the parsed answer.
   * What it throws counts as a failure that may pass, unless it is a `LoginRefusedError`.
   */
  readonly login: (options: { readonly signal: AbortSignal }) => Promise<LoginAnswer | Response>;
  /** Of the identity pool. */
  readonly region: string;
  /** @default - AWS's: `https://cognito-identity.REGION.amazonaws.com` */
  readonly endpoint?: string;
  /** Milliseconds that login and exchange may take together. @default 10000 */
  readonly timeout?: number;
}

/** A credential provider of the AWS SDK for JavaScript v3. */
export interface DeveloperIdentityProvider extends AwsCredentialIdentityProvider {
  /**
   * @param properties with `forceRefresh`, credentials that are still good aren't enough
   * @throws LoginRefusedError, ExchangeRefusedError, NetworkError
   */
  (properties?: { readonly forceRefresh?: boolean }): Promise<DeveloperIdentityCredentials>;
  /** Forgets credentials and failures. Call it after every sign-in and sign-out: the next user gets their own. */
  clear(): void;
}

/** The login says no: the application's session has ended, or this user may not sign in. */
export class LoginRefusedError extends Error {
  override readonly name = "LoginRefusedError";

  /** @param status HTTP status of the login's answer, if there was one */
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

/** Cognito doesn't give credentials for the login's token. */
export class ExchangeRefusedError extends Error {
  override readonly name = "ExchangeRefusedError";

  /** @param code AWS's name of the error, e.g. `NotAuthorizedException` */
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** The login or Cognito can't be reached, takes too long, throttles or has an error of its own: it may pass. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** Milliseconds before their end from which credentials count as expired: a request has to arrive with them. */
const TRAVEL_TIME = 10_000;
const LONGEST_BACKOFF = 60_000;

/** What is known between one `clear()` and the next. */
interface Session {
  /** Of the first credentials. */
  identityId?: string;
  credentials?: DeveloperIdentityCredentials;
  refreshAt: number;
  refreshing?: Promise<DeveloperIdentityCredentials>;
  failure?: Error;
  failures: number;
  retryAt: number;
}

/**
 * Credentials of the user whom your login knows. They are fetched when first asked for, kept, and fetched anew after three quarters of
 * their life or somewhat later, by one login at a time, however many ask. Until they expire nobody waits for that, and a login that
 * is down is noticed by nobody; one that *refuses* is: from the next call on there are none. After a failure the login is left alone for a second at
 * first, for a minute at most, and whoever needs it meanwhile gets that failure again.
 *
 * @example
 * const credentials = fromDeveloperIdentity({
 *   login: ({ signal }) => fetch(loginUrl, { method: "POST", headers: { Authorization: `Bearer ${session}` }, signal }),
 *   region: "eu-central-1",
 * });
 */
export function fromDeveloperIdentity(options: DeveloperIdentityOptions): DeveloperIdentityProvider {
  // A session is replaced as a whole, so that a refresh of the user before never ends up with the next one.
  const start = (): Session => ({ refreshAt: 0, failures: 0, retryAt: 0 });
  let session = start();

  async function provide({ forceRefresh = false } = {}): Promise<DeveloperIdentityCredentials> {
    const { credentials, refreshAt } = session;
    if (credentials !== undefined && Date.now() < refreshAt && !forceRefresh) {
      return credentials;
    }
    const refreshed = refresh(session, options);
    if (
      credentials === undefined ||
      forceRefresh ||
      credentials.expiration.getTime() - Date.now() <= TRAVEL_TIME
    ) {
      return refreshed;
    }
    refreshed.catch(() => {
      // The session has it, for whoever needs new credentials.
    });
    return credentials;
  }

  function clear(): void {
    session = start();
  }

  // The SDK's clients keep credentials themselves until five minutes before their end, and wouldn't see `clear()`; not those of a
  // provider with this mark: https://github.com/aws/aws-sdk-js-v3/blob/main/packages-internal/core/src/submodules/httpAuthSchemes/aws_sdk/resolveAwsSdkSigV4Config.ts
  return Object.assign(provide, { clear, memoized: true });
}

function refresh(session: Session, options: DeveloperIdentityOptions): Promise<DeveloperIdentityCredentials> {
  if (session.refreshing !== undefined) {
    return session.refreshing;
  }
  if (Date.now() < session.retryAt) {
    return Promise.reject(session.failure);
  }
  session.refreshing = within(options.timeout ?? 10_000, (signal) =>
    credentialsOf(options, signal, session.identityId),
  )
    .then(
      (credentials) => {
        const life = credentials.expiration.getTime() - Date.now();
        session.identityId = credentials.identityId;
        session.credentials = credentials;
        session.refreshAt = Date.now() + life * (0.75 + 0.15 * Math.random());
        session.failure = undefined;
        session.failures = 0;
        return credentials;
      },
      (failure) => {
        const backoff = Math.min(1000 * 2 ** session.failures, LONGEST_BACKOFF);
        if (failure instanceof LoginRefusedError) {
          session.credentials = undefined;
        }
        session.failure = failure;
        session.failures += 1;
        session.retryAt = Date.now() + backoff * (0.5 + 0.5 * Math.random());
        throw failure;
      },
    )
    .finally(() => {
      session.refreshing = undefined;
    });
  return session.refreshing;
}

/** Ends the work, and the wait for it even if it ignores the signal, after so many milliseconds. */
async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new NetworkError(`Login and exchange took longer than ${milliseconds} ms.`));
      controller.abort();
    }, milliseconds);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @param known the identity that these credentials have to be of, if there were some before */
async function credentialsOf(
  { login, region, endpoint = `https://cognito-identity.${region}.amazonaws.com` }: DeveloperIdentityOptions,
  signal: AbortSignal,
  known: string | undefined,
): Promise<DeveloperIdentityCredentials> {
  const answer = await askLogin(login, signal);
  if (known !== undefined && answer.identityId !== known) {
    throw new LoginRefusedError(
      "The login answered for another user than before: call clear() when the user changes.",
    );
  }
  const credentials =
    "token" in answer
      ? await exchange(endpoint, answer, signal)
      : {
          accessKeyId: answer.credentials.accessKeyId,
          secretAccessKey: answer.credentials.secretAccessKey,
          sessionToken: answer.credentials.sessionToken,
          expiration: new Date(answer.credentials.expiration),
        };
  if (!(credentials.expiration.getTime() > Date.now())) {
    throw new ExchangeRefusedError(
      "The credentials have no expiration, or by this device's clock it has passed: is it set right?",
      "ExpiredCredentials",
    );
  }
  return { identityId: answer.identityId, ...credentials };
}

async function askLogin(login: DeveloperIdentityOptions["login"], signal: AbortSignal): Promise<LoginAnswer> {
  let answer: Partial<Record<"identityId" | "token" | "credentials", unknown>> | undefined;
  try {
    const given = await login({ signal });
    answer = isResponse(given) ? await bodyOf(given) : given;
  } catch (error) {
    if (error instanceof LoginRefusedError || error instanceof NetworkError) {
      throw error;
    }
    throw new NetworkError("The login couldn't be asked; see the cause.", { cause: error });
  }
  const { identityId, token, credentials } = answer ?? {};
  if (typeof identityId !== "string" || (typeof token !== "string" && !credentials)) {
    throw new LoginRefusedError(
      "The login's answer has no identityId, or neither token nor credentials. If it is an error: return the Response itself.",
    );
  }
  return (credentials ? { identityId, credentials } : { identityId, token }) as LoginAnswer;
}

/** Told by what it has, since there are Responses of other makers than this runtime. */
function isResponse(given: LoginAnswer | Response): given is Response {
  return typeof (given as Response | undefined)?.json === "function";
}

async function bodyOf(response: Response): Promise<LoginAnswer> {
  const { ok, status } = response;
  if (ok) {
    return (await response.json()) as LoginAnswer;
  }
  if (status >= 500 || status === 429 || status === 408) {
    throw new NetworkError(`The login answered ${status}.`);
  }
  throw new LoginRefusedError(`The login refused with ${status}: sign in again, then call clear().`, status);
}

interface ExchangeAnswer {
  /** With the expiration in seconds since 1970. */
  readonly Credentials?: Record<"AccessKeyId" | "SecretKey" | "SessionToken", string> & {
    Expiration: number;
  };
  /** Of an error. */
  readonly __type?: string;
  readonly message?: string;
}

/**
 * One unsigned call.
 *
 * @see https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html
 */
async function exchange(
  endpoint: string,
  { identityId, token }: { readonly identityId: string; readonly token: string },
  signal: AbortSignal,
) {
  let status: number;
  let answer: ExchangeAnswer | undefined;
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityService.GetCredentialsForIdentity",
      },
      // The token's key is Cognito's own, not the developer provider's name.
      body: JSON.stringify({ IdentityId: identityId, Logins: { "cognito-identity.amazonaws.com": token } }),
      redirect: "error",
      signal,
    });
    status = response.status;
    answer = (await response.json()) as ExchangeAnswer | undefined;
  } catch (error) {
    throw new NetworkError(`Cognito couldn't be asked at ${endpoint}; see the cause.`, { cause: error });
  }
  if (status === 200 && answer?.Credentials) {
    const { AccessKeyId, SecretKey, SessionToken, Expiration } = answer.Credentials;
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretKey,
      sessionToken: SessionToken,
      expiration: new Date(Expiration * 1000),
    };
  }
  const code = answer?.__type?.replace(/^.*#/, "") ?? `HTTP ${status}`;
  if (status < 400 || status >= 500 || status === 429 || code === "TooManyRequestsException") {
    throw new NetworkError(`Cognito answered ${status}, ${code}.`);
  }
  throw new ExchangeRefusedError(
    `Cognito refused the login's token: ${code}: ${answer?.message ?? ""}`,
    code,
  );
}

/**
 * A `fetch` that signs for API Gateway (`execute-api`). It adds headers and nothing else: no retry, nothing in the URL, and the body is
 * sent as it was hashed, so a stream is read to its end first. A redirect is an error unless `redirect` is "manual": the signature is
 * good for one address, and the session token not for others to see. Browsers have the cryptography it needs on https and on localhost only.
 *
 * @param credentials theirs, or a provider that is asked before every call
 * @param region of the API, since a host name of your own doesn't tell
 * @throws what the provider throws; else as `fetch`
 */
export function signedFetch(
  credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider,
  region: string,
): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = await request.clone().arrayBuffer();
    const { accessKeyId, secretAccessKey, sessionToken } =
      typeof credentials === "function" ? await credentials() : credentials;
    const { headers } = await new AwsV4Signer({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body,
      accessKeyId,
      secretAccessKey,
      sessionToken,
      service: "execute-api",
      region,
    }).sign();
    const redirect = request.redirect === "manual" ? "manual" : "error";
    return fetch(new Request(request, { headers, redirect, ...(body.byteLength === 0 ? {} : { body }) }));
  };
}
