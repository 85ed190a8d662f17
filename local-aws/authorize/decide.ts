/** The one place where policies are evaluated and the decision is recorded with its reasons. */
import { type ConditionContext, mergeContexts } from "../../iam-policy/context";
import {
  type Evaluation,
  evaluate,
  evaluateTrust,
  explain,
  type Policy,
  type RequestPrincipal,
} from "../../iam-policy/evaluate";
import type { Account } from "../account";
import { commonConditions } from "../authenticate/condition-keys";

/** May this principal do this to that resource? */
export interface Question {
  readonly principal: RequestPrincipal;
  readonly action: string;
  /** An ARN. */
  readonly resource: string;
  /** Condition keys beside those that every request has. */
  readonly context: ConditionContext;
  readonly policies: readonly Policy[];
  /** Without the consent of the resource's policy, a trust policy, nothing else counts. @default false */
  readonly trust?: boolean;
}

export interface Decision extends Evaluation {
  readonly allowed: boolean;
  /** Which statement or condition decided, a line each. */
  readonly reasons: readonly string[];
}

/** What policies say, without a record. */
export function evaluatePolicies(
  account: Pick<Account, "id" | "region" | "now">,
  question: Question,
): Decision {
  const { principal, action, resource, policies, trust } = question;
  const context = mergeContexts(commonConditions(account, resource), question.context);
  const evaluation = (trust ? evaluateTrust : evaluate)({ principal, action, resource, context }, [
    ...policies,
  ]);
  return { ...evaluation, allowed: evaluation.effect === "allow", reasons: explain(evaluation) };
}

/**
 * Decides, and records why.
 *
 * @param record.who the principal as the record names it
 * @param record.what the action and what it is on
 * @param record.because in place of the policies' reasons
 */
export function decide(
  account: Account,
  question: Question,
  record: {
    readonly kind: "access" | "trust" | "resource-policy";
    readonly subject: string;
    readonly because?: (decision: Decision) => readonly string[];
  },
): Decision {
  const decision = evaluatePolicies(account, question);
  account.decisions.note({
    kind: record.kind,
    outcome: decision.allowed ? "allowed" : "refused",
    subject: record.subject,
    detail: record.because?.(decision) ?? decision.reasons,
  });
  return decision;
}
