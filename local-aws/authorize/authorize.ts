/** Whether a caller may do something: its policies are gathered here, and the resource's own. */
import { type ConditionContext, mergeContexts } from "../../iam-policy/context";
import { type Evaluation, named, type Policy, type RequestPrincipal } from "../../iam-policy/evaluate";
import type { Account } from "../account";
import type { Principal } from "../authenticate/principal";
import { type Decision, decide } from "./decide";
import { policyDocument } from "./policy-document";
import { rolePolicies, sessionPolicies } from "./role-policies";

export interface AccessRequest {
  readonly caller: Principal;
  /** e.g. `execute-api:Invoke` */
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the operation, beside those of the caller and those that every request has. */
  readonly context?: ConditionContext;
  /** The resource's own policy document (JSON), where it has one. */
  readonly resourcePolicy?: string;
  /** For the assumption of a role, its trust policy (JSON): without its consent nothing else counts. */
  readonly trustPolicy?: string;
}

export interface AccessDecision extends Decision {
  /** AWS's words for a refusal; meaningless for an allowed request. */
  readonly message: string;
  /** The same with the resource's ARN written in another way, as execute-api masks the account. */
  messageFor(resource: string): string;
}

/** Decides and records whether a caller may do something in this account. */
export function authorize(account: Account, request: AccessRequest): AccessDecision {
  const { caller, action, resource, trustPolicy } = request;
  const trust = trustPolicy !== undefined;
  const decision = decide(
    account,
    {
      principal: requestPrincipal(account, caller),
      action,
      resource,
      context: mergeContexts(caller.context, request.context),
      policies: policiesFor(account, request),
      trust,
    },
    {
      kind: "access",
      subject: `${caller.arn} → ${action} on ${resource}`,
      because: ({ allowed, reasons }) =>
        caller.type === "root" && allowed && !trust ? ["the account's root user may do everything"] : reasons,
    },
  );
  account.onAccess({
    caller: caller.arn,
    action,
    resource,
    context: { ...request.context },
    allowed: decision.allowed,
  });
  const messageFor = (shown: string) =>
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${shown} ${because(decision, action)}`;
  return { ...decision, message: messageFor(resource), messageFor };
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function because({ effect, by }: Evaluation, action: string): string {
  if (effect === "explicit-deny") {
    return `with an explicit deny in ${by === "identity-based" ? "an" : "a"} ${named(by)}`;
  }
  return `because no ${named(by)} allows the ${action} action`;
}

function requestPrincipal(account: Account, caller: Principal): RequestPrincipal {
  if (caller.type === "anonymous") {
    return { type: "Anonymous", id: "anonymous" };
  }
  return {
    type: "AWS",
    id: caller.arn,
    accountId: caller.accountId,
    isRoot: caller.type === "root",
    roleArn: caller.roleName === undefined ? undefined : account.state.iam.roles[caller.roleName]?.arn,
  };
}

function policiesFor(account: Account, { caller, resourcePolicy, trustPolicy }: AccessRequest): Policy[] {
  return [
    ...(caller.roleName === undefined ? [] : rolePolicies(account, caller.roleName)),
    ...(caller.session === undefined ? [] : sessionPolicies(account, caller.session)),
    ...resourceBased("resource policy", resourcePolicy),
    ...resourceBased("trust policy", trustPolicy),
  ];
}

function resourceBased(name: string, json: string | undefined): Policy[] {
  return json === undefined ? [] : [{ kind: "resource-based", name, document: policyDocument(json) }];
}
