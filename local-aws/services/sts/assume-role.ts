/** AssumeRole: a session of a role for a principal of this account. */
import type { Account } from "../../account";
import { requestKeys } from "../../authenticate";
import { ServiceError } from "../../errors";
import type { ConditionContext } from "../../iam-policy/context";
import type { Principal } from "../../principal";
import { operation } from "../../service";
import { prefixed, requestTagKeys, resourceTagKeys } from "../../tag-keys";
import type { Role } from "../iam/state";
import { tagKeys, tags } from "../iam/tags";
import * as inputs from "./inputs";
import { sessionOutput } from "./session-output";
import { packedPolicySize, sessionPolicies } from "./session-policies";
import { sessionTags } from "./session-tags";
import { findRole, issueSession } from "./sessions";
import { notAuthorized, refusalOfPrincipal } from "./trust";

/** Seconds. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining */
const CHAINED_SESSION_LIMIT = 3600;

const denied = (message: string) => new ServiceError("AccessDenied", message, 403);

export const assumeRole = operation({
  input: inputs.sessionRequest.extend({
    Tags: tags.default([]),
    TransitiveTagKeys: tagKeys.default([]),
    ExternalId: inputs.externalId.optional(),
    SourceIdentity: inputs.sourceIdentity.optional(),
  }),
  // The role's trust policy takes part in the decision, so it is taken below.
  permission: () => [],
  run({ account, caller, input, request }) {
    if (caller.type === "root") throw denied("Roles may not be assumed by root accounts.");
    if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/.test(input.RoleArn)) {
      throw new ServiceError("ValidationError", `${input.RoleArn} is invalid`);
    }
    const own = account.state.sts.sessions[caller.accessKeyId as string];
    const tagging = sessionTags(input.Tags, input.TransitiveTagKeys, own);
    const narrowing = sessionPolicies(account, input);
    const packed = packedPolicySize(input, input.Tags);
    const sourceIdentity = input.SourceIdentity ?? single(caller.context["aws:SourceIdentity"]);
    const role = findRole(account, input.RoleArn);
    if (role === undefined) throw denied(notAuthorized(caller, "sts:AssumeRole", input.RoleArn));
    const context: ConditionContext = {
      ...requestKeys(request),
      ...requestTagKeys(Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key, Value]))),
      ...resourceTagKeys(role.tags),
      ...prefixed("iam:ResourceTag", role.tags),
      "sts:RoleSessionName": input.RoleSessionName,
      ...(input.ExternalId === undefined ? {} : { "sts:ExternalId": input.ExternalId }),
      ...(sourceIdentity === undefined ? {} : { "sts:SourceIdentity": sourceIdentity }),
      ...(input.TransitiveTagKeys.length > 0 ? { "sts:TransitiveTagKeys": input.TransitiveTagKeys } : {}),
    };
    const actions = [
      "sts:AssumeRole",
      ...(input.Tags.length > 0 ? ["sts:TagSession" as const] : []),
      ...(sourceIdentity !== undefined ? ["sts:SetSourceIdentity" as const] : []),
    ] as const;
    requireAll(account, role, caller, actions, context);
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
      sessionPolicies: narrowing,
      context: sourceIdentity === undefined ? {} : { "aws:SourceIdentity": sourceIdentity },
      ...tagging,
    });
    return { ...sessionOutput(account, session), PackedPolicySize: packed, SourceIdentity: sourceIdentity };
  },
});

function requireAll(
  account: Account,
  role: Role,
  caller: Principal,
  actions: readonly Parameters<typeof refusalOfPrincipal>[3][],
  context: ConditionContext,
): void {
  for (const action of actions) {
    const refusal = refusalOfPrincipal(account, role, caller, action, context);
    if (refusal !== undefined) throw denied(refusal);
  }
}

const single = (value: string | readonly string[] | undefined) =>
  typeof value === "string" ? value : undefined;
