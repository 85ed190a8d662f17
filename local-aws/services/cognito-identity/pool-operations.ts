/** The life of identity pools and their settings. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import type { IdentityPool } from "../../account/state/cognito-identity";
import { tagConditions } from "../../authorize/tag-conditions";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import { listPage } from "./page";
import { onPool, poolOutput, requirePool, withTags } from "./pool";

const onlyPool = z.object({ IdentityPoolId: inputs.poolId });

const settings = inputs.poolSettings.extend({
  DeveloperProviderName: inputs.developerProviderName.optional(),
  IdentityPoolTags: inputs.tags.optional(),
});

function settingsOf(input: z.output<typeof inputs.poolSettings>) {
  return {
    name: input.IdentityPoolName,
    allowUnauthenticatedIdentities: input.AllowUnauthenticatedIdentities,
    allowClassicFlow: input.AllowClassicFlow,
    supportedLoginProviders: input.SupportedLoginProviders ?? dictionary<string>(),
    openIdConnectProviderArns: input.OpenIdConnectProviderARNs,
    samlProviderArns: input.SamlProviderARNs,
    cognitoIdentityProviders: input.CognitoIdentityProviders,
  };
}

export const poolOperations = {
  CreateIdentityPool: operation({
    input: settings,
    permission: ({ input }) => ({
      resource: "*",
      context: tagConditions({ passed: input.IdentityPoolTags }),
    }),
    run({ account, input }) {
      const pool: IdentityPool = {
        id: `${account.region}:${randomUUID()}`,
        ...settingsOf(input),
        developerProviderName: input.DeveloperProviderName,
        tags: withTags(dictionary(), input.IdentityPoolTags ?? dictionary()),
        roles: dictionary(),
        roleMappings: dictionary(),
        identities: dictionary(),
      };
      account.state.cognitoIdentity.pools[pool.id] = pool;
      return poolOutput(pool);
    },
  }),

  DescribeIdentityPool: operation({
    readOnly: true,
    input: onlyPool,
    permission: onPool,
    run: ({ account, input }) => poolOutput(requirePool(account, input.IdentityPoolId)),
  }),

  UpdateIdentityPool: operation({
    input: settings.extend({ IdentityPoolId: inputs.poolId }),
    permission: (call) => onPool(call, { passed: call.input.IdentityPoolTags }),
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      const provider = pool.developerProviderName ?? input.DeveloperProviderName;
      if (input.DeveloperProviderName !== undefined && input.DeveloperProviderName !== provider) {
        throw new ServiceError(
          "InvalidParameterException",
          "The developer provider name of an identity pool can't be changed.",
        );
      }
      const tags = withTags(dictionary(), input.IdentityPoolTags ?? pool.tags);
      Object.assign(pool, settingsOf(input));
      pool.developerProviderName = provider;
      pool.tags = tags;
      return poolOutput(pool);
    },
  }),

  DeleteIdentityPool: operation({
    input: onlyPool,
    permission: onPool,
    run({ account, input }) {
      delete account.state.cognitoIdentity.pools[requirePool(account, input.IdentityPoolId).id];
      return undefined;
    },
  }),

  ListIdentityPools: operation({
    readOnly: true,
    input: z.object({ MaxResults: inputs.maxResults, NextToken: inputs.nextToken.optional() }),
    permission: () => ({ resource: "*" }),
    run({ account, input }) {
      const { page, nextToken } = listPage(Object.values(account.state.cognitoIdentity.pools), input);
      return {
        IdentityPools: page.map((pool) => ({ IdentityPoolId: pool.id, IdentityPoolName: pool.name })),
        NextToken: nextToken,
      };
    },
  }),
};
