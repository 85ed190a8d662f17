/** Why a request was not authenticated: words for the client, and the real cause for the decision log. */

/** Why a signature was not accepted. Every wire protocol has its own code and status for each of these. */
export type AuthenticationFailure =
  | "MissingAuthenticationToken"
  | "IncompleteSignature"
  | "InvalidSignature"
  | "UnrecognizedClient"
  | "ExpiredToken";

/** A request whose signature is missing, malformed or wrong. */
export class AuthenticationError extends Error {
  override readonly name = "AuthenticationError";

  /**
   * @param message the words that AWS answers with
   * @param explanation what really was wrong, for the decision log; never sent to the client
   */
  constructor(
    readonly failure: AuthenticationFailure,
    message: string,
    readonly explanation: string = message,
  ) {
    super(message);
  }
}
