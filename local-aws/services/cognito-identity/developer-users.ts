/** Developer users: the calls of a backend that knows its users and vouches for them. */
import { z } from "zod";
import type { Account } from "../../account";
import { type Dictionary, dictionary } from "../../account/dictionary";
import type { IdentityPool } from "../../account/state/cognito-identity";
import { repeatsKey } from "../iam/tags";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import { developerClaims } from "./developer-claims";
import { createIdentity, linkUser, requireIdentity } from "./identity";
import * as inputs from "./inputs";
import { type Logins, refuseCognitoToken, refusePublicLogins, requireEnabled } from "./logins";
import { listPage } from "./page";
import { onPool, requirePool } from "./pool";
import { identitiesOf } from "./pool-identities";
import { mintToken } from "./token";

/** Linked logins that merged identities may have together. https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_MergeDeveloperIdentities.html */
const MERGED_LOGINS_LIMIT = 20;

/** Bytes of keys and values in UTF-8; how AWS packs them before it counts is its own secret. https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html */
const PRINCIPAL_TAGS_LIMIT = 460;

const invalid = (message: string) => new ServiceError("InvalidParameterException", message);
const conflict = (message: string) => new ServiceError("ResourceConflictException", message);
const unknownUser = () =>
  new ServiceError("ResourceNotFoundException", "The developer user identifier was not found.");

function requireProvider(pool: IdentityPool, name: string): void {
  if (name !== pool.developerProviderName) {
    throw invalid("This identity pool does not support the specified developer provider");
  }
}

/** The developer user that the logins name. Logins of public providers may stand beside it; they are refused here. */
function userOf(account: Account, pool: IdentityPool, logins: Logins): string {
  const { [pool.developerProviderName ?? ""]: user, ...others } = logins;
  if (user === undefined) {
    throw invalid("This identity pool does not support the specified developer provider");
  }
  refuseCognitoToken(others);
  refusePublicLogins(account, pool, others);
  if (!inputs.developerUserIdentifier.safeParse(user).success) {
    throw invalid("A developer user identifier has at most 1024 characters.");
  }
  return user;
}

/**
 * The tags become session tags, whose keys are compared without case and which STS packs into a limited space.
 *
 * @throws ServiceError InvalidParameterException
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html
 */
function requireUsableTags(tags: Dictionary<string>): void {
  if (repeatsKey(Object.keys(tags))) {
    throw invalid("The keys of principal tags must differ in more than case.");
  }
  if (Buffer.byteLength(Object.entries(tags).flat().join("")) > PRINCIPAL_TAGS_LIMIT) {
    throw invalid(
      `The keys and values of the principal tags have more than ${PRINCIPAL_TAGS_LIMIT} bytes together.`,
    );
  }
}

export const developerUserOperations = {
  GetOpenIdTokenForDeveloperIdentity: operation({
    input: z.object({
      IdentityPoolId: inputs.poolId,
      IdentityId: inputs.identityId.optional(),
      Logins: inputs.logins,
      TokenDuration: inputs.tokenDuration.default(900),
      PrincipalTags: inputs.principalTags.optional(),
    }),
    permission: onPool,
    async run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      const principalTags = input.PrincipalTags ?? dictionary<string>();
      requireUsableTags(principalTags);
      const user = userOf(account, pool, input.Logins);
      const named = input.IdentityId === undefined ? undefined : requireIdentity(pool, input.IdentityId);
      const owner = identitiesOf(account, pool).ofUser(user);
      if (named !== undefined && owner !== undefined && named !== owner) {
        throw new ServiceError(
          "DeveloperUserAlreadyRegisteredException",
          "The developer user identifier is already registered under another identity.",
        );
      }
      if (named !== undefined) {
        requireEnabled(named);
      }
      const identity = owner ?? named ?? createIdentity(account, pool);
      if (owner === undefined) {
        linkUser(account, pool, identity, user);
      }
      const claims = developerClaims(pool, identity, user, principalTags);
      return { IdentityId: identity.id, Token: await mintToken(account, claims, input.TokenDuration) };
    },
  }),

  LookupDeveloperIdentity: operation({
    readOnly: true,
    input: z.object({
      IdentityPoolId: inputs.poolId,
      IdentityId: inputs.identityId.optional(),
      DeveloperUserIdentifier: inputs.developerUserIdentifier.optional(),
      MaxResults: inputs.maxResults.default(60),
      NextToken: inputs.nextToken.optional(),
    }),
    permission: onPool,
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      const { IdentityId: id, DeveloperUserIdentifier: user } = input;
      const owner = user === undefined ? undefined : identitiesOf(account, pool).ofUser(user);
      if (user !== undefined && owner === undefined) {
        throw unknownUser();
      }
      const identity = id === undefined ? owner : requireIdentity(pool, id);
      if (identity === undefined) {
        throw invalid("Please provide an IdentityId or a DeveloperUserIdentifier.");
      }
      if (owner !== undefined && owner !== identity) {
        throw conflict("The developer user identifier belongs to another identity than the one given.");
      }
      const { page, nextToken } = listPage(identity.developerUserIdentifiers, input);
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
      const identities = identitiesOf(account, pool);
      const source = identities.ofUser(input.SourceUserIdentifier);
      const destination = identities.ofUser(input.DestinationUserIdentifier);
      if (source === undefined || destination === undefined) {
        throw unknownUser();
      }
      if (source === destination) {
        return { IdentityId: destination.id };
      }
      const moved = source.developerUserIdentifiers;
      if (moved.length + destination.developerUserIdentifiers.length > MERGED_LOGINS_LIMIT) {
        throw conflict(`The merged identities would have more than ${MERGED_LOGINS_LIMIT} linked logins.`);
      }
      identities.unlink(source, moved);
      source.disabled = true;
      source.modifiedAt = account.now().getTime();
      for (const user of moved) {
        linkUser(account, pool, destination, user);
      }
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
      const { DeveloperUserIdentifier: user } = input;
      if (!identity.developerUserIdentifiers.includes(user)) {
        throw unknownUser();
      }
      identitiesOf(account, pool).unlink(identity, [user]);
      identity.modifiedAt = account.now().getTime();
      return undefined;
    },
  }),
};
