/** GetId, GetOpenIdToken and UnlinkIdentity: the calls for guests and public logins, which developer users don't need. */
import { z } from "zod";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import { createIdentity, findIdentity } from "./identity";
import * as inputs from "./inputs";
import {
  developerLogin,
  hasLogins,
  refuseCognitoToken,
  refusePublicLogins,
  requireGuest,
  requireGuestsAllowed,
} from "./logins";
import { requirePool } from "./pool";
import { identitiesOf } from "./pool-identities";
import { guestClaims, mintToken } from "./token";

/** Seconds. https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetOpenIdToken.html */
const OPEN_ID_TOKEN_DURATION = 600;

export const publicLoginOperations = {
  GetId: operation({
    input: z.object({
      AccountId: inputs.accountId.optional(),
      IdentityPoolId: inputs.poolId,
      Logins: inputs.logins.optional(),
    }),
    permission: "unsigned",
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId, input.AccountId ?? account.id);
      if (hasLogins(input.Logins)) {
        // No public provider can be linked to a pool here, so every login is refused, each for its own reason.
        refuseCognitoToken(input.Logins);
        refusePublicLogins(account, pool, input.Logins);
      }
      requireGuestsAllowed(pool);
      return { IdentityId: createIdentity(account, pool).id };
    },
  }),

  GetOpenIdToken: operation({
    input: z.object({ IdentityId: inputs.identityId, Logins: inputs.logins.optional() }),
    permission: "unsigned",
    async run({ account, input }) {
      const { pool, identity } = findIdentity(account, input.IdentityId);
      // A pool on which the flag was never set allows the classic flow: https://github.com/aws/aws-cli/issues/7652
      if (pool.allowClassicFlow === false) {
        throw new ServiceError(
          "InvalidParameterException",
          "Basic (classic) flow is not enabled, please use enhanced flow.",
        );
      }
      if (Object.keys(pool.roleMappings).length > 0) {
        throw new ServiceError(
          "InvalidParameterException",
          "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.",
        );
      }
      if (hasLogins(input.Logins)) {
        refuseCognitoToken(input.Logins);
        refusePublicLogins(account, pool, input.Logins);
      }
      requireGuestsAllowed(pool);
      requireGuest(identity);
      return {
        IdentityId: identity.id,
        Token: await mintToken(account, guestClaims(pool.id, identity.id), OPEN_ID_TOKEN_DURATION),
      };
    },
  }),

  UnlinkIdentity: operation({
    input: z.object({
      IdentityId: inputs.identityId,
      Logins: inputs.logins,
      LoginsToRemove: inputs.loginsToRemove,
    }),
    permission: "unsigned",
    async run({ account, input }) {
      const { pool, identity } = findIdentity(account, input.IdentityId);
      await developerLogin(account, pool, identity, input.Logins);
      if (input.LoginsToRemove.some((provider) => provider !== pool.developerProviderName)) {
        throw new ServiceError("InvalidParameterException", "Please provide a valid login to remove.");
      }
      if (input.LoginsToRemove.length > 0) {
        identitiesOf(account, pool).unlink(identity, identity.developerUserIdentifiers);
      }
      identity.modifiedAt = account.now().getTime();
      return undefined;
    },
  }),
};
