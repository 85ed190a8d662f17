/** One identity: making it, finding it, and how Cognito shows it. */
import { randomUUID } from "node:crypto";
import type { Account } from "../../account";
import { stored } from "../../account/dictionary";
import type { Identity, IdentityPool } from "../../account/state/cognito-identity";
import { ServiceError } from "../service-error";

export function createIdentity(account: Account, pool: IdentityPool): Identity {
  const now = account.now().getTime();
  const id = `${account.region}:${randomUUID()}`;
  return stored(pool.identities, id, {
    id,
    createdAt: now,
    modifiedAt: now,
    developerUserIdentifiers: [],
    authenticated: false,
    disabled: false,
  });
}

/** @throws ServiceError ResourceNotFoundException */
export function requireIdentity(pool: IdentityPool, id: string): Identity {
  const identity = pool.identities[id];
  if (identity === undefined) {
    throw new ServiceError("ResourceNotFoundException", `Identity '${id}' not found.`);
  }
  return identity;
}

/**
 * An identity by its id alone, with the pool that it belongs to.
 *
 * @throws ServiceError ResourceNotFoundException
 */
export function findIdentity(account: Account, id: string): { pool: IdentityPool; identity: Identity } {
  for (const pool of Object.values(account.state.cognitoIdentity.pools)) {
    const identity = pool.identities[id];
    if (identity !== undefined) {
      return { pool, identity };
    }
  }
  throw new ServiceError("ResourceNotFoundException", `Identity '${id}' not found.`);
}

/** Links a developer's user to an identity, which is no guest's from now on. */
export function linkUser(account: Account, identity: Identity, user: string): void {
  identity.developerUserIdentifiers.push(user);
  identity.authenticated = true;
  identity.modifiedAt = account.now().getTime();
}

export function identityOutput(pool: IdentityPool, identity: Identity) {
  return {
    IdentityId: identity.id,
    Logins: identity.developerUserIdentifiers.length > 0 ? [pool.developerProviderName] : [],
    CreationDate: identity.createdAt / 1000,
    LastModifiedDate: identity.modifiedAt / 1000,
  };
}
