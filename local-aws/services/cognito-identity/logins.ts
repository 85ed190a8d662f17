/** The `Logins` map of calls that take no signature: what stands in it decides who is calling. */
import type { Account } from "../../account";
import type { Identity, IdentityPool } from "../../account/state/cognito-identity";
import { ServiceError } from "../service-error";
import { developerAmr } from "./developer-claims";
import { COGNITO_PROVIDER } from "./provider";
import { claimedIssuer, InvalidTokenError, ISSUER, type TokenClaims, verifyToken } from "./token";

const NOT_A_TOKEN = "Not a valid OpenId Connect identity token.";
const NOT_COGNITO = "Not a Cognito token.";

export type Logins = Readonly<Record<string, string>>;

export const notAuthorized = (message: string) => new ServiceError("NotAuthorizedException", message);

const forbidden = (identity: Identity) => notAuthorized(`Access to Identity '${identity.id}' is forbidden.`);

export function hasLogins(logins: Logins | undefined): logins is Logins {
  return logins !== undefined && Object.keys(logins).length > 0;
}

/** @throws ServiceError when the pool has no place for callers without logins */
export function requireGuestsAllowed(pool: IdentityPool): void {
  if (!pool.allowUnauthenticatedIdentities) {
    throw notAuthorized("Unauthenticated access is not supported for this identity pool.");
  }
}

/** @throws ServiceError when an identity that has or had a login is used without one */
export function requireGuest(identity: Identity): void {
  if (identity.authenticated) {
    throw forbidden(identity);
  }
}

/** @throws ServiceError when the identity's logins were merged into another one's */
export function requireEnabled(identity: Identity): void {
  if (identity.disabled) {
    throw forbidden(identity);
  }
}

/**
 * Refuses every login but a Cognito token, which is the caller's to judge: local AWS has no public providers, so that it can't
 * verify the token of one even if the pool knows it.
 */
export function refusePublicLogins(account: Account, pool: IdentityPool, logins: Logins): void {
  for (const provider of Object.keys(logins)) {
    if (provider === COGNITO_PROVIDER) {
      continue;
    }
    if (provider === pool.developerProviderName) {
      throw new ServiceError("InvalidParameterException", "Please provide a valid public provider");
    }
    if (!publicProviders(pool).includes(provider)) {
      throw notAuthorized("Token is not from a supported provider of this identity pool.");
    }
    account.decisions.note({
      kind: "token",
      outcome: "refused",
      subject: `a login of ${provider} for pool ${pool.id}`,
      detail: ["local AWS doesn't verify tokens of public providers"],
    });
    throw notAuthorized("Invalid login token. Couldn't verify signed token.");
  }
}

/** The names under which a pool's public providers stand in `Logins`. */
function publicProviders(pool: IdentityPool): string[] {
  return [
    ...Object.keys(pool.supportedLoginProviders),
    ...pool.cognitoIdentityProviders.map(({ ProviderName = "" }) => ProviderName),
    ...pool.openIdConnectProviderArns.map((arn) => arn.slice(arn.indexOf("/") + 1)),
    ...pool.samlProviderArns,
  ];
}

/**
 * GetId, GetOpenIdToken and GetOpenIdTokenForDeveloperIdentity take logins of public providers. A token of Cognito is none of
 * them, and what else may stand in its place is no token of Cognito.
 */
export function refuseCognitoToken(logins: Logins): void {
  const token = Object.hasOwn(logins, COGNITO_PROVIDER) ? logins[COGNITO_PROVIDER] : undefined;
  if (token !== undefined) {
    throw notAuthorized(`Invalid login token. ${misplacedToken(token)}`);
  }
}

function misplacedToken(token: string): string {
  try {
    return claimedIssuer(token) === ISSUER ? "Can't pass in a Cognito token." : NOT_COGNITO;
  } catch (error) {
    if (error instanceof InvalidTokenError) {
      return NOT_A_TOKEN;
    }
    throw error;
  }
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
  logins: Logins,
): Promise<TokenClaims> {
  refusePublicLogins(account, pool, logins);
  const refuse = (cause: string, message: string) => {
    account.decisions.note({
      kind: "token",
      outcome: "refused",
      subject: `a login token for identity ${identity.id} of pool ${pool.id}`,
      detail: [cause],
    });
    return notAuthorized(message);
  };
  const mismatch = (cause: string) =>
    refuse(
      cause,
      "Logins don't match. Please include at least one valid login for this identity or identity pool.",
    );
  let claims: TokenClaims;
  try {
    claims = await verifyToken(account, logins[COGNITO_PROVIDER] as string);
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) {
      throw error;
    }
    throw refuse(error.message, `Invalid login token. ${tokenProblem(error, account.now())}`);
  }
  if (claims.sub !== identity.id || claims.aud !== pool.id) {
    throw mismatch(`the token is for identity ${claims.sub} of pool ${claims.aud}`);
  }
  requireEnabled(identity);
  const linked = identity.developerUserIdentifiers.some((user) =>
    claims.amr.includes(developerAmr(pool, user)),
  );
  if (!linked) {
    throw mismatch("no developer user of this identity (any more) is named in the token's amr");
  }
  return claims;
}

function tokenProblem(error: InvalidTokenError, now: Date): string {
  switch (error.reason) {
    case "not-a-token":
      return NOT_A_TOKEN;
    case "expired":
      return `Token expired: ${Math.floor(now.getTime() / 1000)} >= ${error.expiration}`;
    case "issuer":
      return NOT_COGNITO;
    case "missing-claim":
      return `Missing a required claim: ${error.message}`;
    case "signature":
      return "Couldn't verify signed token.";
  }
}
