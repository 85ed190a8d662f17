/** Step 4: the client, without any credentials of its own, changes its token into temporary ones. */
import { assertEqual, assertMatches } from "../calls/assert";
import { type ClientLogin, openSession } from "../calls/cognito";
import type { Credentials } from "../run/connections";
import { AssertionError } from "../run/errors";
import type { Step } from "./step";

/** Minutes. The enhanced flow gives an hour; the margin leaves room for clocks that differ a little. */
const SHORTEST_SESSION = 55;
const LONGEST_SESSION = 65;

export const getCredentials: Step<ClientLogin, Credentials> = {
  name: "credentials",
  title: "GetCredentialsForIdentity",

  expected: () => "credentials of the same identity: ASIA key, session token, about one hour",

  async run({ call, clock, note }, user) {
    if (user.opened !== undefined) {
      note("came with the login; nothing was called");
    }
    const { identityId, credentials, expiration } = user.opened ?? (await call(openSession(user)));
    assertEqual("identity of the credentials", identityId, user.identityId);
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    assertMatches("access key id", credentials.accessKeyId, /^ASIA[A-Z0-9]{12,}$/, "a temporary key (ASIA…)");
    const minutes = Math.round((expiration.getTime() - clock.now()) / 60_000);
    if (!(minutes >= SHORTEST_SESSION && minutes <= LONGEST_SESSION)) {
      throw new AssertionError("expiration", "about 60 minutes ahead", `${minutes} minutes ahead`);
    }
    return {
      actual: `credentials of ${identityId}: ASIA key, session token, ${minutes} minutes`,
      output: credentials,
    };
  },
};
