/** What the page is told of the deployment that it works with; `npm run web` answers it at `/deployment.json`. */
export interface Deployment {
  /** Whether AWS answers, or something that stands in for it. */
  readonly account: "AWS" | "local AWS";
  readonly region: string;
  readonly identityPoolId: string;
  /** The origin of Cognito's endpoint. */
  readonly cognitoUrl: string;
  /** The login endpoint: `POST` with a session of the application. */
  readonly loginUrl: string;
  /** The API's stage, without a slash at its end. */
  readonly apiUrl: string;
  /** The path that signed-in identities may call, e.g. `/hello`. */
  readonly probePath: string;
  /** A path that is there and granted to nobody; undefined when there is none. */
  readonly refusedPath?: string;
  /** The path of each user's own, with `{username}` in it; undefined when there is none. */
  readonly userPath?: string;
  /** Who can sign in. */
  readonly users: readonly string[];
}
