/** What Cognito Identity holds: pools with their roles and identities, and the key that signs tokens. */
import type { JWK } from "jose";
import { type Dictionary, dictionary } from "../dictionary";

export interface IdentityPool {
  /** `REGION:GUID` */
  readonly id: string;
  name: string;
  allowUnauthenticatedIdentities: boolean;
  /** Undefined when never set, which Cognito treats as allowed. */
  allowClassicFlow: boolean | undefined;
  developerProviderName: string | undefined;
  /** App ids by provider name. */
  supportedLoginProviders: Dictionary<string>;
  openIdConnectProviderArns: string[];
  samlProviderArns: string[];
  cognitoIdentityProviders: { ProviderName?: string; ClientId?: string; ServerSideTokenCheck?: boolean }[];
  tags: Dictionary<string>;
  /** ARNs by `authenticated` and `unauthenticated`. */
  roles: Dictionary<string>;
  /** As they were given, by provider name. */
  roleMappings: Dictionary<RoleMapping>;
  /** By identity id, in the order created. `PoolIdentities` adds and deletes them, and links their users. */
  identities: Dictionary<Identity>;
}

export interface RoleMapping {
  readonly Type: "Token" | "Rules";
  readonly AmbiguousRoleResolution?: "AuthenticatedRole" | "Deny";
  readonly RulesConfiguration?: {
    readonly Rules: readonly {
      readonly Claim: string;
      readonly MatchType: "Equals" | "Contains" | "StartsWith" | "NotEqual";
      readonly Value: string;
      readonly RoleARN: string;
    }[];
  };
}

export interface Identity {
  readonly id: string;
  readonly createdAt: number;
  modifiedAt: number;
  /** Developer user identifiers linked to this identity, in the order linked. */
  developerUserIdentifiers: readonly string[];
  /** Whether it has ever had a login: from then on it is never a guest's, not even when all logins are unlinked. */
  authenticated: boolean;
  /** Whether its logins were merged into another identity. */
  disabled: boolean;
}

export interface CognitoIdentityState {
  /** By pool id. */
  pools: Dictionary<IdentityPool>;
  /** The private key, made when it is first needed. */
  signingKey: JWK | undefined;
}

export function emptyCognitoIdentityState(): CognitoIdentityState {
  return { pools: dictionary(), signingKey: undefined };
}
