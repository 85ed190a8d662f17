/** Who sent a request: the account's root, a role session, or nobody known. */

import type { ConditionContext } from "../../iam-policy/context";
import type { Session } from "../account/state/sts";
import { ANONYMOUS_CONDITIONS } from "./condition-keys";

export interface Principal {
  readonly type: "root" | "assumed-role" | "anonymous";
  /** Account of the caller; the empty string for an anonymous one. */
  readonly accountId: string;
  /** `arn:aws:iam::A:root` or `arn:aws:sts::A:assumed-role/ROLE/SESSION`; `anonymous` otherwise. */
  readonly arn: string;
  /** The account id for root, `AROA…:SESSION` for a role session; the empty string for an anonymous one. */
  readonly userId: string;
  /** Absent for an anonymous one. */
  readonly accessKeyId?: string;
  /** The role behind a session. */
  readonly roleName?: string;
  /**
   * Condition keys that belong to the caller, e.g. `aws:userid`, `cognito-identity.amazonaws.com:sub`, `aws:PrincipalTag/…`, and of
   * one who sent a request those of the request.
   */
  readonly context: ConditionContext;
  /** The session of one who works in a role; what it has of its own narrows the role, and sessions made from it inherit. */
  readonly session?: Pick<
    Session,
    "context" | "sessionPolicies" | "sessionPolicyArns" | "tags" | "transitiveTagKeys"
  >;
}

export const ANONYMOUS: Principal = {
  type: "anonymous",
  accountId: "",
  arn: "anonymous",
  userId: "",
  context: ANONYMOUS_CONDITIONS,
};
