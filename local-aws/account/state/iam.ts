/** What IAM holds: roles with their policies, customer managed policies, and OpenID Connect providers. */
import { type Dictionary, dictionary } from "../dictionary";

export interface Role {
  /** `AROA…` */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly createdAt: number;
  description: string | undefined;
  /** Seconds. */
  maxSessionDuration: number;
  /** The trust policy as it was given. */
  trustPolicy: string;
  /** ARN of the managed policy that bounds what the role may do. */
  permissionsBoundary?: string;
  /** Inline policies by name, as they were given. */
  inlinePolicies: Dictionary<string>;
  /** ARNs in the order attached. */
  attachedPolicies: string[];
  tags: Dictionary<string>;
}

export interface ManagedPolicy {
  /** `ANPA…` */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly description: string | undefined;
  updatedAt: number;
  defaultVersion: string;
  /** How many versions there ever were; ids are never used twice. */
  versionCount: number;
  /** By version id (`v1`), in the order created. */
  versions: Dictionary<{ readonly document: string; readonly createdAt: number }>;
  tags: Dictionary<string>;
}

export interface OpenIdConnectProvider {
  readonly arn: string;
  /** The issuer without `https://`, exactly as it was given: the first part of its tokens' condition keys. */
  readonly url: string;
  readonly createdAt: number;
  /** The audiences that its tokens may have. */
  clientIds: string[];
  thumbprints: string[];
  tags: Dictionary<string>;
}

export interface IamState {
  /** By role name. */
  roles: Dictionary<Role>;
  /** Customer managed policies by ARN. */
  policies: Dictionary<ManagedPolicy>;
  /** By ARN. */
  openIdConnectProviders: Dictionary<OpenIdConnectProvider>;
}

export function emptyIamState(): IamState {
  return { roles: dictionary(), policies: dictionary(), openIdConnectProviders: dictionary() };
}
