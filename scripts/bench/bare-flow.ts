/** The calls of the flow's five steps and nothing else: what a script would do that trusts every answer. */
import { randomUUID } from "node:crypto";
import {
  CognitoIdentityClient,
  DeleteIdentitiesCommand,
  DescribeIdentityPoolCommand,
  GetCredentialsForIdentityCommand,
  GetIdentityPoolRolesCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { sign } from "aws4";
import { Agent, request } from "undici";
import type { Deployment } from "../../harness";
import type { LocalAws } from "../../local-aws";

/** Makes the calls that the harness makes, in its order, with the clients that it uses, and its clean-up. */
export async function bareFlow(local: LocalAws, deployment: Deployment): Promise<void> {
  const { region, identityPoolId, developerProviderName, invokeUrl } = deployment;
  const { endpoint, credentials } = local;
  const cognito = new CognitoIdentityClient({ region, endpoint, credentials });
  const dispatcher = new Agent();
  try {
    await cognito.send(new DescribeIdentityPoolCommand({ IdentityPoolId: identityPoolId }));
    await cognito.send(new GetIdentityPoolRolesCommand({ IdentityPoolId: identityPoolId }));

    const signIn = (user: string) =>
      cognito.send(
        new GetOpenIdTokenForDeveloperIdentityCommand({
          IdentityPoolId: identityPoolId,
          Logins: { [developerProviderName]: user },
          TokenDuration: 600,
        }),
      );
    const user = randomUUID();
    const { IdentityId, Token = "" } = await signIn(user);
    await (await request(`${endpoint}/.well-known/jwks_uri`, { dispatcher })).body.arrayBuffer();
    await signIn(user);
    const other = await signIn(randomUUID());

    const { Credentials } = await cognito.send(
      new GetCredentialsForIdentityCommand({
        IdentityId,
        Logins: { "cognito-identity.amazonaws.com": Token },
      }),
    );
    const url = new URL(`${invokeUrl}/hello`);
    const signed = sign(
      { service: "execute-api", region, method: "GET", host: url.host, path: url.pathname },
      {
        accessKeyId: Credentials?.AccessKeyId,
        secretAccessKey: Credentials?.SecretKey,
        sessionToken: Credentials?.SessionToken,
      },
    );
    const answer = await request(`${endpoint}${signed.path}`, {
      headers: signed.headers as Record<string, string>,
      dispatcher,
    });
    await answer.body.text();

    await cognito.send(
      new DeleteIdentitiesCommand({ IdentityIdsToDelete: [IdentityId ?? "", other.IdentityId ?? ""] }),
    );
  } finally {
    cognito.destroy();
    await dispatcher.destroy();
  }
}
