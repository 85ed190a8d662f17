/** Trust policies: who may assume a role. A role trusts nobody unless its policy says so. */

import type { ConditionContext } from "../../iam-policy/context";
import { parsePolicy } from "../../iam-policy/document";
import { evaluate, explain, type RequestPrincipal } from "../../iam-policy/evaluate";
import type { Account } from "../account";
import type { Role } from "../account/state/iam";
import { commonConditions, serviceConditions } from "../authenticate/condition-keys";
import type { Principal } from "../authenticate/principal";
import { authorize } from "./authorize";

export type TrustAction =
  | "sts:AssumeRole"
  | "sts:AssumeRoleWithWebIdentity"
  | "sts:TagSession"
  | "sts:SetSourceIdentity";

/** Why a trust policy says yes or no, a line each. */
interface TrustDecision {
  readonly allowed: boolean;
  readonly reasons: readonly string[];
}

/** Decides and records whether a role's trust policy admits a principal from outside the account (a provider, a service). */
export function decideTrust(
  account: Account,
  role: Role,
  principal: RequestPrincipal,
  action: TrustAction,
  context: ConditionContext,
): TrustDecision {
  const evaluation = evaluate(
    {
      principal,
      action,
      resource: role.arn,
      context: { ...commonConditions(account, role.arn), ...context },
    },
    [
      {
        kind: "resource-based",
        name: `the trust policy of role ${role.name}`,
        document: parsePolicy(role.trustPolicy),
      },
    ],
  );
  const decision = { allowed: evaluation.effect === "allow", reasons: explain(evaluation) };
  account.decisions.note({
    kind: "trust",
    outcome: decision.allowed ? "allowed" : "refused",
    subject: `${principal.id} → ${action} on ${role.arn}`,
    detail: decision.reasons,
  });
  return decision;
}

/** Whether a service may assume a role under its own name. For which resource it does so isn't told here. */
export function trustsService(account: Account, role: Role, service: string): boolean {
  const principal = { type: "Service", id: service } as const;
  return decideTrust(account, role, principal, "sts:AssumeRole", serviceConditions(service)).allowed;
}

/**
 * Whether a principal of this account may assume a role: the trust policy must admit it, by its own name, its role's or its
 * account's, and where it names only the account the principal's own policies must allow it as well.
 *
 * @returns AWS's words for a refusal, undefined when it is allowed
 */
export function refusalOfPrincipal(
  account: Account,
  role: Role,
  caller: Principal,
  action: TrustAction,
  context: ConditionContext,
): string | undefined {
  const { trustPolicy } = role;
  const decision = authorize(account, { caller, action, resource: role.arn, context, trustPolicy });
  if (decision.allowed) {
    return undefined;
  }
  const untrusted = decision.effect === "implicit-deny" && decision.by === "resource-based";
  return untrusted ? notAuthorized(caller, action, role.arn) : decision.message;
}

/** What STS answers when a role doesn't trust the caller, and when there is no such role. */
export function notAuthorized(caller: Principal, action: TrustAction, roleArn: string): string {
  return `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`;
}
