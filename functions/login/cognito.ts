// The calls to Cognito: minting as the function's role, and the exchange of the token for credentials, which nobody signs.
import {
  CognitoIdentityClient,
  type CognitoIdentityServiceException,
  GetCredentialsForIdentityCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import type { LoginConfiguration } from "./configuration";
import { TooManyRequestsError, UpstreamError } from "./login-error";

/** An identity of the pool and a token that proves it to Cognito. */
export interface MintedToken {
  readonly identityId: string;
  readonly token: string;
}

/** As the client's SDK takes them. */
export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** ISO 8601. */
  readonly expiration: string;
}

/** The key of a Cognito token in `Logins`, in every region. */
const COGNITO_LOGIN = "cognito-identity.amazonaws.com";

/** Milliseconds; with two attempts of two calls, within the function's timeout. */
const PATIENCE = { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true };

export class Cognito {
  private readonly client: CognitoIdentityClient;

  constructor(private readonly configuration: LoginConfiguration) {
    this.client = new CognitoIdentityClient({
      region: configuration.region,
      maxAttempts: 2,
      requestHandler: PATIENCE,
    });
  }

  /**
   * Mints a token for a user; the first time, the user gets an identity.
   *
   * @throws TooManyRequestsError
   * @throws UpstreamError
   */
  async mint(userId: string, tags: Readonly<Record<string, string>>): Promise<MintedToken> {
    const { identityPoolId, developerProviderName, tokenDuration } = this.configuration;
    const { IdentityId, Token } = await this.client
      .send(
        new GetOpenIdTokenForDeveloperIdentityCommand({
          IdentityPoolId: identityPoolId,
          // No IdentityId: with one, a user would be linked to an identity of the caller's choice.
          Logins: { [developerProviderName]: userId },
          TokenDuration: tokenDuration,
          PrincipalTags: Object.keys(tags).length === 0 ? undefined : { ...tags },
        }),
      )
      .catch(refuse);
    return { identityId: present(IdentityId), token: present(Token) };
  }

  /**
   * Exchanges a token for the credentials of the pool's authenticated role.
   *
   * @throws TooManyRequestsError
   * @throws UpstreamError
   */
  async exchange({ identityId, token }: MintedToken): Promise<TemporaryCredentials> {
    const { Credentials } = await this.client
      .send(
        new GetCredentialsForIdentityCommand({ IdentityId: identityId, Logins: { [COGNITO_LOGIN]: token } }),
      )
      .catch(refuse);
    return {
      accessKeyId: present(Credentials?.AccessKeyId),
      secretAccessKey: present(Credentials?.SecretKey),
      sessionToken: present(Credentials?.SessionToken),
      expiration: present(Credentials?.Expiration).toISOString(),
    };
  }
}

/** Only the error's name is told: a message of Cognito's may quote what it was sent. */
function refuse({ name, $metadata }: CognitoIdentityServiceException): never {
  const reason = `Cognito: ${name} (request ${$metadata?.requestId ?? "without an answer"})`;
  throw name === "TooManyRequestsException" || $metadata?.httpStatusCode === 429
    ? new TooManyRequestsError(reason)
    : new UpstreamError(reason);
}

function present<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new UpstreamError("Cognito's answer lacks a member");
  }
  return value;
}
