/** What IAM holds: roles with their policies, and customer managed policies. */

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
  /** Inline policies by name, as they were given. */
  inlinePolicies: Record<string, string>;
  /** ARNs in the order attached. */
  attachedPolicies: string[];
  tags: Record<string, string>;
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
  versions: Record<string, { readonly document: string; readonly createdAt: number }>;
  tags: Record<string, string>;
}

export interface IamState {
  /** By role name. */
  roles: Record<string, Role>;
  /** Customer managed policies by ARN. */
  policies: Record<string, ManagedPolicy>;
}

export function emptyIamState(): IamState {
  return { roles: {}, policies: {} };
}
