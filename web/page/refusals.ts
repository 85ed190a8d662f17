/** Calls that must be refused: what is sent, what AWS has to answer, and why. */
import { signedFetch } from "../developer-identity";
import { type Client, exchange, logIn, newSession } from "./client";
import type { Deployment } from "./deployment";

export interface Refusal {
  readonly name: string;
  readonly button: string;
  readonly sends: string;
  /** The status that AWS's refusal has. */
  readonly status: number;
  readonly why: string;
  /** Whether it takes a user's credentials. */
  readonly needsUser: boolean;
  /** Makes the call. What it says meanwhile is shown. */
  readonly run: (client: Client | undefined, say: (text: string) => void) => Promise<Response>;
}

/** Milliseconds for which AWS may still take a token that has expired; its leeway isn't documented. */
const LONGEST_LEEWAY = 60_000;

/** Lists those that the deployment can show. */
export function refusalsOf(deployment: Deployment): readonly Refusal[] {
  const { apiUrl, probePath, refusedPath, userPath, users } = deployment;
  return [
    {
      name: "unsigned",
      button: "Call without a signature",
      sends: `GET ${probePath}, as any page could`,
      status: 403,
      why: "The route demands AWS_IAM: without a signature API Gateway doesn’t even ask a policy, and the function is never reached.",
      needsUser: false,
      run: () => fetch(apiUrl + probePath),
    },
    {
      name: "wrong-secret",
      button: "Sign with a wrong secret",
      sends: `GET ${probePath}, one character of the secret key changed`,
      status: 403,
      why: "API Gateway knows the secret that belongs to the access key, computes the signature over what arrived, and finds another one.",
      needsUser: true,
      run: async (client) => {
        const credentials = await present(client).credentials();
        const secretAccessKey = flipFirst(credentials.secretAccessKey);
        return signedFetch({ ...credentials, secretAccessKey }, deployment.region)(apiUrl + probePath);
      },
    },
    ...(refusedPath === undefined
      ? []
      : [
          {
            name: "restricted",
            button: `Call ${refusedPath}`,
            sends: `GET ${refusedPath}, signed as it should be`,
            status: 403,
            why: "The signature is right, and the role of signed-in users isn’t granted this route. Nobody is: what isn’t allowed is denied.",
            needsUser: true,
            run: (client: Client | undefined) => present(client).call(apiUrl + refusedPath),
          },
        ]),
    ...(userPath === undefined ? [] : [othersPath(deployment, userPath, users)]),
    {
      name: "forged-session",
      button: "Forge a session",
      sends: "POST /login with “alg: none” and a user’s name",
      status: 401,
      why: "The login function takes the algorithms it was deployed with and verifies by your application’s key. It doesn’t say what was wrong, which would help a forger only.",
      needsUser: false,
      run: () => logIn(deployment, forgedSession(users[0] ?? "")),
    },
    {
      name: "expired-token",
      button: "Let the token expire",
      sends: "GetCredentialsForIdentity with a token that has had its time",
      status: 400,
      why: "The token carries its own end. Whoever finds an old one has found nothing; the client asks the login for another in time.",
      needsUser: true,
      run: (client, say) => exchangeLate(deployment, present(client).user, say),
    },
  ];
}

function othersPath({ apiUrl }: Deployment, userPath: string, users: readonly string[]): Refusal {
  const pathOf = (user: string) => apiUrl + userPath.replace("{username}", encodeURIComponent(user));
  return {
    name: "others-path",
    button: "Call another user’s path",
    sends: `GET ${userPath}: the own path first, then another’s`,
    status: 403,
    why: "One policy for all users: the route is granted as …/users/${aws:PrincipalTag/username}, and the tag is what the login said of this user.",
    needsUser: true,
    run: async (client, say) => {
      const { user, call } = present(client);
      const own = await call(pathOf(user));
      const other = users.find((one) => one !== user) ?? `not-${user}`;
      say(`${user}’s own path answered ${own.status}; ${other}’s:`);
      return call(pathOf(other));
    },
  };
}

/** Gets a token, lets its time pass, and only then exchanges it. */
async function exchangeLate(
  deployment: Deployment,
  user: string,
  say: (text: string) => void,
): Promise<Response> {
  const login = await logIn(deployment, await newSession(user));
  if (!login.ok) {
    return login;
  }
  const { identityId, token, expiresIn } = (await login.json()) as Record<"identityId" | "token", string> & {
    expiresIn: number;
  };
  if (token === undefined) {
    throw new Error("This login endpoint gives credentials and keeps the token (LOGIN_RETURNS=credentials).");
  }
  for (let left = expiresIn + 1; left > 0; left -= 1) {
    say(`The token has ${left} s to live…`);
    await seconds(1);
  }
  say("The token has expired:");
  const expired = Date.now();
  for (;;) {
    const answer = await exchange(deployment, identityId, token);
    if (!answer.ok || Date.now() - expired > LONGEST_LEEWAY) {
      return answer;
    }
    say("It has expired and is still taken; AWS’s leeway isn’t documented. Asking again…");
    await seconds(5);
  }
}

/** A session that anybody can write: it says that it isn't signed. */
function forgedSession(user: string): string {
  const now = Math.floor(Date.now() / 1000);
  const parts = [{ alg: "none" }, { sub: user, iat: now, exp: now + 60 }];
  const encoded = parts.map((part) =>
    btoa(JSON.stringify(part)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
  );
  return `${encoded.join(".")}.`;
}

function flipFirst(secret: string): string {
  return (secret.startsWith("a") ? "b" : "a") + secret.slice(1);
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1000));
}

function present(client: Client | undefined): Client {
  if (client === undefined) {
    throw new Error("Nobody is signed in.");
  }
  return client;
}
