/** One OpenID Connect provider: its URL and ARN, finding it, and what it may hold. */
import type { Account } from "../../account";
import type { OpenIdConnectProvider } from "../../account/state/iam";
import type { Permission } from "../service";
import { ServiceError } from "../service-error";
import { iamTagConditions, type Tag } from "./tags";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const CLIENT_IDS = 100;
const THUMBPRINTS = 5;

/**
 * The provider's URL as ARNs and condition keys name it: without `https://`. A token's `iss` must be the URL to the letter, so nothing
 * is normalized.
 *
 * @throws ServiceError when it can't be an issuer's
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
 */
export function issuerName(url: string): string {
  // No port, no user, no query, no fragment, and nothing that a URL's reader would write otherwise than it stands.
  const plain = /^https:\/\/([a-z0-9-]+(\.[a-z0-9-]+)*(\/[\w.~-]+)*\/?)$/.exec(url);
  const name = plain?.[1];
  if (name === undefined || !URL.canParse(url) || ![url, `${url}/`].includes(new URL(url).href)) {
    throw new ServiceError("InvalidInput", "Invalid Open ID Connect Provider URL");
  }
  return name;
}

export function providerArn(account: Pick<Account, "id">, name: string): string {
  return `arn:aws:iam::${account.id}:oidc-provider/${name}`;
}

/** The provider whose tokens an issuer signs, if the account has it. */
export function providerOf(account: Account, issuer: string): OpenIdConnectProvider | undefined {
  const name = /^https:\/\/(.+)$/s.exec(issuer)?.[1];
  return name === undefined
    ? undefined
    : account.state.iam.openIdConnectProviders[providerArn(account, name)];
}

/** @throws ServiceError NoSuchEntity */
export function requireProvider(account: Account, arn: string): OpenIdConnectProvider {
  requireProviderArn(arn);
  const provider = account.state.iam.openIdConnectProviders[arn];
  if (provider === undefined) {
    throw new ServiceError("NoSuchEntity", `OpenIDConnect Provider not found for arn ${arn}`, 404);
  }
  return provider;
}

/** @throws ServiceError when the text isn't the ARN of an OpenID Connect provider */
export function requireProviderArn(arn: string): void {
  if (!/^arn:aws[\w-]*:iam::\d{12}:oidc-provider\/.+$/.test(arn)) {
    throw new ServiceError("InvalidInput", `Invalid ARN: ${arn}`);
  }
}

/** Permission on the provider that the input names. */
export function onProvider(
  { account, input }: { account: Account; input: { OpenIDConnectProviderArn: string } },
  tags: { passed?: readonly Tag[]; removed?: readonly string[] } = {},
): Permission {
  const arn = input.OpenIDConnectProviderArn;
  const resource = account.state.iam.openIdConnectProviders[arn]?.tags;
  return { resource: arn, context: iamTagConditions({ resource, ...tags }) };
}

/**
 * The client ids without repetition.
 *
 * @throws ServiceError above the quota
 */
export function clientIdsOf(given: readonly string[]): string[] {
  const unique = [...new Set(given)];
  if (unique.length > CLIENT_IDS) {
    throw new ServiceError(
      "LimitExceeded",
      `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${CLIENT_IDS}`,
      409,
    );
  }
  return unique;
}

/** @throws ServiceError for too many, and for one that isn't hexadecimal */
export function thumbprintsOf(given: readonly string[]): string[] {
  if (given.length > THUMBPRINTS) {
    throw new ServiceError("InvalidInput", `Thumbprint list must contain fewer than ${THUMBPRINTS} entries.`);
  }
  if (!given.every((one) => /^[0-9a-f]+$/i.test(one))) {
    throw new ServiceError("InvalidInput", "Thumbprints must be the hexadecimal SHA-1 of a certificate.");
  }
  return given.map((one) => one.toLowerCase());
}
