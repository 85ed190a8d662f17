/** Reading, listing and deleting identities. */
import { z } from "zod";
import { operation } from "../service";
import { findIdentity, identityOutput, onIdentities } from "./identity";
import * as inputs from "./inputs";
import { listPage } from "./page";
import { onPool, requirePool } from "./pool";

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
      const shown = Object.values(pool.identities).filter(
        (identity) => !(input.HideDisabled && identity.disabled),
      );
      const { page, nextToken } = listPage(shown, input);
      return {
        IdentityPoolId: pool.id,
        Identities: page.map((identity) => identityOutput(pool, identity)),
        NextToken: nextToken,
      };
    },
  }),

  DeleteIdentities: operation({
    input: z.object({ IdentityIdsToDelete: z.array(inputs.identityId).min(1).max(60) }),
    permission: ({ account, input }) => onIdentities(account, input.IdentityIdsToDelete),
    run({ account, input }) {
      for (const pool of Object.values(account.state.cognitoIdentity.pools)) {
        for (const id of input.IdentityIdsToDelete) {
          delete pool.identities[id];
        }
      }
      return { UnprocessedIdentityIds: [] };
    },
  }),
};
