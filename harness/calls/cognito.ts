/** Cognito's calls. What their answers give is remembered by the client, for the clean-up and for who takes secrets out. */
import {
  DescribeIdentityPoolCommand,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
  GetIdentityPoolRolesCommand,
  GetOpenIdTokenCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
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

/** Asks what a pool is set to. */
export const describeIdentityPool = ({ identityPoolId }: Deployment) =>
  cognitoRequest("DescribeIdentityPool", ({ cognito }, abortSignal) =>
    cognito.send(new DescribeIdentityPoolCommand({ IdentityPoolId: identityPoolId }), { abortSignal }),
  );

/** Asks which roles a pool gives. */
export const getIdentityPoolRoles = ({ identityPoolId }: Deployment) =>
  cognitoRequest("GetIdentityPoolRoles", ({ cognito }, abortSignal) =>
    cognito.send(new GetIdentityPoolRolesCommand({ IdentityPoolId: identityPoolId }), { abortSignal }),
  );

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
export const getTokenForDeveloperIdentity = (
  { identityPoolId, developerProviderName }: Deployment,
  user: string,
  { duration, provider = developerProviderName, principalTags, as }: TokenOptions = {},
) =>
  cognitoRequest("GetOpenIdTokenForDeveloperIdentity", ({ cognito, cognitoAs }, abortSignal) =>
    (as === undefined ? cognito : cognitoAs(as)).send(
      new GetOpenIdTokenForDeveloperIdentityCommand({
        IdentityPoolId: identityPoolId,
        Logins: { [provider]: user },
        TokenDuration: duration,
        PrincipalTags: principalTags,
      }),
      { abortSignal },
    ),
  );

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
export const getCredentialsForIdentity = (identityId: string, token?: string) =>
  cognitoRequest("GetCredentialsForIdentity", ({ cognito }, abortSignal) =>
    cognito.send(new GetCredentialsForIdentityCommand({ IdentityId: identityId, Logins: logins(token) }), {
      abortSignal,
    }),
  );

/** Does what the client does with its token. */
export const openSession = ({ identityId, token }: SignedInUser) => ({
  ...getCredentialsForIdentity(identityId, token),
  read: (answer: Awaited<ReturnType<ReturnType<typeof getCredentialsForIdentity>["send"]>>) => {
    const { AccessKeyId, SecretKey, SessionToken, Expiration } = answer.Credentials ?? {};
    assertPresent("access key id", AccessKeyId);
    assertPresent("secret key", SecretKey);
    assertPresent("session token", SessionToken);
    assertPresent("expiration", Expiration);
    const credentials = {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretKey,
      sessionToken: SessionToken,
    };
    return { identityId: answer.IdentityId, credentials, expiration: Expiration };
  },
});

/** Asks for an identity without any login. */
export const getId = ({ identityPoolId }: Deployment) =>
  cognitoRequest("GetId", ({ cognito }, abortSignal) =>
    cognito.send(new GetIdCommand({ IdentityPoolId: identityPoolId }), { abortSignal }),
  );

/** Asks for a token in the classic flow. */
export const getOpenIdToken = ({ identityId, token }: SignedInUser) =>
  cognitoRequest("GetOpenIdToken", ({ cognito }, abortSignal) =>
    cognito.send(new GetOpenIdTokenCommand({ IdentityId: identityId, Logins: logins(token) }), {
      abortSignal,
    }),
  );

function cognitoRequest<Answer extends { $metadata: { requestId?: string } }>(
  name: string,
  send: ServiceRequest<Answer, Answer>["send"],
): ServiceRequest<Answer, Answer> {
  return { name, send, requestIdOf: ({ $metadata }) => $metadata.requestId, read: (answer) => answer };
}

function logins(token: string | undefined): Record<string, string> | undefined {
  return token === undefined ? undefined : { [COGNITO_IDENTITY]: token };
}
