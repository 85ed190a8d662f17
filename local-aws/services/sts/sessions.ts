/** Role sessions: issuing the temporary credentials of a role. */

import type { ConditionContext } from "../../../iam-policy/context";
import type { Account } from "../../account";
import { type Dictionary, dictionary } from "../../account/dictionary";
import { secretAccessKey, sessionToken, uniqueId } from "../../account/ids";
import type { Role } from "../../account/state/iam";
import type { Session, SessionCredentials } from "../../account/state/sts";
import { trustsService } from "../../authorize/trust";
import { storeSession } from "./session-store";

/** Issues a session of a role. Whether the caller may have it has been decided before. */
export function issueSession(
  account: Account,
  role: Role,
  options: {
    sessionName: string;
    /** Seconds. */
    duration: number;
    context?: ConditionContext;
    sessionPolicies?: readonly string[];
    tags?: Dictionary<string>;
    transitiveTagKeys?: readonly string[];
  },
): Session {
  const now = account.now().getTime();
  const session: Session = {
    accessKeyId: uniqueId("ASIA"),
    secretAccessKey: secretAccessKey(),
    sessionToken: sessionToken(),
    expiration: now + options.duration * 1000,
    roleName: role.name,
    roleId: role.id,
    sessionName: options.sessionName,
    context: { "aws:TokenIssueTime": new Date(now).toISOString(), ...options.context },
    sessionPolicies: options.sessionPolicies ?? [],
    tags: options.tags ?? dictionary(),
    transitiveTagKeys: options.transitiveTagKeys ?? [],
  };
  storeSession(account, session);
  return session;
}

/**
 * The session in which a service works for this account, e.g. a function's. Undefined when the role doesn't let it.
 *
 * @param request.context condition keys that the service gives to the session
 */
export function openServiceSession(
  account: Account,
  request: { roleArn: string; service: string; sessionName: string; context?: ConditionContext },
): SessionCredentials | undefined {
  const { roleArn, service, sessionName, context } = request;
  const role = findRole(account, roleArn);
  if (role === undefined || !trustsService(account, role, service)) {
    return undefined;
  }
  return issueSession(account, role, { sessionName, context, duration: 12 * 3600 });
}

export function findRole(account: Account, arn: string): Role | undefined {
  const role = account.state.iam.roles[arn.slice(arn.lastIndexOf("/") + 1)];
  return role?.arn === arn ? role : undefined;
}
