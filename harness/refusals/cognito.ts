/** Calls to Cognito that are refused: tokens that don't count, callers who have none, and those who may not mint them. */
import {
  type CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
  GetOpenIdTokenCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import type { CallLog } from "../calls/call-log";
import { createBackend } from "../calls/cognito";
import { COGNITO_IDENTITY } from "../calls/endpoint";
import { cognitoAttempt } from "../calls/service-call";
import { sdkRequestHandler } from "../run/connections";
import type { Walk } from "../steps/step";
import { cognitoRefusal, type RefusedCall } from "./refusal";

const DEVELOPER_IDENTITIES =
  "https://docs.aws.amazon.com/cognito/latest/developerguide/developer-authenticated-identities.html";
const AUTHENTICATION_FLOW =
  "https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html";
const GET_CREDENTIALS =
  "https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html";

/** Which of these Cognito answers to a developer's token is not recorded. */
const TOKEN_REFUSED = [/^Invalid login token/, /^Logins don't match/, /^Access to Identity/].map(
  (message) => ({ status: 400, code: "NotAuthorizedException", message }),
);

const GUEST_REFUSED = {
  status: 400,
  code: "NotAuthorizedException",
  message: /^Unauthenticated access is not supported for this identity pool/,
} as const;

const IDENTITY_FORBIDDEN = {
  status: 400,
  code: "NotAuthorizedException",
  message: /^Access to Identity .* is forbidden/,
} as const;

/** Milliseconds between two looks whether an expired token still counts: how long AWS lets one is not documented. */
const LEEWAY_INTERVAL = 2_000;

/** A provider that no pool of this project has. */
const MADE_UP_PROVIDER = "made-up.harness.invalid";

/** In the order in which they are asked. */
export const IDENTITY_REFUSALS: readonly RefusedCall[] = [
  {
    name: "tampered-token",
    title: "GetCredentialsForIdentity, the token's signature broken",
    answers: TOKEN_REFUSED,
    source: GET_CREDENTIALS,
    hint: "Tokens are not verified: whoever answers is not Cognito. Check AWS_ENDPOINT_URL.",
    send: (walk, calls, { user }) => exchange(walk, calls, user.identityId, breakSignature(user.token)),
  },
  {
    name: "other-users-token",
    title: "GetCredentialsForIdentity for another user's identity",
    answers: TOKEN_REFUSED,
    source: GET_CREDENTIALS,
    hint: "A token opens another user's identity: whoever answers is not Cognito. Check AWS_ENDPOINT_URL.",
    send: async (walk, calls, session) => {
      const other = await session.other();
      return exchange(walk, calls, other.user.identityId, session.user.token);
    },
  },
  {
    name: "made-up-provider",
    title: "GetOpenIdTokenForDeveloperIdentity for a made-up provider",
    answers: ["InvalidParameterException", "NotAuthorizedException"].map((code) => ({
      status: 400,
      code,
      message: /provider/i,
    })),
    source: DEVELOPER_IDENTITIES,
    hint: "The pool signs in users of a provider that it does not have: whoever answers is not Cognito. Check AWS_ENDPOINT_URL.",
    send: (walk, calls, { user }) =>
      mint(walk, calls, walk.backend, MADE_UP_PROVIDER, user.developerUserIdentifier),
  },
  {
    name: "guest-identity",
    title: "GetId without logins",
    answers: [GUEST_REFUSED],
    source: AUTHENTICATION_FLOW,
    hint: "The pool gives identities to guests. Set allow_unauthenticated_identities to false.",
    notApplicable: ({ unauthenticatedRoleArn }) =>
      unauthenticatedRoleArn === null
        ? null
        : "the outputs declare a role for guests (unauthenticated_role_arn), who may have an identity",
    send: (walk, calls) => {
      const { identityPoolId } = walk.deployment;
      const call = cognitoAttempt(walk, calls, "GetId", (client, options) =>
        client.send(new GetIdCommand({ IdentityPoolId: identityPoolId }), options),
      );
      return cognitoRefusal(call.then(({ IdentityId }) => walk.identities.unexpected(IdentityId)));
    },
  },
  {
    name: "guest-credentials",
    title: "GetCredentialsForIdentity without logins",
    answers: [GUEST_REFUSED, IDENTITY_FORBIDDEN],
    source: GET_CREDENTIALS,
    hint: "A user's identity is open to whoever knows its id: whoever answers is not Cognito. Check AWS_ENDPOINT_URL.",
    send: (walk, calls, { user }) => exchange(walk, calls, user.identityId, null),
  },
  {
    name: "classic-flow",
    title: "GetOpenIdToken, the classic flow",
    answers: [
      { status: 400, code: "InvalidParameterException", message: /^Basic \(classic\) flow is not / },
      { status: 400, code: "NotAuthorizedException", message: /Can't pass in a Cognito token/ },
    ],
    source: AUTHENTICATION_FLOW,
    hint: "The pool allows the classic flow, in which a client may choose its role. Set allow_classic_flow to false.",
    send: (walk, calls, { user }) => {
      const call = cognitoAttempt(walk, calls, "GetOpenIdToken", (client, options) =>
        client.send(
          new GetOpenIdTokenCommand({
            IdentityId: user.identityId,
            Logins: { [COGNITO_IDENTITY]: user.token },
          }),
          options,
        ),
      );
      return cognitoRefusal(call.then(({ Token }) => walk.redactor.add(Token)));
    },
  },
  {
    name: "minting-as-user",
    title: "GetOpenIdTokenForDeveloperIdentity with the user's credentials",
    answers: [
      {
        status: 400,
        code: "AccessDeniedException",
        message: /not authorized to perform: cognito-identity:GetOpenIdTokenForDeveloperIdentity/,
      },
    ],
    source: DEVELOPER_IDENTITIES,
    hint: "Users may mint tokens, and so become any user of the pool. Take cognito-identity:GetOpenIdTokenForDeveloperIdentity from the authenticated role.",
    send: async (walk, calls, { user, credentials }) => {
      const { deployment, endpoint, clock, redactor, dispatcher } = walk;
      const client = createBackend({
        region: deployment.region,
        endpoint: endpoint ?? undefined,
        credentials,
        clock,
        redactor,
        requestHandler: sdkRequestHandler(dispatcher),
      });
      try {
        const { developerProviderName } = deployment;
        return await mint(walk, calls, client, developerProviderName, user.developerUserIdentifier);
      } finally {
        client.destroy();
      }
    },
  },
  {
    // Last, since its token needs a moment to expire.
    name: "expired-token",
    title: "GetCredentialsForIdentity with an expired token",
    answers: TOKEN_REFUSED,
    source: GET_CREDENTIALS,
    hint: "Tokens count after their end: whoever answers is not Cognito, or its clock stands still. Check AWS_ENDPOINT_URL.",
    send: async (walk, calls, session) => {
      const { user, expiredAt } = await session.expired(calls);
      const { identityId, token } = user;
      for (;;) {
        const answer = await exchange(walk, calls, identityId, token);
        const late = performance.now() - expiredAt;
        if (answer !== "not refused" && late >= LEEWAY_INTERVAL) {
          calls.notes.push(`the token was refused only about ${Math.round(late / 1000)} s after its end`);
        }
        if (answer !== "not refused" || late >= walk.tokenLeeway) {
          return answer;
        }
        calls.waited(LEEWAY_INTERVAL);
        await walk.patience.sleep(LEEWAY_INTERVAL);
      }
    },
  },
];

/** Asks for an identity's credentials with a token, or with no login. */
function exchange(walk: Walk, calls: CallLog, identityId: string, token: string | null) {
  const call = cognitoAttempt(walk, calls, "GetCredentialsForIdentity", (client, options) =>
    client.send(
      new GetCredentialsForIdentityCommand({
        IdentityId: identityId,
        Logins: token === null ? undefined : { [COGNITO_IDENTITY]: token },
      }),
      options,
    ),
  );
  return cognitoRefusal(
    call.then(({ Credentials }) => {
      walk.redactor.add(Credentials?.SecretKey);
      walk.redactor.add(Credentials?.SessionToken);
    }),
  );
}

/** Asks for a token of a user of this run, so that no identity is left over should it be given. */
function mint(walk: Walk, calls: CallLog, client: CognitoIdentityClient, provider: string, user: string) {
  const { identityPoolId } = walk.deployment;
  const what = "GetOpenIdTokenForDeveloperIdentity";
  const call = cognitoAttempt({ ...walk, backend: client }, calls, what, (backend, options) =>
    backend.send(
      new GetOpenIdTokenForDeveloperIdentityCommand({
        IdentityPoolId: identityPoolId,
        Logins: { [provider]: user },
      }),
      options,
    ),
  );
  return cognitoRefusal(
    call.then(({ IdentityId, Token }) => {
      walk.redactor.add(Token);
      walk.identities.unexpected(IdentityId);
    }),
  );
}

/** Changes a character in the middle of the signature: the last ones carry bits that don't count. */
function breakSignature(token: string): string {
  const place = token.lastIndexOf(".") + 10;
  return `${token.slice(0, place)}${token[place] === "A" ? "B" : "A"}${token.slice(place + 1)}`;
}
