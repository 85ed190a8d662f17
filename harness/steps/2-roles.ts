/** Step 2: who signs in gets the role that was deployed, and guests get none that was not declared. */
import { assertEqual } from "../calls/assert";
import { getIdentityPoolRoles } from "../calls/cognito";
import type { Step } from "./step";

export const roles: Step<void, void> = {
  name: "roles",
  title: "GetIdentityPoolRoles",

  expected: ({ deployment }) => shown(deployment.authenticatedRoleArn, deployment.unauthenticatedRoleArn),

  async run({ deployment, call }) {
    const { authenticatedRoleArn, unauthenticatedRoleArn } = deployment;
    const { Roles: found } = await call(getIdentityPoolRoles(deployment));
    assertEqual("authenticated role", found?.authenticated, authenticatedRoleArn);
    assertEqual("guest role", found?.unauthenticated, unauthenticatedRoleArn);
    return { actual: shown(authenticatedRoleArn, unauthenticatedRoleArn) };
  },
};

function shown(authenticated: string, unauthenticated: string | undefined): string {
  return `authenticated role ${authenticated}; guest role ${unauthenticated ?? "none"}`;
}
