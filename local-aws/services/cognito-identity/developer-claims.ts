/** What a developer user's token says about its holder. */
import type { Identity, IdentityPool } from "../../account/state/cognito-identity";
import type { TokenClaims } from "./token";

/** How a token's `amr` names a developer user. */
export function developerAmr(pool: IdentityPool, user: string): string {
  return `${pool.developerProviderName}:${pool.id}:${user}`;
}

/** The claims of a developer user's token; the `amr` names the provider and the user. */
export function developerClaims(
  pool: IdentityPool,
  identity: Identity,
  user: string,
  principalTags: Readonly<Record<string, string>>,
): TokenClaims {
  return {
    sub: identity.id,
    aud: pool.id,
    amr: ["authenticated", pool.developerProviderName as string, developerAmr(pool, user)],
    principalTags,
  };
}
