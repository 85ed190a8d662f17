/** Developer users: the calls of a backend that knows its users and vouches for them. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Account } from "../../account";
import { ServiceError } from "../../errors";
import { operation } from "../../service";
import * as inputs from "./inputs";
import { onPool, paginate, requirePool } from "./pools";
import type { Identity, IdentityPool } from "./state";
import { mintToken, type TokenClaims } from "./token";

/** Linked logins that merged identities may have together. */
const MERGED_LOGINS_LIMIT = 20;

export function createIdentity(account: Account, pool: IdentityPool): Identity {
  const now = account.now().getTime();
  const identity: Identity = {
    id: `${account.region}:${randomUUID()}`,
    createdAt: now,
    modifiedAt: now,
    developerUserIdentifiers: [],
  };
  pool.identities[identity.id] = identity;
  return identity;
}

export function requireIdentity(pool: IdentityPool, id: string): Identity {
  const identity = Object.hasOwn(pool.identities, id) ? pool.identities[id] : undefined;
  if (identity === undefined)
    throw new ServiceError("ResourceNotFoundException", `Identity '${id}' not found.`);
  return identity;
}

/** The claims of a developer user's token; the `amr` names the provider and the user. */
export function developerClaims(
  pool: IdentityPool,
  identity: Identity,
  user: string,
  principalTags: Record<string, string>,
): TokenClaims {
  const provider = pool.developerProviderName as string;
  return {
    sub: identity.id,
    aud: pool.id,
    amr: ["authenticated", provider, `${provider}:${pool.id}:${user}`],
    principalTags,
  };
}

function identityOfUser(pool: IdentityPool, user: string): Identity | undefined {
  return Object.values(pool.identities).find((identity) => identity.developerUserIdentifiers.includes(user));
}

function requireProvider(pool: IdentityPool, name: string): void {
  if (name !== pool.developerProviderName) {
    throw new ServiceError(
      "InvalidParameterException",
      "This identity pool does not support the specified developer provider",
    );
  }
}

function link(account: Account, identity: Identity, user: string): void {
  identity.developerUserIdentifiers.push(user);
  identity.modifiedAt = account.now().getTime();
}

export const developerUserOperations = {
  GetOpenIdTokenForDeveloperIdentity: operation({
    input: z.object({
      IdentityPoolId: inputs.poolId,
      IdentityId: inputs.identityId.optional(),
      Logins: inputs.logins,
      TokenDuration: z.number().int().min(1).max(86400).default(900),
      PrincipalTags: inputs.principalTags.default({}),
    }),
    permission: onPool,
    async run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      const [login, ...others] = Object.entries(input.Logins);
      if (login === undefined || others.length > 0) {
        throw new ServiceError(
          "InvalidParameterException",
          "Please provide exactly one login: that of the pool's developer provider.",
        );
      }
      const [provider, user] = login;
      requireProvider(pool, provider);
      inputs.developerUserIdentifier.parse(user);
      const owner = identityOfUser(pool, user);
      if (input.IdentityId !== undefined && owner !== undefined && owner.id !== input.IdentityId) {
        throw new ServiceError(
          "DeveloperUserAlreadyRegisteredException",
          "The developer user identifier is already registered under another identity.",
        );
      }
      const named = input.IdentityId === undefined ? undefined : requireIdentity(pool, input.IdentityId);
      const identity = owner ?? named ?? createIdentity(account, pool);
      if (owner === undefined) link(account, identity, user);
      const claims = developerClaims(pool, identity, user, input.PrincipalTags);
      return { IdentityId: identity.id, Token: await mintToken(account, claims, input.TokenDuration) };
    },
  }),

  LookupDeveloperIdentity: operation({
    input: z.object({
      IdentityPoolId: inputs.poolId,
      IdentityId: inputs.identityId.optional(),
      DeveloperUserIdentifier: inputs.developerUserIdentifier.optional(),
      MaxResults: z.number().int().min(1).max(60).default(60),
      NextToken: z.string().min(1).optional(),
    }),
    permission: onPool,
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      const { IdentityId: id, DeveloperUserIdentifier: user } = input;
      if (id === undefined && user === undefined) {
        throw new ServiceError(
          "InvalidParameterException",
          "Please provide an IdentityId or a DeveloperUserIdentifier.",
        );
      }
      const identity = id === undefined ? identityOfUser(pool, user as string) : requireIdentity(pool, id);
      if (identity === undefined)
        throw new ServiceError("ResourceNotFoundException", "The developer user identifier was not found.");
      if (user !== undefined && !identity.developerUserIdentifiers.includes(user)) {
        throw new ServiceError(
          "ResourceConflictException",
          "The developer user identifier is not linked to the given identity.",
        );
      }
      const { page, nextToken } = paginate(identity.developerUserIdentifiers, input);
      return { IdentityId: identity.id, DeveloperUserIdentifierList: page, NextToken: nextToken };
    },
  }),

  MergeDeveloperIdentities: operation({
    input: z.object({
      SourceUserIdentifier: inputs.developerUserIdentifier,
      DestinationUserIdentifier: inputs.developerUserIdentifier,
      DeveloperProviderName: inputs.developerProviderName,
      IdentityPoolId: inputs.poolId,
    }),
    permission: onPool,
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      requireProvider(pool, input.DeveloperProviderName);
      const [source, destination] = [input.SourceUserIdentifier, input.DestinationUserIdentifier].map(
        (user) => {
          const identity = identityOfUser(pool, user);
          if (identity === undefined)
            throw new ServiceError(
              "ResourceNotFoundException",
              "The developer user identifier was not found.",
            );
          return identity;
        },
      ) as [Identity, Identity];
      if (source.id === destination.id) return { IdentityId: destination.id };
      const logins = source.developerUserIdentifiers.length + destination.developerUserIdentifiers.length;
      if (logins > MERGED_LOGINS_LIMIT) {
        throw new ServiceError(
          "ResourceConflictException",
          `The merged identities would have more than ${MERGED_LOGINS_LIMIT} linked logins.`,
        );
      }
      for (const user of source.developerUserIdentifiers) link(account, destination, user);
      delete pool.identities[source.id];
      return { IdentityId: destination.id };
    },
  }),

  UnlinkDeveloperIdentity: operation({
    input: z.object({
      IdentityId: inputs.identityId,
      IdentityPoolId: inputs.poolId,
      DeveloperProviderName: inputs.developerProviderName,
      DeveloperUserIdentifier: inputs.developerUserIdentifier,
    }),
    permission: onPool,
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      requireProvider(pool, input.DeveloperProviderName);
      const identity = requireIdentity(pool, input.IdentityId);
      if (!identity.developerUserIdentifiers.includes(input.DeveloperUserIdentifier)) {
        throw new ServiceError("ResourceNotFoundException", "The developer user identifier was not found.");
      }
      identity.developerUserIdentifiers = identity.developerUserIdentifiers.filter(
        (user) => user !== input.DeveloperUserIdentifier,
      );
      identity.modifiedAt = account.now().getTime();
      return undefined;
    },
  }),
};
