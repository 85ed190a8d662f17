/** AssumeRole: a session of a role for a principal of this account. */

import type { ConditionContext } from "../../../iam-policy/context";
import { notAuthorized, refusalOfPrincipal, type TrustAction } from "../../authorize/trust";
import { iamTagConditions, tagKeys, tags } from "../iam/tags";
import { refusedMember } from "../input";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import { sessionOutput } from "./session-output";
import { packedPolicySize, passedSessionPolicies } from "./session-policies";
import { sessionTags } from "./session-tags";
import { findRole, issueSession } from "./sessions";

/** Seconds. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining */
const CHAINED_SESSION_LIMIT = 3600;

const NO_MFA = refusedMember("there are no MFA devices here; leave it out");

export const assumeRole = operation({
  input: inputs.sessionRequest.extend({
    Tags: tags.default([]),
    TransitiveTagKeys: tagKeys.default([]),
    ExternalId: inputs.externalId.optional(),
    SourceIdentity: inputs.sourceIdentity.optional(),
    SerialNumber: NO_MFA,
    TokenCode: NO_MFA,
    ProvidedContexts: refusedMember("there is no identity propagation here; leave it out"),
  }),
  // The role's trust policy takes part in the decision, so it is taken below.
  permission: () => [],
  run({ account, caller, input }) {
    const denied = (cause: string, message = notAuthorized(caller, "sts:AssumeRole", input.RoleArn)) => {
      account.decisions.note({
        kind: "trust",
        outcome: "refused",
        subject: `${caller.arn} → sts:AssumeRole on ${input.RoleArn}`,
        detail: [cause],
      });
      return new ServiceError("AccessDenied", message, 403);
    };
    if (caller.type === "root") {
      throw denied("the caller is root", "Roles may not be assumed by root accounts.");
    }
    if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/.test(input.RoleArn)) {
      throw new ServiceError("ValidationError", `${input.RoleArn} is invalid`);
    }
    const tagging = sessionTags(input.Tags, input.TransitiveTagKeys, caller.session);
    const narrowing = passedSessionPolicies(account, input);
    const packed = packedPolicySize(input, input.Tags);
    const role = findRole(account, input.RoleArn);
    if (role === undefined) {
      throw denied("there is no such role");
    }
    const inherited = caller.session?.context["aws:SourceIdentity"] as string | undefined;
    const sourceIdentity = input.SourceIdentity ?? inherited;
    if (inherited !== undefined && sourceIdentity !== inherited) {
      throw denied("the caller's session has another source identity, which can't be changed");
    }
    const context: ConditionContext = {
      ...iamTagConditions({ resource: role.tags, passed: input.Tags }),
      "sts:RoleSessionName": input.RoleSessionName,
      ...(input.ExternalId === undefined ? {} : { "sts:ExternalId": input.ExternalId }),
      ...(sourceIdentity === undefined ? {} : { "sts:SourceIdentity": sourceIdentity }),
      ...(input.TransitiveTagKeys.length > 0 ? { "sts:TransitiveTagKeys": input.TransitiveTagKeys } : {}),
    };
    const actions: TrustAction[] = ["sts:AssumeRole"];
    if (input.Tags.length > 0) {
      actions.push("sts:TagSession");
    }
    if (sourceIdentity !== undefined) {
      actions.push("sts:SetSourceIdentity");
    }
    for (const action of actions) {
      const refusal = refusalOfPrincipal(account, role, caller, action, context);
      if (refusal !== undefined) {
        throw new ServiceError("AccessDenied", refusal, 403);
      }
    }
    // Sessions are the only principals beside root, so whoever comes here chains roles.
    if (input.DurationSeconds > CHAINED_SESSION_LIMIT) {
      throw new ServiceError(
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
      );
    }
    const session = issueSession(account, role, {
      sessionName: input.RoleSessionName,
      duration: input.DurationSeconds,
      context: sourceIdentity === undefined ? {} : { "aws:SourceIdentity": sourceIdentity },
      ...narrowing,
      ...tagging,
    });
    return { ...sessionOutput(account, session), PackedPolicySize: packed, SourceIdentity: sourceIdentity };
  },
});
