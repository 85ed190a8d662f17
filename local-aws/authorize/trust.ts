/** Principals from outside the account, providers and services, and what a role's or a function's own policy says to them. */
import type { ConditionContext } from "../../iam-policy/context";
import type { Policy, RequestPrincipal } from "../../iam-policy/evaluate";
import type { Account } from "../account";
import type { Role } from "../account/state/iam";
import { serviceConditions, sourceConditions } from "../authenticate/condition-keys";
import type { Principal } from "../authenticate/principal";
import { authorize } from "./authorize";
import { type Decision, decide, evaluatePolicies, type Question } from "./decide";
import { policyDocument } from "./policy-document";

export type TrustAction =
  | "sts:AssumeRole"
  | "sts:AssumeRoleWithWebIdentity"
  | "sts:TagSession"
  | "sts:SetSourceIdentity";

/** A service that invokes on behalf of one of its resources. */
export interface InvokingService {
  /** e.g. `apigateway.amazonaws.com` */
  readonly service: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

const INVOKE = "lambda:InvokeFunction";

const policyOf = (name: string, json: string): Policy => ({
  kind: "resource-based",
  name,
  document: policyDocument(json),
});

/** Decides and records whether a role's trust policy admits a principal from outside the account. */
export function decideTrust(
  account: Account,
  role: Role,
  principal: RequestPrincipal,
  action: TrustAction,
  context: ConditionContext,
): Decision {
  const policies = [policyOf(`the trust policy of role ${role.name}`, role.trustPolicy)];
  return decide(
    account,
    { principal, action, resource: role.arn, context, policies },
    { kind: "trust", subject: `${principal.id} → ${action} on ${role.arn}` },
  );
}

/** Decides and records whether a function's policy (JSON) lets a service invoke it. */
export function mayInvoke(
  account: Account,
  fn: { readonly name: string; readonly arn: string; readonly policy: string },
  invoker: InvokingService,
): boolean {
  return decide(account, invocationBy(invoker, fn.arn, fn.policy), {
    kind: "resource-policy",
    subject: `${invoker.service} for ${invoker.sourceArn} → ${INVOKE} on function ${fn.name}`,
  }).allowed;
}

/** What a function's policy (JSON) says to a service that wants to invoke it, without a record. */
export function evaluateInvocation(
  account: Pick<Account, "id" | "region" | "now">,
  resource: string,
  policy: string,
  invoker: InvokingService,
): Decision {
  return evaluatePolicies(account, invocationBy(invoker, resource, policy));
}

function invocationBy(
  { service, sourceArn, sourceAccount }: InvokingService,
  resource: string,
  policy: string,
): Question {
  return {
    principal: { type: "Service", id: service },
    action: INVOKE,
    resource,
    context: {
      ...serviceConditions(service),
      ...sourceConditions({ arn: sourceArn, account: sourceAccount }),
    },
    policies: [policyOf(`the policy of ${resource}`, policy)],
  };
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
