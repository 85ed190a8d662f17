/** One identity: making it, finding it, and how Cognito shows it. */
import { randomUUID } from "node:crypto";
import type { Account } from "../../account";
import type { Identity, IdentityPool } from "../../account/state/cognito-identity";
import type { Permission } from "../service";
import { ServiceError } from "../service-error";
import { poolArn } from "./pool";
import { identitiesOf } from "./pool-identities";

export function createIdentity(account: Account, pool: IdentityPool): Identity {
  const now = account.now().getTime();
  return identitiesOf(account, pool).add({
    id: `${account.region}:${randomUUID()}`,
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

/**
 * Permission on identities, which have no ARN: a condition can ask for the pool of each, and one that isn't there has none.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitoidentity.html
 */
export function onIdentities(account: Account, ids: readonly string[]): Permission[] {
  const pools = Object.values(account.state.cognitoIdentity.pools);
  const found = new Set(ids.map((id) => pools.find(({ identities }) => identities[id] !== undefined)?.id));
  return [...found].map((id) => ({
    resource: "*",
    ...(id === undefined ? {} : { context: { "cognito-identity:IdentityPoolArn": poolArn(account, id) } }),
  }));
}

/** Links a developer's user to an identity, which is no guest's from now on. */
export function linkUser(account: Account, pool: IdentityPool, identity: Identity, user: string): void {
  identitiesOf(account, pool).link(identity, user);
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
