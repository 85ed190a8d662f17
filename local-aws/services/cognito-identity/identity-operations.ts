/** Reading, listing and deleting identities. */
import { z } from "zod";
import { pageToken } from "../page";
import { operation } from "../service";
import { findIdentity, identityOutput, onIdentities } from "./identity";
import * as inputs from "./inputs";
import { pageStart } from "./page";
import { onPool, requirePool } from "./pool";
import { identitiesOf } from "./pool-identities";

export const identityOperations = {
  DescribeIdentity: operation({
    readOnly: true,
    input: z.object({ IdentityId: inputs.identityId }),
    permission: ({ account, input }) => onIdentities(account, [input.IdentityId]),
    run({ account, input }) {
      const { pool, identity } = findIdentity(account, input.IdentityId);
      return identityOutput(pool, identity);
    },
  }),

  ListIdentities: operation({
    readOnly: true,
    input: z.object({
      IdentityPoolId: inputs.poolId,
      MaxResults: inputs.maxResults,
      NextToken: inputs.nextToken.optional(),
      HideDisabled: z.boolean().default(false),
    }),
    permission: onPool,
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      const { page, next } = identitiesOf(account, pool).page(
        pageStart(input.NextToken),
        input.MaxResults,
        (identity) => !(input.HideDisabled && identity.disabled),
      );
      return {
        IdentityPoolId: pool.id,
        Identities: page.map((identity) => identityOutput(pool, identity)),
        NextToken: next === undefined ? undefined : pageToken(next),
      };
    },
  }),

  DeleteIdentities: operation({
    input: z.object({ IdentityIdsToDelete: z.array(inputs.identityId).min(1).max(60) }),
    permission: ({ account, input }) => onIdentities(account, input.IdentityIdsToDelete),
    run({ account, input }) {
      for (const pool of Object.values(account.state.cognitoIdentity.pools)) {
        const identities = identitiesOf(account, pool);
        for (const id of input.IdentityIdsToDelete) {
          identities.delete(id);
        }
      }
      return { UnprocessedIdentityIds: [] };
    },
  }),
};
