/** Step 4: the client, without any credentials of its own, changes its token into temporary ones. */
import { GetCredentialsForIdentityCommand } from "@aws-sdk/client-cognito-identity";
import type { SessionCredentials } from "../calls/api";
import { AssertionFailure, assertEqual, assertMatches, assertPresent } from "../calls/assert";
import type { CallLog } from "../calls/call-log";
import { COGNITO_IDENTITY } from "../calls/endpoint";
import { cognitoCall } from "../calls/service-call";
import type { SignedInUser } from "./3-token";
import type { Step, Walk } from "./step";

/** Minutes. The enhanced flow gives an hour; the margin leaves room for clocks that differ a little. */
const SHORTEST_SESSION = 55;
const LONGEST_SESSION = 65;

export const credentialsStep: Step<SignedInUser, SessionCredentials> = {
  name: "credentials",
  title: "GetCredentialsForIdentity",

  expected: () => "credentials of the same identity: ASIA key, session token, about one hour",

  async run(walk, calls, user) {
    const { identityId, credentials, expiration } = await openSession(walk, calls, user);
    assertEqual("identity of the credentials", identityId, user.identityId);
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    assertMatches("access key id", credentials.accessKeyId, /^ASIA[A-Z0-9]{12,}$/, "a temporary key (ASIA…)");
    const minutes = Math.round((expiration.getTime() - walk.clock.now()) / 60_000);
    if (!(minutes >= SHORTEST_SESSION && minutes <= LONGEST_SESSION)) {
      throw new AssertionFailure("expiration", "about 60 minutes ahead", `${minutes} minutes ahead`);
    }
    return {
      actual: `credentials of ${identityId}: ASIA key, session token, ${minutes} minutes`,
      result: credentials,
    };
  },
};

/** What the client does with its token. The SDK signs this operation with nothing: its model declares it so. */
export async function openSession(walk: Walk, calls: CallLog, user: SignedInUser) {
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
  assertPresent("access key id", AccessKeyId);
  assertPresent("secret key", SecretKey);
  assertPresent("session token", SessionToken);
  assertPresent("expiration", Expiration);
  return {
    identityId: answer.IdentityId,
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretKey, sessionToken: SessionToken },
    expiration: Expiration,
  };
}
