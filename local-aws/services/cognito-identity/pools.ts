/** Identity pools: their life, their settings, their tags, and the roles attached to them. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Account } from "../../account";
import { ServiceError } from "../../errors";
import { operation, type Permission } from "../../service";
import * as inputs from "./inputs";
import type { IdentityPool } from "./state";

export function poolArn(account: Account, poolId: string): string {
  return `arn:aws:cognito-identity:${account.region}:${account.id}:identitypool/${poolId}`;
}

export function requirePool(account: Account, id: string): IdentityPool {
  const { pools } = account.state.cognitoIdentity;
  const pool = Object.hasOwn(pools, id) ? pools[id] : undefined;
  if (pool === undefined)
    throw new ServiceError("ResourceNotFoundException", `IdentityPool '${id}' not found.`);
  return pool;
}

/** Permission on the pool that the input names. */
export function onPool({
  account,
  input,
}: {
  account: Account;
  input: { IdentityPoolId: string };
}): Permission {
  return { resource: poolArn(account, input.IdentityPoolId) };
}

const onlyPool = z.object({ IdentityPoolId: inputs.poolId });

/** The members of a pool that an update replaces as a whole: what is left out is reset. */
const settings = z.object({
  IdentityPoolName: inputs.poolName,
  AllowUnauthenticatedIdentities: z.boolean(),
  AllowClassicFlow: z.boolean().optional(),
  SupportedLoginProviders: z.record(z.string(), z.string()).default({}),
  OpenIdConnectProviderARNs: z.array(z.string()).default([]),
  SamlProviderARNs: z.array(z.string()).default([]),
  CognitoIdentityProviders: z
    .array(
      z.object({
        ProviderName: z.string().optional(),
        ClientId: z.string().optional(),
        ServerSideTokenCheck: z.boolean().optional(),
      }),
    )
    .default([]),
});

function settingsOf(input: z.output<typeof settings>) {
  return {
    name: input.IdentityPoolName,
    allowUnauthenticatedIdentities: input.AllowUnauthenticatedIdentities,
    allowClassicFlow: input.AllowClassicFlow,
    supportedLoginProviders: input.SupportedLoginProviders,
    openIdConnectProviderArns: input.OpenIdConnectProviderARNs,
    samlProviderArns: input.SamlProviderARNs,
    cognitoIdentityProviders: input.CognitoIdentityProviders,
  };
}

const ifAny = <T extends object>(value: T): T | undefined =>
  Object.keys(value).length > 0 ? value : undefined;

function poolOutput(pool: IdentityPool) {
  return {
    IdentityPoolId: pool.id,
    IdentityPoolName: pool.name,
    AllowUnauthenticatedIdentities: pool.allowUnauthenticatedIdentities,
    AllowClassicFlow: pool.allowClassicFlow,
    DeveloperProviderName: pool.developerProviderName,
    SupportedLoginProviders: ifAny(pool.supportedLoginProviders),
    OpenIdConnectProviderARNs: ifAny(pool.openIdConnectProviderArns),
    SamlProviderARNs: ifAny(pool.samlProviderArns),
    CognitoIdentityProviders: ifAny(pool.cognitoIdentityProviders),
    IdentityPoolTags: pool.tags,
  };
}

