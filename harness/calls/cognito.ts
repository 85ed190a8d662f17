/** Cognito's calls. What their answers give is remembered by the client, for the clean-up and for who takes secrets out. */
import {
  type $Command,
  type CognitoIdentityClientResolvedConfig,
  DescribeIdentityPoolCommand,
  GetCredentialsForIdentityCommand,
  type GetCredentialsForIdentityCommandOutput,
  GetIdCommand,
  GetIdentityPoolRolesCommand,
  GetOpenIdTokenCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-cognito-identity";
import type { Connections, Credentials } from "../run/connections";
import type { Deployment } from "../run/outputs";
import { assertMatches, assertPresent } from "./assert";
import type { ServiceRequest } from "./call";

/**
 * The name of the login under which Cognito's own tokens are presented; also the host of their issuer.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
 */
export const COGNITO_IDENTITY = "cognito-identity.amazonaws.com";

/** A user whom Cognito gave an identity and a token. */
export interface SignedInUser {
  readonly developerUserIdentifier: string;
  readonly identityId: string;
  readonly token: string;
}

/** Credentials of an identity, and when they end. */
export interface OpenedSession {
  readonly identityId: string | undefined;
  readonly credentials: Credentials;
  readonly expiration: Date;
}

/** What the login endpoint gave a client: a token, or what the endpoint itself exchanged it for. */
export interface ClientLogin {
  /** Undefined where the application's session does not tell. */
  readonly developerUserIdentifier?: string;
  readonly identityId: string;
  readonly token?: string;
  readonly opened?: OpenedSession;
  /** The token's tag `username`; undefined when it has none. */
  readonly username?: string;
}

/** Asks what a pool is set to. */
export const describeIdentityPool = ({ identityPoolId: IdentityPoolId }: Deployment) =>
  operation(new DescribeIdentityPoolCommand({ IdentityPoolId }));

/** Asks which roles a pool gives. */
export const getIdentityPoolRoles = ({ identityPoolId: IdentityPoolId }: Deployment) =>
  operation(new GetIdentityPoolRolesCommand({ IdentityPoolId }));

/** What a token is asked for. */
export interface TokenOptions {
  /** Seconds. @default AWS's */
  readonly duration?: number;
  /** @default the deployment's */
  readonly provider?: string;
  readonly principalTags?: Readonly<Record<string, string>>;
  /** Who asks. @default the backend */
  readonly as?: Credentials;
}

/** Asks for the token of a developer's user. */
export function getTokenForDeveloperIdentity(
  { identityPoolId: IdentityPoolId, developerProviderName }: Deployment,
  user: string,
  { duration: TokenDuration, provider, principalTags: PrincipalTags, as }: TokenOptions = {},
) {
  const Logins = { [provider ?? developerProviderName]: user };
  const input = { IdentityPoolId, Logins, TokenDuration, PrincipalTags };
  return operation(new GetOpenIdTokenForDeveloperIdentityCommand(input), as);
}

/** Does what the backend does when its user signs in. @param duration the token's, in seconds */
export function signIn(
  { deployment, principalTags }: Pick<Connections, "deployment"> & Pick<TokenOptions, "principalTags">,
  user: string,
  duration: number,
): ServiceRequest<SignedInUser> {
  const { region } = deployment;
  return {
    ...getTokenForDeveloperIdentity(deployment, user, { duration, principalTags }),
    read: ({ IdentityId: identityId, Token: token }) => {
      const guid = new RegExp(`^${region}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`);
      assertMatches("identity id", identityId, guid, `${region}:GUID`);
      assertPresent<string>("token", token);
      return { developerUserIdentifier: user, identityId, token };
    },
  };
}

/** Asks for an identity's credentials with a token, or with no login. The SDK signs this with nothing: its model says so. */
export const getCredentialsForIdentity = (IdentityId: string, token?: string) =>
  operation(new GetCredentialsForIdentityCommand({ IdentityId, Logins: logins(token) }));

/** Does what the client does with its token. */
export const openSession = ({ identityId, token }: Pick<ClientLogin, "identityId" | "token">) => ({
  ...getCredentialsForIdentity(identityId, token),
  read({ IdentityId, Credentials: given = {} }: GetCredentialsForIdentityCommandOutput): OpenedSession {
    const { AccessKeyId, SecretKey, SessionToken, Expiration } = given;
    assertPresent("access key id", AccessKeyId);
    assertPresent("secret key", SecretKey);
    assertPresent("session token", SessionToken);
    assertPresent("expiration", Expiration);
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretKey, sessionToken: SessionToken };
    return { identityId: IdentityId, credentials, expiration: Expiration };
  },
});

/** Asks for an identity without any login. */
export const getId = ({ identityPoolId: IdentityPoolId }: Deployment) =>
  operation(new GetIdCommand({ IdentityPoolId }));

/** Asks for a token in the classic flow. */
export const getOpenIdToken = ({ identityId: IdentityId, token }: SignedInUser) =>
  operation(new GetOpenIdTokenCommand({ IdentityId, Logins: logins(token) }));

/** Makes the request of a command, as the backend unless it says otherwise; the SDK sends one command as often as asked. */
function operation<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: Command<Input, Output>,
  as?: Credentials,
): ServiceRequest<Output, Output> {
  return {
    name: command.constructor.name.replace(/Command$/, ""),
    send: ({ cognito, cognitoAs }, abortSignal) =>
      (as === undefined ? cognito : cognitoAs(as)).send(command, { abortSignal }),
    requestIdOf: ({ $metadata }) => $metadata.requestId,
    read: (answer) => answer,
  };
}

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  CognitoIdentityClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

function logins(token: string | undefined): Record<string, string> | undefined {
  return token === undefined ? undefined : { [COGNITO_IDENTITY]: token };
}
