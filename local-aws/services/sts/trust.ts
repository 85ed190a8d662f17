/** Trust policies: who may assume a role. A role trusts nobody unless its policy says so. */
import { timeKeys } from "../../access";
import type { Account } from "../../account";
import type { ConditionContext } from "../../iam-policy/context";
import { parsePolicy } from "../../iam-policy/document";
import { evaluate, explain, type RequestPrincipal } from "../../iam-policy/evaluate";
import type { Role } from "../iam/state";

/** Decides and records whether a role's trust policy admits a principal from outside the account (a provider, a service). */
export function authoriseTrust(
  account: Account,
  role: Role,
  principal: RequestPrincipal,
  action: "sts:AssumeRole" | "sts:AssumeRoleWithWebIdentity" | "sts:TagSession",
  context: ConditionContext,
): boolean {
  const evaluation = evaluate(
    { principal, action, resource: role.arn, context: { ...timeKeys(account.now()), ...context } },
    [
      {
        kind: "resource-based",
        name: `the trust policy of role ${role.name}`,
        document: parsePolicy(role.trustPolicy),
      },
    ],
  );
  const allowed = evaluation.effect === "allow";
  account.decisions.note({
    kind: "trust",
    outcome: allowed ? "allowed" : "refused",
    subject: `${principal.id} → ${action} on ${role.arn}`,
    detail: explain(evaluation),
  });
  return allowed;
}
