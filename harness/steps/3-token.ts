/** Step 3: the backend gets a token for its user, and everything that the token says is true. */
import { assertEqual } from "../calls/assert";
import { COGNITO_IDENTITY, type SignedInUser, signIn } from "../calls/cognito";
import { verifyToken } from "../calls/token";
import { AssertionError } from "../run/errors";
import type { Step, StepContext } from "./step";

/** Seconds; not the default of 900, so that it shows whether the wish was heard. */
export const TOKEN_DURATION = 600;

export const token: Step<void, SignedInUser> = {
  name: "token",
  title: "GetOpenIdTokenForDeveloperIdentity",

  expected: ({ deployment }) =>
    `RS512 token of ${COGNITO_IDENTITY} for ${deployment.identityPoolId}, valid ${TOKEN_DURATION} s; one identity a user`,

  async run(context) {
    const { first, second } = context.users;
    const { user, duration } = await signInVerified(context, first);
    const again = await context.call(signIn(context, first, TOKEN_DURATION));
    assertEqual("identity of the same user, asked for again", again.identityId, user.identityId);
    const other = await context.call(signIn(context, second, TOKEN_DURATION));
    if (other.identityId === user.identityId) {
      throw new AssertionError("identity of another user", "another identity", other.identityId);
    }
    return {
      actual: `identity ${user.identityId}, token valid ${duration} s; another user has another identity`,
      output: user,
    };
  },
};

/** The same of one user among many. */
export const userToken: Step<string, SignedInUser> = {
  name: token.name,
  title: token.title,

  expected: token.expected,

  async run(context, name) {
    const { user, duration } = await signInVerified(context, name);
    return { actual: `identity ${user.identityId}, token valid ${duration} s`, output: user };
  },
};

/** Signs a user in, and asserts what the token says. The duration is in seconds. */
async function signInVerified(context: StepContext, name: string) {
  const { identityPoolId, developerProviderName } = context.deployment;
  const user = await context.call(signIn(context, name, TOKEN_DURATION));
  const { sub, amr, exp, iat } = await verifyToken(context, user.token);
  assertEqual("token's sub", sub, user.identityId);
  assertEqual("token's amr", amr, [
    "authenticated",
    developerProviderName,
    `${developerProviderName}:${identityPoolId}:${name}`,
  ]);
  assertEqual("token's exp - iat (seconds)", exp - iat, TOKEN_DURATION);
  return { user, duration: exp - iat };
}
