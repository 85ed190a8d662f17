/** What Cognito Identity holds: pools with their roles and identities, and the key that signs tokens. */
import type { JWK } from "jose";

export interface IdentityPool {
  /** `REGION:GUID` */
  readonly id: string;
  name: string;
  allowUnauthenticatedIdentities: boolean;
  /** Undefined when never set, which Cognito treats as allowed. */
  allowClassicFlow: boolean | undefined;
  developerProviderName: string | undefined;
  supportedLoginProviders: Record<string, string>;
  openIdConnectProviderArns: string[];
  samlProviderArns: string[];
  cognitoIdentityProviders: { ProviderName?: string; ClientId?: string; ServerSideTokenCheck?: boolean }[];
  tags: Record<string, string>;
  roles: { authenticated?: string; unauthenticated?: string };
  roleMappings: Record<string, unknown>;
  /** By identity id, in the order created. */
  identities: Record<string, Identity>;
}

export interface Identity {
  readonly id: string;
  readonly createdAt: number;
  modifiedAt: number;
  /** Developer user identifiers linked to this identity, in the order linked; none for a guest. */
  developerUserIdentifiers: string[];
}

export interface CognitoIdentityState {
  /** By pool id. */
  pools: Record<string, IdentityPool>;
  /** The private key, made when it is first needed. */
  signingKey: JWK | undefined;
}

export function emptyCognitoIdentityState(): CognitoIdentityState {
  return { pools: {}, signingKey: undefined };
}
