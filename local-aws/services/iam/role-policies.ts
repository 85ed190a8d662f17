/** The policies that say what a role may do. */
import type { Account } from "../../account";
import { parsePolicy } from "../../iam-policy/document";
import type { Policy } from "../../iam-policy/evaluate";
import { AWS_MANAGED_POLICIES } from "./aws-managed-policies";

/** A role's inline and attached policies; none for a role that doesn't exist (any more). */
export function rolePolicies(account: Account, roleName: string): Policy[] {
  const role = account.state.iam.roles[roleName];
  if (role === undefined) return [];
  const named = (name: string, json: string): Policy => ({
    kind: "identity-based",
    name: `role ${roleName}, ${name}`,
    document: parsePolicy(json),
  });
  return [
    ...Object.entries(role.inlinePolicies).map(([name, json]) => named(`inline policy ${name}`, json)),
    ...role.attachedPolicies.flatMap((arn) => {
      const json = managedPolicyDocument(account, arn);
      return json === undefined ? [] : [named(`managed policy ${arn}`, json)];
    }),
  ];
}

/** The document of a customer's or of AWS's managed policy in its default version. */
export function managedPolicyDocument(account: Account, arn: string): string | undefined {
  const policy = account.state.iam.policies[arn];
  return policy?.versions[policy.defaultVersion]?.document ?? AWS_MANAGED_POLICIES.get(arn)?.document;
}
