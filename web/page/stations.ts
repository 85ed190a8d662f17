/** The five stations of the client's way: what happens at each, who talks to whom, and what goes wrong there in practice. */

export const STATION_NAMES = ["session", "token", "credentials", "signature", "greeting"] as const;
export type StationName = (typeof STATION_NAMES)[number];

/** Who takes part, from left to right. */
export const PARTICIPANTS = ["Page", "App", "Login", "Cognito", "API", "Lambda"] as const;
export type Participant = (typeof PARTICIPANTS)[number];

/** What every station says of itself before anything has happened. */
export interface Station {
  readonly title: string;
  /** The call, in the picture. */
  readonly call: string;
  readonly happens: string;
  readonly wrong: readonly string[];
  /** The way there, and back; a station whose answer comes at the next one has none. */
  readonly there: readonly [Participant, ...Participant[]];
  readonly back?: readonly [Participant, Participant];
}

export const STATIONS: Readonly<Record<StationName, Station>> = {
  session: {
    title: "A session of your application",
    call: "sign in, your way",
    happens:
      "Your own login, as it is today. Here the page’s small server plays it: it signs a short session with a key of its own.",
    wrong: [
      "A session that lasts for days can be turned into AWS credentials for days: keep it short.",
      "A session in localStorage outlives the tab and can be read by any script of the page.",
    ],
    there: ["Page", "App"],
    back: ["App", "Page"],
  },
  token: {
    title: "The login endpoint turns it into a token",
    call: "POST /login",
    happens:
      "The login function verifies the session and asks Cognito for a token of this user, GetOpenIdTokenForDeveloperIdentity, with its own role. The user is the session’s; nothing the page sends can change it.",
    wrong: [
      "401: the session has ended, or its key, issuer or audience isn’t what the stack was deployed with.",
      "502: the function’s role may not mint tokens for this pool.",
      "No answer at all: the page’s origin isn’t ALLOWED_ORIGIN.",
    ],
    there: ["Page", "Login", "Cognito"],
    back: ["Login", "Page"],
  },
  credentials: {
    title: "Cognito exchanges the token for credentials",
    call: "GetCredentialsForIdentity",
    happens:
      "Unsigned: the token is the proof. STS asks the role’s trust policy for the pool, the developer provider and the identity, and gives a session of an hour.",
    wrong: [
      "NotAuthorizedException: the token has expired, or stands under the provider’s name instead of cognito-identity.amazonaws.com.",
      "InvalidIdentityPoolConfigurationException: the trust policy names another pool or provider.",
    ],
    there: ["Page", "Cognito"],
    back: ["Cognito", "Page"],
  },
  signature: {
    title: "The page signs its call",
    call: "signed, SigV4",
    happens:
      "Signature Version 4 with the temporary credentials, worked out in the browser. The secret key stays here; the session token goes along. API Gateway recomputes the signature and asks IAM whether the role may invoke this route.",
    wrong: [
      "403 InvalidSignatureException: something was changed on the way, or the clock is off by more than five minutes.",
      "403 AccessDeniedException: the route isn’t granted to the role.",
    ],
    there: ["Page", "API"],
  },
  greeting: {
    title: "The function answers",
    call: "GET",
    happens:
      "The function gets the identity from API Gateway, which vouches for it: there is nothing for the function to verify.",
    wrong: [
      "502: the function failed, or its answer isn’t what a proxy integration wants.",
      "500: API Gateway has no permission to invoke the function.",
    ],
    there: ["API", "Lambda"],
    back: ["Lambda", "Page"],
  },
};
