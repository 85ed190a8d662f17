/** Identities: reading, listing and deleting them. */
import { z } from "zod";
import type { Account } from "../../account";
import { ServiceError } from "../../errors";
import { operation } from "../../service";
import { requireIdentity } from "./developer-users";
import * as inputs from "./inputs";
import { onPool, paginate, requirePool } from "./pools";
import type { Identity, IdentityPool } from "./state";

/** An identity by its id alone, with the pool that it belongs to. */
export function findIdentity(account: Account, id: string): { pool: IdentityPool; identity: Identity } {
  const pool = Object.values(account.state.cognitoIdentity.pools).find((one) =>
    Object.hasOwn(one.identities, id),
  );
  if (pool === undefined) throw new ServiceError("ResourceNotFoundException", `Identity '${id}' not found.`);
  return { pool, identity: requireIdentity(pool, id) };
}

function identityOutput(pool: IdentityPool, identity: Identity) {
  return {
    IdentityId: identity.id,
    Logins: identity.developerUserIdentifiers.length > 0 ? [pool.developerProviderName] : [],
    CreationDate: identity.createdAt / 1000,
    LastModifiedDate: identity.modifiedAt / 1000,
  };
}

export const identityOperations = {
  DescribeIdentity: operation({
    input: z.object({ IdentityId: inputs.identityId }),
    permission: () => ({ resource: "*" }),
    run({ account, input }) {
      const { pool, identity } = findIdentity(account, input.IdentityId);
      return identityOutput(pool, identity);
    },
  }),

  ListIdentities: operation({
    input: z.object({
      IdentityPoolId: inputs.poolId,
      MaxResults: z.number().int().min(1).max(60),
      NextToken: z.string().min(1).optional(),
      HideDisabled: z.boolean().optional(),
    }),
    permission: onPool,
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      const { page, nextToken } = paginate(Object.values(pool.identities), input);
      return {
        IdentityPoolId: pool.id,
        Identities: page.map((identity) => identityOutput(pool, identity)),
        NextToken: nextToken,
      };
    },
  }),

  DeleteIdentities: operation({
    input: z.object({ IdentityIdsToDelete: z.array(inputs.identityId).min(1).max(60) }),
    permission: () => ({ resource: "*" }),
    run({ account, input }) {
      const pools = Object.values(account.state.cognitoIdentity.pools);
      for (const id of input.IdentityIdsToDelete) {
        for (const pool of pools) delete pool.identities[id];
      }
      return { UnprocessedIdentityIds: [] };
    },
  }),
};
