/** The policies that say what a role and a session of it may do. */

import type { Policy } from "../../iam-policy/evaluate";
import type { Account } from "../account";
import type { Session } from "../account/state/sts";
import { AWS_MANAGED_POLICIES } from "./aws-managed-policies";
import { policyDocument } from "./policy-document";

/** Allows nothing: a boundary or a session policy that is gone must not open anything. */
const NOTHING = JSON.stringify({ Version: "2012-10-17", Statement: [] });

/** A role's inline and attached policies and its boundary; none for a role that doesn't exist (any more). */
export function rolePolicies(account: Account, roleName: string): Policy[] {
  const role = account.state.iam.roles[roleName];
  if (role === undefined) {
    return [];
  }
  const named = (name: string, json: string, kind: Policy["kind"] = "identity-based"): Policy => ({
    kind,
    name: `role ${roleName}, ${name}`,
    document: policyDocument(json),
  });
  const boundaryOf = (arn: string) =>
    named(
      `permissions boundary ${arn}`,
      managedPolicyDocument(account, arn) ?? NOTHING,
      "permissions boundary",
    );
  return [
    ...Object.entries(role.inlinePolicies).map(([name, json]) => named(`inline policy ${name}`, json)),
    ...role.attachedPolicies.flatMap((arn) => {
      const json = managedPolicyDocument(account, arn);
      return json === undefined ? [] : [named(`managed policy ${arn}`, json)];
    }),
    ...(role.permissionsBoundary === undefined ? [] : [boundaryOf(role.permissionsBoundary)]),
  ];
}

/** The policies that narrow a session; those that are managed by what they say now. */
export function sessionPolicies(
  account: Account,
  session: Pick<Session, "sessionPolicies" | "sessionPolicyArns">,
): Policy[] {
  const named = (name: string | number, json: string): Policy => ({
    kind: "session",
    name: `session policy ${name}`,
    document: policyDocument(json),
  });
  return [
    ...session.sessionPolicies.map((json, index) => named(index + 1, json)),
    ...session.sessionPolicyArns.map((arn) => named(arn, managedPolicyDocument(account, arn) ?? NOTHING)),
  ];
}

/** The document of a customer's or of AWS's managed policy in its default version. */
export function managedPolicyDocument(account: Account, arn: string): string | undefined {
  const policy = account.state.iam.policies[arn];
  return policy?.versions[policy.defaultVersion]?.document ?? AWS_MANAGED_POLICIES.get(arn)?.document;
}
