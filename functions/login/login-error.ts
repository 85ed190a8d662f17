// Why a login was not given. The client reads status, error and message; the log also has the reason, which may say more.

/** Statuses of a login that is not given. */
export type LoginErrorStatus = 400 | 401 | 403 | 413 | 429 | 502;

/** Answered as `{ "error", "message" }`. Neither the message nor the reason holds anything of a session or a token. */
export abstract class LoginError extends Error {
  /**
   * @param error what programs tell errors apart by
   * @param message for the client; names the cure
   * @param reason for the log
   */
  constructor(
    readonly status: LoginErrorStatus,
    readonly error: string,
    message: string,
    readonly reason = message,
  ) {
    super(message);
  }
}

/** The call itself cannot be read. */
export class InvalidRequestError extends LoginError {
  override readonly name = "InvalidRequestError";

  constructor(message: string) {
    super(400, "invalid_request", message);
  }
}

/** There is no session, or none that is accepted. The client never learns why: that would help to forge one. */
export class SessionRefusedError extends LoginError {
  override readonly name = "SessionRefusedError";

  constructor(reason: string) {
    super(401, "invalid_session", "The session is missing, not accepted or over: sign in again.", reason);
  }
}

/** The session is accepted, but what it says of the user cannot be used. The message names the claim, never its value. */
export class UnusableClaimError extends LoginError {
  override readonly name = "UnusableClaimError";

  constructor(claim: string, problem: string) {
    super(
      403,
      "unusable_claim",
      `The session's claim ${JSON.stringify(claim)} ${problem}: the application must issue another session.`,
    );
  }
}

/** The body is too large. */
export class RequestTooLargeError extends LoginError {
  override readonly name = "RequestTooLargeError";

  /** @param limit bytes */
  constructor(limit: number) {
    super(413, "request_too_large", `Send a body of at most ${limit} bytes.`);
  }
}

/** Cognito serves no more requests just now. */
export class TooManyRequestsError extends LoginError {
  override readonly name = "TooManyRequestsError";

  constructor(reason: string) {
    super(429, "too_many_requests", "Too many logins just now: wait a little and try again.", reason);
  }
}

/** Cognito, or what vouches for sessions, could not be reached or answered with something else than expected. */
export class UpstreamError extends LoginError {
  override readonly name = "UpstreamError";

  constructor(reason: string) {
    super(502, "unavailable", "The login is not available just now: try again later.", reason);
  }
}
