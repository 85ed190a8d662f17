/** One identity pool: finding it, and how Cognito shows it. */
import type { Account } from "../../account";
import type { Dictionary } from "../../account/dictionary";
import type { IdentityPool } from "../../account/state/cognito-identity";
import { type RequestTags, tagConditions } from "../../authorize/tag-conditions";
import { nonEmpty } from "../output";
import type { Permission } from "../service";
import { ServiceError } from "../service-error";
import { MAXIMUM_TAGS, mergeTags } from "../tags";

export function poolArn(account: Account, poolId: string): string {
  return `arn:aws:cognito-identity:${account.region}:${account.id}:identitypool/${poolId}`;
}

/** @throws ServiceError ResourceNotFoundException */
export function requirePool(account: Account, id: string, owner = account.id): IdentityPool {
  const pool = account.state.cognitoIdentity.pools[id];
  if (pool === undefined || owner !== account.id) {
    throw new ServiceError("ResourceNotFoundException", `IdentityPool '${id}' not found.`);
  }
  return pool;
}

/** Permission on the pool that the input names. */
export function onPool(
  { account, input }: { account: Account; input: { IdentityPoolId: string } },
  tags: RequestTags = {},
): Permission {
  const pool = account.state.cognitoIdentity.pools[input.IdentityPoolId];
  return {
    resource: poolArn(account, input.IdentityPoolId),
    context: tagConditions({ resource: pool?.tags, ...tags }),
  };
}

/**
 * A pool's tags with others added, which replace those of the same key.
 *
 * @throws ServiceError InvalidParameterException above the limit
 * @see https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_TagResource.html
 */
export function withTags(tags: Dictionary<string>, added: Dictionary<string>): Dictionary<string> {
  const tooMany = () =>
    new ServiceError("InvalidParameterException", `An identity pool has at most ${MAXIMUM_TAGS} tags.`);
  return mergeTags(tags, added, tooMany);
}

export function poolOutput(pool: IdentityPool) {
  return {
    IdentityPoolId: pool.id,
    IdentityPoolName: pool.name,
    AllowUnauthenticatedIdentities: pool.allowUnauthenticatedIdentities,
    AllowClassicFlow: pool.allowClassicFlow,
    DeveloperProviderName: pool.developerProviderName,
    SupportedLoginProviders: nonEmpty(pool.supportedLoginProviders),
    OpenIdConnectProviderARNs: nonEmpty(pool.openIdConnectProviderArns),
    SamlProviderARNs: nonEmpty(pool.samlProviderArns),
    CognitoIdentityProviders: nonEmpty(pool.cognitoIdentityProviders),
    IdentityPoolTags: pool.tags,
  };
}
