/** Step 1: the pool is there, under the name that the backend signs its users in with, and nobody else gets in but declared guests. */
import { DescribeIdentityPoolCommand } from "@aws-sdk/client-cognito-identity";
import { assertEqual } from "../calls/assert";
import { cognitoCall } from "../calls/service-call";
import type { Deployment } from "../run/outputs";
import type { Step } from "./step";

export const poolStep: Step<void, void> = {
  name: "pool",
  title: "DescribeIdentityPool",

  expected: ({ deployment }) => shown(deployment.developerProviderName, guestsExpected(deployment)),

  async run(walk, calls) {
    const { identityPoolId, developerProviderName } = walk.deployment;
    const guests = guestsExpected(walk.deployment);
    const pool = await cognitoCall(walk, calls, "DescribeIdentityPool", (client, options) =>
      client.send(new DescribeIdentityPoolCommand({ IdentityPoolId: identityPoolId }), options),
    );
    assertEqual("identity pool", pool.IdentityPoolId, identityPoolId);
    assertEqual("developer provider", pool.DeveloperProviderName, developerProviderName);
    assertEqual("guests allowed", pool.AllowUnauthenticatedIdentities, guests);
    // An absent flag allows the classic flow: https://github.com/aws/aws-cli/issues/7652
    assertEqual("classic flow allowed", pool.AllowClassicFlow, false);
    return { actual: shown(pool.DeveloperProviderName, guests), result: undefined };
  },
};

/** Whoever declares a role for guests wants them in. */
function guestsExpected({ unauthenticatedRoleArn }: Deployment): boolean {
  return unauthenticatedRoleArn !== null;
}

function shown(developerProvider: string, guests: boolean): string {
  return `developer provider ${developerProvider}; guests ${guests ? "on" : "off"}; classic flow off`;
}
