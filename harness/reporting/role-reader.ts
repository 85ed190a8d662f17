/** Reads a role from IAM: its trust policy and everything that is granted to it. */
import type { NamedPolicy } from "./grant";
import type { LookUp } from "./look-up";
import { type Statement, statementsOf } from "./policy-document";

/** Which permissions reading takes; told when one is missing. */
export const ROLE_READING =
  "iam:GetRole, ListRolePolicies, GetRolePolicy, ListAttachedRolePolicies, GetPolicy and GetPolicyVersion";

/** The name of a role, without the path that its ARN may hold. */
export function roleNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

export async function readTrustPolicy({ client, send }: LookUp, roleName: string): Promise<Statement[]> {
  // Loaded only now: a walk without a failure never needs it.
  const { GetRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
  const iam = new IAMClient(client);
  try {
    const { Role } = await send("GetRole", (end) =>
      iam.send(new GetRoleCommand({ RoleName: roleName }), end),
    );
    return statementsOf(Role?.AssumeRolePolicyDocument ?? "{}");
  } finally {
    iam.destroy();
  }
}

/** The inline policies, and the attached ones in their default version. */
export async function readPolicies({ client, send }: LookUp, roleName: string): Promise<NamedPolicy[]> {
  const sdk = await import("@aws-sdk/client-iam");
  const iam = new sdk.IAMClient(client);
  const RoleName = roleName;
  try {
    const { PolicyNames: inline = [] } = await send("ListRolePolicies", (end) =>
      iam.send(new sdk.ListRolePoliciesCommand({ RoleName }), end),
    );
    const { AttachedPolicies: attached = [] } = await send("ListAttachedRolePolicies", (end) =>
      iam.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName }), end),
    );
    const policies: NamedPolicy[] = [];
    for (const PolicyName of inline) {
      const { PolicyDocument = "{}" } = await send("GetRolePolicy", (end) =>
        iam.send(new sdk.GetRolePolicyCommand({ RoleName, PolicyName }), end),
      );
      policies.push({ name: `inline policy ${PolicyName}`, statements: statementsOf(PolicyDocument) });
    }
    for (const { PolicyArn, PolicyName } of attached) {
      const { Policy } = await send("GetPolicy", (end) =>
        iam.send(new sdk.GetPolicyCommand({ PolicyArn }), end),
      );
      const VersionId = Policy?.DefaultVersionId;
      const { PolicyVersion } = await send("GetPolicyVersion", (end) =>
        iam.send(new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId }), end),
      );
      const statements = statementsOf(PolicyVersion?.Document ?? "{}");
      policies.push({ name: `attached policy ${PolicyName}`, statements });
    }
    return policies;
  } finally {
    iam.destroy();
  }
}
