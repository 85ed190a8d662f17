/** Counts the identities in a pool: a walk must leave none behind. */
import { CognitoIdentityClient, ListIdentitiesCommand } from "@aws-sdk/client-cognito-identity";
import type { LocalAws } from "../../local-aws";

export async function identitiesLeft(local: LocalAws, identityPoolId: string): Promise<number> {
  const { region, endpoint, credentials } = local;
  const cognito = new CognitoIdentityClient({ region, endpoint, credentials });
  try {
    const { Identities = [] } = await cognito.send(
      new ListIdentitiesCommand({ IdentityPoolId: identityPoolId, MaxResults: 60 }),
    );
    return Identities.length;
  } finally {
    cognito.destroy();
  }
}
