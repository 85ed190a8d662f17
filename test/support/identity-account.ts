/** A local account with the clients of the identity services, a clock to set, and what its tests do again and again. */
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  type CreateIdentityPoolCommandInput,
  GetOpenIdTokenForDeveloperIdentityCommand,
  type GetOpenIdTokenForDeveloperIdentityCommandInput,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type LocalAws, type LocalAwsOptions, startLocalAws } from "../../local-aws";

export const PROVIDER = "login.developer.example";
export const COGNITO = "cognito-identity.amazonaws.com";
export const ACCOUNT_ID = "123456789012";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Clients {
  readonly iam: IAMClient;
  readonly sts: STSClient;
  readonly cognito: CognitoIdentityClient;
}

export interface IdentityAccount extends Clients {
  readonly aws: LocalAws;
  /** Clients that sign with other credentials. */
  as(credentials: Credentials): Clients;
  /** Sets the account's clock forward; the clients' clocks stay, so what they sign afterwards must go through `as`. */
  advance(seconds: number): void;
  now(): Date;
  stop(): Promise<void>;
}

export async function startIdentityAccount(
  options: Pick<LocalAwsOptions, "oidcKeys" | "data"> = {},
): Promise<IdentityAccount> {
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const aws = await startLocalAws({ ...options, now });
  const opened: { destroy(): void }[] = [];
  const as = (credentials: Credentials): Clients => {
    const settings = {
      endpoint: aws.endpoint,
      region: aws.region,
      credentials,
      maxAttempts: 1,
      systemClockOffset: ahead,
    };
    const clients = {
      iam: new IAMClient(settings),
      sts: new STSClient(settings),
      cognito: new CognitoIdentityClient(settings),
    };
    opened.push(clients.iam, clients.sts, clients.cognito);
    return clients;
  };
  return {
    aws,
    ...as(aws.credentials),
    as,
    now,
    advance(seconds) {
      ahead += seconds * 1000;
    },
    async stop() {
      for (const client of opened) {
        client.destroy();
      }
      await aws.stop();
    },
  };
}

export function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

export const allow = (Action: string | string[], Resource: string | string[] = "*") => ({
  Effect: "Allow",
  Action,
  Resource,
});

/** A trust policy for whom the principal element names. */
export function trust(
  Principal: object | string,
  Action: string | string[] = "sts:AssumeRole",
  Condition?: object,
): string {
  return policy({ Effect: "Allow", Principal, Action, ...(Condition ? { Condition } : {}) });
}

export const lambdaTrust = trust({ Service: "lambda.amazonaws.com" });

/** The trust policy of a pool's authenticated role. */
export const poolTrust = (
  poolId: string,
  amr = "authenticated",
  Action: string | string[] = "sts:AssumeRoleWithWebIdentity",
) =>
  trust({ Federated: COGNITO }, Action, {
    StringEquals: { [`${COGNITO}:aud`]: poolId },
    "ForAnyValue:StringLike": { [`${COGNITO}:amr`]: amr },
  });

/** Creates a role, with one inline policy if there are statements for it, and returns its ARN. */
export async function createRole(
  iam: IAMClient,
  name: string,
  trustPolicy: string,
  ...statements: object[]
): Promise<string> {
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trustPolicy }),
  );
  if (statements.length > 0) {
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: name,
        PolicyName: "granted",
        PolicyDocument: policy(...statements),
      }),
    );
  }
  return Role?.Arn as string;
}

export async function createPool(
  { cognito }: Clients,
  settings: Partial<CreateIdentityPoolCommandInput> = {},
): Promise<string> {
  const { IdentityPoolId } = await cognito.send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: "a pool",
      AllowUnauthenticatedIdentities: false,
      DeveloperProviderName: PROVIDER,
      ...settings,
    }),
  );
  return IdentityPoolId as string;
}

export const setRoles = ({ cognito }: Clients, IdentityPoolId: string, Roles: Record<string, string>) =>
  cognito.send(new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles }));

/** The identity and the token of a developer user. */
export async function developerToken(
  { cognito }: Clients,
  poolId: string,
  user: string,
  more: Partial<GetOpenIdTokenForDeveloperIdentityCommandInput> = {},
): Promise<{ identityId: string; token: string }> {
  const { IdentityId, Token } = await cognito.send(
    new GetOpenIdTokenForDeveloperIdentityCommand({
      IdentityPoolId: poolId,
      Logins: { [PROVIDER]: user },
      ...more,
    }),
  );
  return { identityId: IdentityId as string, token: Token as string };
}

interface SdkCredentials {
  AccessKeyId?: string;
  SecretAccessKey?: string;
  SecretKey?: string;
  SessionToken?: string;
}

/** Credentials in the form that clients take. */
export function credentialsOf(credentials: SdkCredentials | undefined): Credentials {
  return {
    accessKeyId: credentials?.AccessKeyId as string,
    secretAccessKey: (credentials?.SecretAccessKey ?? credentials?.SecretKey) as string,
    sessionToken: credentials?.SessionToken as string,
  };
}

/**
 * A session that is not root's: a role of the name given, assumed with a token of Cognito, since root may not assume roles.
 *
 * @param statements what the role may do
 */
export async function openSession(
  account: IdentityAccount,
  roleName: string,
  ...statements: object[]
): Promise<Clients & { credentials: Credentials; roleArn: string }> {
  const poolId = await createPool(account);
  const roleArn = await createRole(account.iam, roleName, poolTrust(poolId), ...statements);
  const { token } = await developerToken(account, poolId, "somebody");
  const { Credentials: issued } = await account.sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: "session",
      WebIdentityToken: token,
    }),
  );
  const credentials = credentialsOf(issued);
  return { ...account.as(credentials), credentials, roleArn };
}

export async function assume(
  sts: STSClient,
  RoleArn: string,
  more: Partial<ConstructorParameters<typeof AssumeRoleCommand>[0]> = {},
) {
  return sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "assumed", ...more }));
}

/** The class, status and message of the error with which a call fails. */
export async function failure(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode, message };
  }
  throw new Error("The call was to fail, but it succeeded.");
}
