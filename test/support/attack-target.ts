/** What is attacked: an account with the flow deployed, two users with tokens and sessions, a stranger's pool, a clock to turn. */
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  GetCredentialsForIdentityCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { type DeploymentOutputs, deployWithSdk } from "../../scripts/sdk-deployment";
import type { Signing } from "./attack-signer";
import { send, type WireAnswer, type WireRequest } from "./wire";

/** A developer user with a token and the credentials that it got. */
export interface User {
  readonly identityId: string;
  readonly token: string;
  readonly credentials: Pick<Signing, "accessKeyId" | "secretAccessKey"> & { readonly sessionToken: string };
}

export interface Target {
  readonly aws: LocalAws;
  readonly outputs: DeploymentOutputs;
  /** The host of the API whose `GET /dev/hello` the users may call. */
  readonly host: string;
  readonly alice: User;
  readonly bob: User;
  /** A pool that trusts another developer provider, and a role that trusts that pool. */
  readonly stranger: { readonly poolId: string; readonly provider: string; readonly roleArn: string };
  now(): Date;
  /** Moves the account's clock for as long as the work takes. */
  later<Result>(seconds: number, work: () => Promise<Result>): Promise<Result>;
  send(request: WireRequest): Promise<WireAnswer>;
  /** A token as the backend mints it. */
  mint(login: Login): Promise<{ identityId: string; token: string }>;
  stop(): Promise<void>;
}

export interface Login {
  readonly poolId: string;
  readonly provider: string;
  readonly user: string;
  /** Seconds. */
  readonly duration?: number;
}

export async function deployTarget(options: { log?: (line: string) => void } = {}): Promise<Target> {
  const clock = { ahead: 0 };
  const now = () => new Date(Date.now() + clock.ahead * 1000);
  const aws = await startLocalAws({ now, ...options });
  try {
    return await deployInto(aws, clock);
  } catch (error) {
    await aws.stop();
    throw error;
  }
}

/** @param clock seconds that the account's clock is ahead of the machine's */
async function deployInto(aws: LocalAws, clock: { ahead: number }): Promise<Target> {
  const outputs = await deployWithSdk(aws);
  const connection = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const cognito = new CognitoIdentityClient(connection);
  const iam = new IAMClient(connection);

  const mint = async ({ poolId, provider, user, duration }: Login) => {
    const { IdentityId: identityId = "", Token: token = "" } = await cognito.send(
      new GetOpenIdTokenForDeveloperIdentityCommand({
        IdentityPoolId: poolId,
        Logins: { [provider]: user },
        TokenDuration: duration,
      }),
    );
    return { identityId, token };
  };
  const signIn = async (user: string): Promise<User> => {
    const provider = outputs.developer_provider_name;
    const { identityId, token } = await mint({ poolId: outputs.identity_pool_id, provider, user });
    const { Credentials: credentials } = await cognito.send(
      new GetCredentialsForIdentityCommand({
        IdentityId: identityId,
        Logins: { "cognito-identity.amazonaws.com": token },
      }),
    );
    const { AccessKeyId = "", SecretKey = "", SessionToken = "" } = credentials ?? {};
    return {
      identityId,
      token,
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretKey, sessionToken: SessionToken },
    };
  };

  return {
    aws,
    outputs,
    host: new URL(outputs.invoke_url).host,
    alice: await signIn("alice"),
    bob: await signIn("bob"),
    stranger: await strangersPool(cognito, iam),
    now: () => new Date(Date.now() + clock.ahead * 1000),
    async later(seconds, work) {
      clock.ahead += seconds;
      return work().finally(() => {
        clock.ahead -= seconds;
      });
    },
    send: (request) => send(aws.port, request),
    mint,
    async stop() {
      cognito.destroy();
      iam.destroy();
      await aws.stop();
    },
  };
}

async function strangersPool(cognito: CognitoIdentityClient, iam: IAMClient) {
  const provider = "login.stranger.example";
  const { IdentityPoolId: poolId = "" } = await cognito.send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: "stranger",
      AllowUnauthenticatedIdentities: false,
      DeveloperProviderName: provider,
    }),
  );
  const { Role: role } = await iam.send(
    new CreateRoleCommand({
      RoleName: "stranger",
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: {
          Effect: "Allow",
          Principal: { Federated: "cognito-identity.amazonaws.com" },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringEquals: { "cognito-identity.amazonaws.com:aud": poolId } },
        },
      }),
    }),
  );
  return { poolId, provider, roleArn: role?.Arn as string };
}

/** An unsigned call of Cognito Identity. */
export function cognitoCall(target: Target, operation: string, input: object): Promise<WireAnswer> {
  return target.send({
    method: "POST",
    path: "/",
    headers: [
      ["Host", `127.0.0.1:${target.aws.port}`],
      ["Content-Type", "application/x-amz-json-1.1"],
      ["X-Amz-Target", `AWSCognitoIdentityService.${operation}`],
    ],
    body: JSON.stringify(input),
  });
}

/** An unsigned call of STS. */
export function stsCall(target: Target, parameters: Readonly<Record<string, string>>): Promise<WireAnswer> {
  return target.send({
    method: "POST",
    path: "/",
    headers: [
      ["Host", `127.0.0.1:${target.aws.port}`],
      ["Content-Type", "application/x-www-form-urlencoded"],
    ],
    body: new URLSearchParams({ Version: "2011-06-15", ...parameters }).toString(),
  });
}
