/** Calls to Cognito that are refused: tokens that don't count, callers who have none, and those who may not mint them. */
import {
  getCredentialsForIdentity,
  getId,
  getOpenIdToken,
  getTokenForDeveloperIdentity,
} from "../calls/cognito";
import { type Refusal, refused } from "./refusal";

const DEVELOPER_IDENTITIES =
  "https://docs.aws.amazon.com/cognito/latest/developerguide/developer-authenticated-identities.html";
const AUTHENTICATION_FLOW =
  "https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html";
const GET_CREDENTIALS =
  "https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html";

/** Which of these Cognito answers to a developer's token is not recorded. */
const TOKEN_REFUSED = [/^Invalid login token/, /^Logins don't match/, /^Access to Identity/].map((message) =>
  refused(400, "NotAuthorizedException", message),
);

const GUEST_REFUSED = refused(
  400,
  "NotAuthorizedException",
  /^Unauthenticated access is not supported for this identity pool/,
);

/** What it means when Cognito's own checks seem to be missing. */
const NOT_COGNITO = "whoever answers is not Cognito. Check AWS_ENDPOINT_URL.";

const IDENTITY_FORBIDDEN = refused(400, "NotAuthorizedException", /^Access to Identity .* is forbidden/);

/** A provider that no pool of this project has. */
const MADE_UP_PROVIDER = "made-up.harness.invalid";

/** In the order in which they are asked. */
export const COGNITO_REFUSALS: readonly Refusal[] = [
  {
    name: "tampered-token",
    title: "GetCredentialsForIdentity, the token's signature broken",
    answers: TOKEN_REFUSED,
    source: GET_CREDENTIALS,
    hint: `Tokens are not verified: ${NOT_COGNITO}`,
    request: (_, { user }) => getCredentialsForIdentity(user.identityId, breakSignature(user.token)),
  },
  {
    name: "other-users-token",
    title: "GetCredentialsForIdentity for another user's identity",
    answers: TOKEN_REFUSED,
    source: GET_CREDENTIALS,
    hint: `A token opens another user's identity: ${NOT_COGNITO}`,
    request: async (_, session) =>
      getCredentialsForIdentity((await session.other()).user.identityId, session.user.token),
  },
  {
    name: "made-up-provider",
    title: "GetOpenIdTokenForDeveloperIdentity for a made-up provider",
    answers: ["InvalidParameterException", "NotAuthorizedException"].map((code) =>
      refused(400, code, /provider/i),
    ),
    source: DEVELOPER_IDENTITIES,
    hint: `The pool signs in users of a provider that it does not have: ${NOT_COGNITO}`,
    request: ({ deployment }, { user }) =>
      getTokenForDeveloperIdentity(deployment, user.developerUserIdentifier, { provider: MADE_UP_PROVIDER }),
  },
  {
    name: "guest-identity",
    title: "GetId without logins",
    answers: [GUEST_REFUSED],
    source: AUTHENTICATION_FLOW,
    hint: "The pool gives identities to guests. Set allow_unauthenticated_identities to false.",
    notApplicable: ({ unauthenticatedRoleArn }) =>
      unauthenticatedRoleArn !== undefined &&
      "the outputs declare a role for guests (unauthenticated_role_arn), who may have an identity",
    request: ({ deployment }) => getId(deployment),
  },
  {
    name: "guest-credentials",
    title: "GetCredentialsForIdentity without logins",
    answers: [GUEST_REFUSED, IDENTITY_FORBIDDEN],
    source: GET_CREDENTIALS,
    hint: `A user's identity is open to whoever knows its id: ${NOT_COGNITO}`,
    request: (_, { user }) => getCredentialsForIdentity(user.identityId),
  },
  {
    name: "classic-flow",
    title: "GetOpenIdToken, the classic flow",
    answers: [
      refused(400, "InvalidParameterException", /^Basic \(classic\) flow is not /),
      refused(400, "NotAuthorizedException", /Can't pass in a Cognito token/),
    ],
    source: AUTHENTICATION_FLOW,
    hint: "The pool allows the classic flow, in which a client may choose its role. Set allow_classic_flow to false.",
    request: (_, { user }) => getOpenIdToken(user),
  },
  {
    name: "minting-as-user",
    title: "GetOpenIdTokenForDeveloperIdentity with the user's credentials",
    answers: [
      refused(
        400,
        "AccessDeniedException",
        /not authorized to perform: cognito-identity:GetOpenIdTokenForDeveloperIdentity/,
      ),
    ],
    source: DEVELOPER_IDENTITIES,
    hint: "Users may mint tokens, and so become any user of the pool. Take cognito-identity:GetOpenIdTokenForDeveloperIdentity from the authenticated role.",
    request: ({ deployment }, { user, credentials }) =>
      getTokenForDeveloperIdentity(deployment, user.developerUserIdentifier, { as: credentials }),
  },
  {
    // Last, since its token needs a moment to expire.
    name: "expired-token",
    title: "GetCredentialsForIdentity with an expired token",
    answers: TOKEN_REFUSED,
    source: GET_CREDENTIALS,
    hint: "Tokens count after their end: whoever answers is not Cognito, or its clock stands still. Check AWS_ENDPOINT_URL.",
    request: async ({ wait }, { expiring }) => {
      const { user, expiredAt } = await expiring;
      await wait(Math.max(0, Math.ceil(expiredAt - performance.now())));
      return getCredentialsForIdentity(user.identityId, user.token);
    },
    since: async ({ expiring }) => (await expiring).expiredAt,
  },
];

/** Changes a character in the middle of the signature: the last ones carry bits that don't count. */
function breakSignature(token: string): string {
  const place = token.lastIndexOf(".") + 10;
  return `${token.slice(0, place)}${token[place] === "A" ? "B" : "A"}${token.slice(place + 1)}`;
}
