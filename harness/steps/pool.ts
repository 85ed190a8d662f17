/** Step 1: the pool is there, under the name that the backend signs its users in with, and nothing else gets in. */
import { DescribeIdentityPoolCommand } from "@aws-sdk/client-cognito-identity";
import { assertEqual } from "../assert";
import { cognitoCall } from "../service-call";
import type { Step } from "./step";

export const poolStep: Step<void, void> = {
  name: "pool",
  title: "DescribeIdentityPool",

  expected: ({ deployment }) =>
    `developer provider ${deployment.developerProviderName}; guests off; classic flow off`,

  async run(walk, calls) {
    const { identityPoolId, developerProviderName } = walk.deployment;
    const pool = await cognitoCall(walk, calls, "DescribeIdentityPool", (client, options) =>
      client.send(new DescribeIdentityPoolCommand({ IdentityPoolId: identityPoolId }), options),
    );
    assertEqual("identity pool", pool.IdentityPoolId, identityPoolId);
    assertEqual("developer provider", pool.DeveloperProviderName, developerProviderName);
    assertEqual("guests allowed", pool.AllowUnauthenticatedIdentities, false);
    // An absent flag allows the classic flow: https://github.com/aws/aws-cli/issues/7652
    assertEqual("classic flow allowed", pool.AllowClassicFlow, false);
    return {
      actual: `developer provider ${pool.DeveloperProviderName}; guests off; classic flow off`,
      result: undefined,
    };
  },
};
