/** Step 4: the client, without any credentials of its own, changes its token into temporary ones. */
import { GetCredentialsForIdentityCommand } from "@aws-sdk/client-cognito-identity";
import type { SessionCredentials } from "../api-call";
import { AssertionFailure, assertEqual, assertMatches, assertPresent } from "../assert";
import { COGNITO_IDENTITY } from "../endpoint";
import { cognitoCall } from "./cognito-call";
import type { Step } from "./step";
import type { SignedInUser } from "./token";

/** Minutes. The enhanced flow gives an hour; the margin leaves room for clocks that differ a little. */
const SHORTEST_SESSION = 55;
const LONGEST_SESSION = 65;

export const credentialsStep: Step<SignedInUser, SessionCredentials> = {
  name: "credentials",

  expected: () => "credentials of the same identity: ASIA key, session token, about one hour",

  async run(walk, calls, user) {
    // The SDK signs this operation with nothing: its model declares it so.
    const answer = await cognitoCall(walk, calls, "GetCredentialsForIdentity", (client, options) =>
      client.send(
        new GetCredentialsForIdentityCommand({
          IdentityId: user.identityId,
          Logins: { [COGNITO_IDENTITY]: user.token },
        }),
        options,
      ),
    );
    const { AccessKeyId, SecretKey, SessionToken, Expiration } = answer.Credentials ?? {};
    walk.redactor.add(SecretKey);
    walk.redactor.add(SessionToken);

    assertEqual("identity of the credentials", answer.IdentityId, user.identityId);
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    assertMatches("access key id", AccessKeyId, /^ASIA[A-Z0-9]{12,}$/, "a temporary key (ASIA…)");
    assertPresent("secret key", SecretKey);
    assertPresent("session token", SessionToken);
    assertPresent("expiration", Expiration);
    const minutes = Math.round((Expiration.getTime() - Date.now()) / 60_000);
    if (!(minutes >= SHORTEST_SESSION && minutes <= LONGEST_SESSION)) {
      throw new AssertionFailure("expiration", "about 60 minutes ahead", `${minutes} minutes ahead`);
    }
    return {
      actual: `credentials of ${answer.IdentityId}: ASIA key, session token, ${minutes} minutes`,
      result: { accessKeyId: AccessKeyId, secretAccessKey: SecretKey, sessionToken: SessionToken },
    };
  },
};
