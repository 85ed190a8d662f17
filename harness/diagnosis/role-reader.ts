/** Reads a role from IAM: its trust policy and everything that is granted to it. */
import type { IAMClient } from "@aws-sdk/client-iam";
import type { NamedPolicy } from "./grant";
import type { LookUp } from "./look-up";
import { type Statement, statementsOf } from "./policy-document";

/** Which permissions reading takes; told when one is missing. */
export const ROLE_READING =
  "iam:GetRole, ListRolePolicies, GetRolePolicy, ListAttachedRolePolicies, GetPolicy and GetPolicyVersion";

export interface RoleReader {
  trustPolicy(roleName: string): Promise<Statement[]>;
  policies(roleName: string): Promise<NamedPolicy[]>;
}

/** The name of a role, without the path that its ARN may hold. */
export function roleNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** Loads the client only now: a walk without a failure never needs it. */
export async function openRoleReader({ client: options, send }: LookUp): Promise<RoleReader> {
  const iam = await import("@aws-sdk/client-iam");
  const client: IAMClient = new iam.IAMClient(options);
  return {
    async trustPolicy(RoleName) {
      const { Role } = await send((abort) => client.send(new iam.GetRoleCommand({ RoleName }), abort));
      return statementsOf(Role?.AssumeRolePolicyDocument ?? "{}");
    },

    async policies(RoleName) {
      const inline = await send((abort) => client.send(new iam.ListRolePoliciesCommand({ RoleName }), abort));
      const attached = await send((abort) =>
        client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }), abort),
      );
      const policies: NamedPolicy[] = [];
      for (const PolicyName of inline.PolicyNames ?? []) {
        const policy = await send((abort) =>
          client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName }), abort),
        );
        policies.push({
          name: `inline policy ${PolicyName}`,
          statements: statementsOf(policy.PolicyDocument ?? "{}"),
        });
      }
      for (const { PolicyArn, PolicyName } of attached.AttachedPolicies ?? []) {
        const { Policy } = await send((abort) => client.send(new iam.GetPolicyCommand({ PolicyArn }), abort));
        const VersionId = Policy?.DefaultVersionId;
        const { PolicyVersion } = await send((abort) =>
          client.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId }), abort),
        );
        policies.push({
          name: `attached policy ${PolicyName}`,
          statements: statementsOf(PolicyVersion?.Document ?? "{}"),
        });
      }
      return policies;
    },
  };
}
