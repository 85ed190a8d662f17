/** Step 1: the pool is there, under the name that the backend signs its users in with, and nobody else gets in but declared guests. */
import { assertEqual } from "../calls/assert";
import { describeIdentityPool } from "../calls/cognito";
import type { Deployment } from "../run/outputs";
import type { Step } from "./step";

export const pool: Step<void, void> = {
  name: "pool",
  title: "DescribeIdentityPool",

  expected: ({ deployment }) => shown(deployment.developerProviderName, guestsExpected(deployment)),

  async run({ deployment, call }) {
    const { identityPoolId, developerProviderName } = deployment;
    const guests = guestsExpected(deployment);
    const found = await call(describeIdentityPool(deployment));
    assertEqual("identity pool", found.IdentityPoolId, identityPoolId);
    assertEqual("developer provider", found.DeveloperProviderName, developerProviderName);
    assertEqual("guests allowed", found.AllowUnauthenticatedIdentities, guests);
    // An absent flag allows the classic flow: https://github.com/aws/aws-cli/issues/7652
    assertEqual("classic flow allowed", found.AllowClassicFlow, false);
    return { actual: shown(developerProviderName, guests) };
  },
};

/** Tells whether guests are to get in: whoever declares a role for guests wants them in. */
function guestsExpected({ unauthenticatedRoleArn }: Deployment): boolean {
  return unauthenticatedRoleArn !== undefined;
}

function shown(developerProvider: string, guests: boolean): string {
  return `developer provider ${developerProvider}; guests ${guests ? "on" : "off"}; classic flow off`;
}
