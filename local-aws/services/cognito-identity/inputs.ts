/** The constraints that the service model of Cognito Identity puts on the members of its requests. */
import { z } from "zod";
import { mapOf } from "../input";

const id = z
  .string()
  .min(1)
  .max(55)
  .regex(/^[\w-]+:[0-9a-f-]+$/);
const arn = z.string().min(20).max(2048);
const providerName = z.string().min(1).max(128);
const tagKey = z.string().min(1).max(128);

export const poolId = id;
export const identityId = id;
export const roleArn = arn;
export const resourceArn = arn;
const poolName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w\s+=,.@-]+$/);
export const developerProviderName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w._-]+$/);
export const developerUserIdentifier = z.string().min(1).max(1024);
export const accountId = z.string().min(1).max(15).regex(/^\d+$/);
/** Seconds. */
export const tokenDuration = z.number().int().min(1).max(86400);

export const tags = mapOf(tagKey, z.string().max(256));
export const tagKeys = z.array(tagKey);
export const logins = mapOf(providerName, z.string().min(1).max(50000), 10);
export const loginsToRemove = z.array(providerName);
export const principalTags = mapOf(tagKey, z.string().min(1).max(256), 50);

/** The members of a pool that an update replaces as a whole: what is left out is reset. */
export const poolSettings = z.object({
  IdentityPoolName: poolName,
  AllowUnauthenticatedIdentities: z.boolean(),
  AllowClassicFlow: z.boolean().optional(),
  SupportedLoginProviders: mapOf(
    providerName,
    z
      .string()
      .min(1)
      .max(128)
      .regex(/^[\w.;_/-]+$/),
    10,
  ).optional(),
  OpenIdConnectProviderARNs: z.array(arn).default([]),
  SamlProviderARNs: z.array(arn).default([]),
  CognitoIdentityProviders: z
    .array(
      z.object({
        ProviderName: z
          .string()
          .min(1)
          .max(128)
          .regex(/^[\w._:/-]+$/)
          .optional(),
        ClientId: z
          .string()
          .min(1)
          .max(128)
          .regex(/^[\w_]+$/)
          .optional(),
        ServerSideTokenCheck: z.boolean().optional(),
      }),
    )
    .default([]),
});

export const roles = mapOf(
  z
    .string()
    .min(1)
    .max(128)
    .regex(/^(un)?authenticated$/),
  arn,
  2,
);

export const roleMappings = mapOf(
  providerName,
  z.object({
    Type: z.enum(["Token", "Rules"]),
    AmbiguousRoleResolution: z.enum(["AuthenticatedRole", "Deny"]).optional(),
    RulesConfiguration: z
      .object({
        Rules: z
          .array(
            z.object({
              Claim: z
                .string()
                .min(1)
                .max(64)
                .regex(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u),
              MatchType: z.enum(["Equals", "Contains", "StartsWith", "NotEqual"]),
              Value: z.string().min(1).max(128),
              RoleARN: arn,
            }),
          )
          .min(1)
          .max(400),
      })
      .optional(),
  }),
  10,
);

/** How many items a page may have, where the request must say so. */
export const maxResults = z.number().int().min(1).max(60);
export const nextToken = z
  .string()
  .min(1)
  .max(65535)
  .regex(/^[\S]+$/);