export const poolOperations = {
  CreateIdentityPool: operation({
    input: settings.extend({
      DeveloperProviderName: inputs.developerProviderName.optional(),
      IdentityPoolTags: inputs.tags.default({}),
    }),
    permission: () => ({ resource: "*" }),
    run({ account, input }) {
      const pool: IdentityPool = {
        id: `${account.region}:${randomUUID()}`,
        ...settingsOf(input),
        developerProviderName: input.DeveloperProviderName,
        tags: input.IdentityPoolTags,
        roles: {},
        roleMappings: {},
        identities: {},
      };
      account.state.cognitoIdentity.pools[pool.id] = pool;
      return poolOutput(pool);
    },
  }),

  DescribeIdentityPool: operation({
    input: onlyPool,
    permission: onPool,
    run: ({ account, input }) => poolOutput(requirePool(account, input.IdentityPoolId)),
  }),

  UpdateIdentityPool: operation({
    input: settings.extend({
      IdentityPoolId: inputs.poolId,
      DeveloperProviderName: inputs.developerProviderName.optional(),
      IdentityPoolTags: inputs.tags.optional(),
    }),
    permission: onPool,
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      const { developerProviderName } = pool;
      if (
        developerProviderName !== undefined &&
        input.DeveloperProviderName !== undefined &&
        input.DeveloperProviderName !== developerProviderName
      ) {
        throw new ServiceError(
          "InvalidParameterException",
          "The developer provider name of an identity pool can't be changed.",
        );
      }
      Object.assign(pool, settingsOf(input), {
        developerProviderName: developerProviderName ?? input.DeveloperProviderName,
        tags: input.IdentityPoolTags ?? pool.tags,
      });
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
    input: z.object({ MaxResults: z.number().int().min(1).max(60), NextToken: z.string().min(1).optional() }),
    permission: () => ({ resource: "*" }),
    run({ account, input }) {
      const { page, nextToken } = paginate(Object.values(account.state.cognitoIdentity.pools), input);
      return {
        IdentityPools: page.map((pool) => ({ IdentityPoolId: pool.id, IdentityPoolName: pool.name })),
        NextToken: nextToken,
      };
    },
  }),

  SetIdentityPoolRoles: operation({
    input: onlyPool.extend({
      Roles: inputs.roles,
      RoleMappings: z.record(z.string(), z.unknown()).optional(),
    }),
    permission: ({ account, input }) => [
      onPool({ account, input }),
      ...Object.values(input.Roles).map((arn) => ({
        action: "iam:PassRole",
        resource: arn,
        context: { "iam:PassedToService": "cognito-identity.amazonaws.com" },
      })),
    ],
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      for (const arn of Object.values(input.Roles)) {
        if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+/.test(arn)) {
          throw new ServiceError("NotAuthorizedException", `Access to Role '${arn}' is forbidden.`);
        }
      }
      pool.roles = input.Roles;
      pool.roleMappings = input.RoleMappings ?? {};
      return undefined;
    },
  }),

  GetIdentityPoolRoles: operation({
    input: onlyPool,
    permission: onPool,
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      return { IdentityPoolId: pool.id, Roles: ifAny(pool.roles), RoleMappings: ifAny(pool.roleMappings) };
    },
  }),

  TagResource: operation({
    input: z.object({ ResourceArn: inputs.resourceArn, Tags: inputs.tags }),
    permission: ({ input }) => ({ resource: input.ResourceArn }),
    run({ account, input }) {
      Object.assign(poolByArn(account, input.ResourceArn).tags, input.Tags);
      return {};
    },
  }),

  UntagResource: operation({
    input: z.object({ ResourceArn: inputs.resourceArn, TagKeys: z.array(z.string().min(1).max(128)) }),
    permission: ({ input }) => ({ resource: input.ResourceArn }),
    run({ account, input }) {
      const pool = poolByArn(account, input.ResourceArn);
      for (const key of input.TagKeys) delete pool.tags[key];
      return {};
    },
  }),

  ListTagsForResource: operation({
    input: z.object({ ResourceArn: inputs.resourceArn }),
    permission: ({ input }) => ({ resource: input.ResourceArn }),
    run: ({ account, input }) => ({ Tags: poolByArn(account, input.ResourceArn).tags }),
  }),
};

function poolByArn(account: Account, arn: string): IdentityPool {
  return requirePool(account, arn.slice(arn.lastIndexOf("/") + 1));
}

/** A page of a list; the token is the place where the next page starts. */
export function paginate<T>(
  items: readonly T[],
  input: { MaxResults: number; NextToken?: string },
): { page: T[]; nextToken: string | undefined } {
  const start =
    input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, "base64url").toString());
  if (!Number.isSafeInteger(start) || start < 0) {
    throw new ServiceError("InvalidParameterException", "Invalid NextToken.");
  }
  const end = start + input.MaxResults;
  return {
    page: items.slice(start, end),
    nextToken: end < items.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}
