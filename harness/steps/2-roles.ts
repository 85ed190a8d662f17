/** Step 2: who signs in gets the role that was deployed, and guests get none that was not declared. */
import { GetIdentityPoolRolesCommand } from "@aws-sdk/client-cognito-identity";
import { assertEqual } from "../calls/assert";
import { cognitoCall } from "../calls/service-call";
import type { Step } from "./step";

export const rolesStep: Step<void, void> = {
  name: "roles",
  title: "GetIdentityPoolRoles",

  expected: ({ deployment }) =>
    `authenticated role ${deployment.authenticatedRoleArn}; guest role ${deployment.unauthenticatedRoleArn ?? "none"}`,

  async run(walk, calls) {
    const { identityPoolId, authenticatedRoleArn, unauthenticatedRoleArn } = walk.deployment;
    const { Roles: roles } = await cognitoCall(walk, calls, "GetIdentityPoolRoles", (client, options) =>
      client.send(new GetIdentityPoolRolesCommand({ IdentityPoolId: identityPoolId }), options),
    );
    assertEqual("authenticated role", roles?.authenticated, authenticatedRoleArn);
    assertEqual("guest role", roles?.unauthenticated, unauthenticatedRoleArn ?? undefined);
    return {
      actual: `authenticated role ${roles.authenticated}; guest role ${roles.unauthenticated ?? "none"}`,
      result: undefined,
    };
  },
};
