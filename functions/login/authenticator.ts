// Who signs in: the one part of the login that knows the application's sessions. Beside it are two implementations; a team
// whose sessions are of another kind writes a third, and names it in `configuration.ts`.
import { InvalidRequestError, SessionRefusedError } from "./login-error";

/** What an authenticator may look at. */
export interface LoginRequest {
  /**
   * All values of a header; none when it is absent.
   *
   * @param name in lower case
   */
  headerValues(name: string): readonly string[];
}

/** Whom the application has signed in. */
export interface AuthenticatedUser {
  /**
   * Developer user identifier, 1 to 1024 characters: the application's own and lasting name for the user. Whoever has the
   * same is the same identity to AWS.
   */
  readonly userId: string;
  /** What the session says of the user; principal tags are taken from it. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Tells who a call comes from. Nothing but an answer of it lets anybody in. */
export interface Authenticator {
  /**
   * @throws InvalidRequestError when the call can't be read
   * @throws SessionRefusedError when the session is missing, forged, over or not for this application
   * @throws UpstreamError when whoever vouches for sessions doesn't answer
   */
  authenticate(request: LoginRequest): Promise<AuthenticatedUser>;
}

/** API Gateway takes no more than 10,240 bytes of headers; a session needs less. */
const MAX_SESSION = 8192;

/**
 * The session in `Authorization: Bearer SESSION`.
 * @see https://datatracker.ietf.org/doc/html/rfc6750#section-2.1
 *
 * @throws SessionRefusedError when there is none
 * @throws InvalidRequestError when there is more than one, or something else
 */
export function bearerSession(request: LoginRequest): string {
  const values = request.headerValues("authorization");
  const [value] = values;
  if (value === undefined) {
    throw new SessionRefusedError("there is no Authorization header");
  }
  const session = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(value)?.[1];
  if (values.length > 1 || session === undefined || session.length > MAX_SESSION) {
    throw new InvalidRequestError(
      `Send one header "Authorization: Bearer SESSION", the session of at most ${MAX_SESSION} characters.`,
    );
  }
  return session;
}

/** Bounds of a developer user identifier. */
const MAX_USER_ID = 1024;

/** Half of a surrogate pair: UTF-8 has none, so that on the way two users could become one. No name has control characters. */
const NO_TEXT = /[\p{Cc}\p{Cs}]/u;

/**
 * The `sub` of a session, as developer user identifier.
 * @see https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_LookupDeveloperIdentity.html
 *
 * @throws SessionRefusedError when Cognito could not take it
 */
export function userIdOf({ sub }: Readonly<Record<string, unknown>>): string {
  if (typeof sub !== "string" || sub.length < 1 || sub.length > MAX_USER_ID || NO_TEXT.test(sub)) {
    throw new SessionRefusedError(`sub is not a text of 1 to ${MAX_USER_ID} characters`);
  }
  return sub;
}
