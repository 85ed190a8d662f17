/** Step 3: the backend gets a token for its user, and everything that the token says is true. */
import { GetOpenIdTokenForDeveloperIdentityCommand } from "@aws-sdk/client-cognito-identity";
import { AssertionFailure, assertEqual, assertMatches, assertPresent } from "../calls/assert";
import type { CallLog } from "../calls/call-log";
import { COGNITO_IDENTITY } from "../calls/endpoint";
import { cognitoCall } from "../calls/service-call";
import type { Step, Walk } from "./step";

/** Seconds; not the default of 900, so that it shows whether the wish was heard. */
const TOKEN_DURATION = 600;

/** What the later steps need to know of a user that signed in. */
export interface SignedInUser {
  readonly developerUserIdentifier: string;
  readonly identityId: string;
  readonly token: string;
}

export const tokenStep: Step<void, SignedInUser> = {
  name: "token",
  title: "GetOpenIdTokenForDeveloperIdentity",

  expected: ({ deployment }) =>
    `RS512 token of ${COGNITO_IDENTITY} for ${deployment.identityPoolId}, valid ${TOKEN_DURATION} s; one identity a user`,

  async run(walk, calls) {
    const { identityPoolId, developerProviderName } = walk.deployment;
    const developerUserIdentifier = walk.identities.user("first");
    const user = await signIn(walk, calls, developerUserIdentifier);

    // Verifying fetches the issuer's keys.
    const claims = await walk.patience.call(calls, "GET the issuer's keys", () =>
      walk.tokens.verify(user.token),
    );
    assertEqual("token's sub", claims.sub, user.identityId);
    assertEqual("token's amr", claims.amr, [
      "authenticated",
      developerProviderName,
      `${developerProviderName}:${identityPoolId}:${developerUserIdentifier}`,
    ]);
    assertEqual("token's exp - iat (seconds)", claims.exp - claims.iat, TOKEN_DURATION);

    const again = await signIn(walk, calls, developerUserIdentifier);
    assertEqual("identity of the same user, asked for again", again.identityId, user.identityId);
    const other = await signIn(walk, calls, walk.identities.user("second"));
    if (other.identityId === user.identityId) {
      throw new AssertionFailure("identity of another user", "another identity", other.identityId);
    }
    return {
      actual: `identity ${user.identityId}, token valid ${claims.exp - claims.iat} s; another user has another identity`,
      result: user,
    };
  },
};

/**
 * What the backend does when its user signs in.
 *
 * @param duration the token's, in seconds
 */
export async function signIn(
  walk: Walk,
  calls: CallLog,
  user: string,
  duration = TOKEN_DURATION,
): Promise<SignedInUser> {
  const { identityPoolId, developerProviderName, region } = walk.deployment;
  const answer = await walk.identities.created(
    user,
    cognitoCall(walk, calls, "GetOpenIdTokenForDeveloperIdentity", (client, options) =>
      client.send(
        new GetOpenIdTokenForDeveloperIdentityCommand({
          IdentityPoolId: identityPoolId,
          Logins: { [developerProviderName]: user },
          TokenDuration: duration,
          PrincipalTags: walk.principalTags ?? undefined,
        }),
        options,
      ),
    ),
  );
  walk.redactor.add(answer.Token);
  assertMatches(
    "identity id",
    answer.IdentityId,
    new RegExp(`^${region}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
    `${region}:GUID`,
  );
  assertPresent("token", answer.Token);
  return { developerUserIdentifier: user, identityId: answer.IdentityId, token: answer.Token };
}
