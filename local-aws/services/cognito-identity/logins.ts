/** The `Logins` map of calls that take no signature: what stands in it decides who is calling. */
import type { Account } from "../../account";
import { ServiceError } from "../../errors";
import { COGNITO_PROVIDER } from "../sts/web-identity";
import type { Identity, IdentityPool } from "./state";
import { InvalidToken, type TokenClaims, verifyToken } from "./token";

export type Logins = Readonly<Record<string, string>> | undefined;

export const notAuthorized = (message: string) => new ServiceError("NotAuthorizedException", message);

export function hasLogins(logins: Logins): logins is Readonly<Record<string, string>> {
  return logins !== undefined && Object.keys(logins).length > 0;
}

/** @throws ServiceError when the pool has no place for callers without logins */
export function requireGuestsAllowed(pool: IdentityPool): void {
  if (!pool.allowUnauthenticatedIdentities) {
    throw notAuthorized("Unauthenticated access is not supported for this identity pool.");
  }
}

/** @throws ServiceError when an identity that belongs to a developer user is used without a login */
export function requireGuest(identity: Identity): void {
  if (identity.developerUserIdentifiers.length > 0)
    throw notAuthorized(`Access to Identity '${identity.id}' is forbidden.`);
}

/** Refuses logins of providers that a pool of developer users doesn't have; a Cognito token is the caller's to judge. */
export function requireKnownProviders(pool: IdentityPool, logins: Readonly<Record<string, string>>): void {
  for (const provider of Object.keys(logins)) {
    if (provider === COGNITO_PROVIDER) continue;
    if (provider === pool.developerProviderName) {
      throw new ServiceError("InvalidParameterException", "Please provide a valid public provider");
    }
    throw notAuthorized("Token is not from a supported provider of this identity pool.");
  }
}

/** GetId and GetOpenIdToken take logins of public providers; a developer's token is none of them. */
export function refuseCognitoToken(logins: Readonly<Record<string, string>>): void {
  if (Object.hasOwn(logins, COGNITO_PROVIDER))
    throw notAuthorized("Invalid login token. Can't pass in a Cognito token.");
}

/**
 * The claims of the developer's token in the logins, if it is for this identity.
 *
 * @throws ServiceError in Cognito's words; the cause is in the decision log
 */
export async function developerLogin(
  account: Account,
  pool: IdentityPool,
  identity: Identity,
  logins: Readonly<Record<string, string>>,
): Promise<TokenClaims> {
  requireKnownProviders(pool, logins);
  const refuse = (cause: string, message: string) => {
    account.decisions.note({
      kind: "token",
      outcome: "refused",
      subject: `a login token for identity ${identity.id} of pool ${pool.id}`,
      detail: [cause],
    });
    return notAuthorized(message);
  };
  let claims: TokenClaims;
  try {
    claims = await verifyToken(account, logins[COGNITO_PROVIDER] as string);
  } catch (error) {
    if (!(error instanceof InvalidToken)) throw error;
    throw refuse(error.message, `Invalid login token. ${tokenProblem(error, account.now())}`);
  }
  if (claims.sub !== identity.id || claims.aud !== pool.id) {
    throw refuse(
      `the token is for identity ${claims.sub} of pool ${claims.aud}`,
      "Logins don't match. Please include at least one valid login for this identity or identity pool.",
    );
  }
  return claims;
}

function tokenProblem(error: InvalidToken, now: Date): string {
  switch (error.reason) {
    case "not-a-token":
      return "Not a valid OpenId Connect identity token.";
    case "expired":
      return `Token expired: ${error.expiration} >= ${Math.floor(now.getTime() / 1000)}`;
    case "issuer":
      return "Issuer doesn't match providerName";
    case "missing-claim":
      return `Missing a required claim: ${error.message}`;
    case "signature":
      return "Couldn't verify signed token.";
  }
}
