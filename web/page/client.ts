/** A signed-in user: the credentials that the login leads to, and a `fetch` that signs with them. */
import { type DeveloperIdentityProvider, fromDeveloperIdentity, signedFetch } from "../developer-identity";
import type { Deployment } from "./deployment";

/** The page's own server. */
const SESSION_URL = "/session";

export interface Client {
  readonly user: string;
  readonly credentials: DeveloperIdentityProvider;
  readonly call: typeof fetch;
}

/** Nothing is asked before the first call. */
export function clientOf(deployment: Deployment, user: string): Client {
  const { region, cognitoUrl } = deployment;
  const credentials = fromDeveloperIdentity({
    login: async ({ signal }) => logIn(deployment, await newSession(user, signal), signal),
    region,
    endpoint: cognitoUrl,
  });
  return { user, credentials, call: signedFetch(credentials, region) };
}

/** Signs in to the application, which is another matter than the login endpoint. */
export async function newSession(user: string, signal?: AbortSignal): Promise<string> {
  const response = await fetch(SESSION_URL, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user }),
    signal,
  });
  if (!response.ok) {
    throw new Error(`The page's server gave no session: ${response.status}.`);
  }
  const { session } = (await response.json()) as { session: string };
  return session;
}

/** Shows the session to the login endpoint. */
export function logIn({ loginUrl }: Deployment, session: string, signal?: AbortSignal): Promise<Response> {
  return fetch(loginUrl, { method: "POST", headers: { Authorization: `Bearer ${session}` }, signal });
}

/** Exchanges a token once, whatever comes of it. */
export function exchange({ cognitoUrl }: Deployment, identityId: string, token: string): Promise<Response> {
  return fetch(cognitoUrl, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": "AWSCognitoIdentityService.GetCredentialsForIdentity",
    },
    body: JSON.stringify({ IdentityId: identityId, Logins: { "cognito-identity.amazonaws.com": token } }),
  });
}
