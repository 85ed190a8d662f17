/** Temporary credentials of a developer-authenticated identity, got as a client gets them. */
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  GetCredentialsForIdentityCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { LocalAws } from "../../local-aws";

export interface IdentitySession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly identityId: string;
  readonly identityPoolId: string;
  readonly roleName: string;
}

export const DEVELOPER_PROVIDER = "login.developer.example";

/** Makes a pool with a role that may do what the statements allow, and opens a session for the user. */
export async function identitySession(
  aws: LocalAws,
  user: string,
  statements: readonly object[],
): Promise<IdentitySession> {
  const connection = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const cognito = new CognitoIdentityClient(connection);
  const iam = new IAMClient(connection);
  try {
    const { IdentityPoolId: identityPoolId = "" } = await cognito.send(
      new CreateIdentityPoolCommand({
        IdentityPoolName: user,
        AllowUnauthenticatedIdentities: false,
        DeveloperProviderName: DEVELOPER_PROVIDER,
      }),
    );
    const roleName = `${user}-${identityPoolId.slice(-12)}`;
    const trust = {
      Effect: "Allow",
      Principal: { Federated: "cognito-identity.amazonaws.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { "cognito-identity.amazonaws.com:aud": identityPoolId } },
    };
    const { Role: role } = await iam.send(
      new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: document([trust]) }),
    );
    if (statements.length > 0) {
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: roleName,
          PolicyName: "granted",
          PolicyDocument: document(statements),
        }),
      );
    }
    await cognito.send(
      new SetIdentityPoolRolesCommand({
        IdentityPoolId: identityPoolId,
        Roles: { authenticated: role?.Arn as string },
      }),
    );
    const { IdentityId: identityId = "", Token: token = "" } = await cognito.send(
      new GetOpenIdTokenForDeveloperIdentityCommand({
        IdentityPoolId: identityPoolId,
        Logins: { [DEVELOPER_PROVIDER]: user },
      }),
    );
    const { Credentials: credentials } = await cognito.send(
      new GetCredentialsForIdentityCommand({
        IdentityId: identityId,
        Logins: { "cognito-identity.amazonaws.com": token },
      }),
    );
    return {
      accessKeyId: credentials?.AccessKeyId as string,
      secretAccessKey: credentials?.SecretKey as string,
      sessionToken: credentials?.SessionToken as string,
      identityId,
      identityPoolId,
      roleName,
    };
  } finally {
    cognito.destroy();
    iam.destroy();
  }
}

function document(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
