// Opaque sessions: the application itself is asked what a session is worth, in the form of OAuth 2.0 Token Introspection.
// https://datatracker.ietf.org/doc/html/rfc7662
import { type Authenticator, bearerSession, userIdOf } from "./authenticator";
import { SessionRefusedError, UpstreamError } from "./login-error";

export interface SessionIntrospectionOptions {
  /**
   * The application's introspection endpoint (https): `POST` with `token=SESSION` as a form, answered with 200 and
   * `{ "active": true, "sub": "USER", … }`, or `{ "active": false }`. The session is all that this call proves itself by,
   * so let the endpoint answer this function only (a private network, mutual TLS, or a header that is added here with a
   * secret from Secrets Manager), as section 2.1 of the RFC demands, or limit how often anybody may ask.
   */
  readonly url: string;
  /** What `iss` must be. @default - not looked at */
  readonly issuer?: string;
  /** What `aud` must be, or have among others. @default - not looked at */
  readonly audience?: string;
  /** @default Node's own */
  readonly fetch?: typeof fetch;
}

/** In milliseconds. */
const ANSWERED_WITHIN = 3000;

/** In bytes. */
const MAX_ANSWER = 64 * 1024;

/** Accepts the sessions that the application calls active. */
export function sessionIntrospectionAuthenticator(options: SessionIntrospectionOptions): Authenticator {
  return {
    async authenticate(request) {
      const claims = await introspect(bearerSession(request), options);
      const { active, exp, nbf, iss, aud } = claims;
      const now = Date.now() / 1000;
      const refuseIf = (condition: boolean, reason: string) => {
        if (condition) {
          throw new SessionRefusedError(reason);
        }
      };
      refuseIf(active !== true, "the application says that it is not active");
      refuseIf(exp !== undefined && !(typeof exp === "number" && exp > now), "it has expired");
      refuseIf(nbf !== undefined && !(typeof nbf === "number" && nbf <= now), "it is not valid yet");
      refuseIf(options.issuer !== undefined && iss !== options.issuer, "its issuer is another");
      refuseIf(
        options.audience !== undefined && ![aud].flat().includes(options.audience),
        "it is for another audience",
      );
      return { userId: userIdOf(claims), claims };
    },
  };
}

/** @throws UpstreamError when there is no answer, or one of another form */
async function introspect(
  session: string,
  { url, fetch: send = fetch }: SessionIntrospectionOptions,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const response = await send(url, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams({ token: session, token_type_hint: "access_token" }),
      // A session goes to the application and to nobody that it points at.
      redirect: "error",
      signal: AbortSignal.timeout(ANSWERED_WITHIN),
    });
    // Of errors, too: a connection whose answer is not read can't serve the next call.
    const body = await readBounded(response);
    if (response.status !== 200) {
      throw new UpstreamError(`the introspection endpoint answered with ${response.status}`);
    }
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
      throw new UpstreamError("the introspection endpoint answered with something else than an object");
    }
    return answer as Record<string, unknown>;
  } catch (error) {
    if (error instanceof UpstreamError) {
      throw error;
    }
    // The message could quote the answer.
    throw new UpstreamError(`the introspection endpoint could not be asked: ${(error as Error).name}`);
  }
}

/** @throws UpstreamError when the answer is longer than any that is expected */
async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER) {
      throw new UpstreamError(`the introspection endpoint answered with more than ${MAX_ANSWER} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
