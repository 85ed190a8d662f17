/** Role sessions: issuing the temporary credentials of a role. */

import type { ConditionContext } from "../../../iam-policy/context";
import type { Account } from "../../account";
import { type Dictionary, dictionary } from "../../account/dictionary";
import { secretAccessKey, uniqueId } from "../../account/ids";
import type { Role } from "../../account/state/iam";
import type { Session } from "../../account/state/sts";
import { sealSession } from "../../authenticate/session-token";
import { trustsService } from "../../authorize/trust";
import { packedPercent } from "./session-policies";

/** Characters. A token is sent in a header with every call, and all headers together may have 16 KB. */
const LONGEST_TOKEN = 12 * 1024;

/**
 * Issues a session of a role. Whether the caller may have it has been decided before.
 *
 * @throws ServiceError when the session has more to it than a token holds
 */
export function issueSession(
  account: Account,
  role: Role,
  options: {
    sessionName: string;
    /** Seconds. */
    duration: number;
    context?: ConditionContext;
    sessionPolicies?: readonly string[];
    sessionPolicyArns?: readonly string[];
    tags?: Dictionary<string>;
    transitiveTagKeys?: readonly string[];
  },
): Session {
  const now = account.now().getTime();
  const session = {
    accessKeyId: uniqueId("ASIA"),
    secretAccessKey: secretAccessKey(),
    expiration: now + options.duration * 1000,
    roleName: role.name,
    roleId: role.id,
    sessionName: options.sessionName,
    context: { "aws:TokenIssueTime": new Date(now).toISOString(), ...options.context },
    sessionPolicies: options.sessionPolicies ?? [],
    sessionPolicyArns: options.sessionPolicyArns ?? [],
    tags: options.tags ?? dictionary(),
    transitiveTagKeys: options.transitiveTagKeys ?? [],
  };
  const sessionToken = sealSession(account, session);
  packedPercent(sessionToken.length, LONGEST_TOKEN);
  return { ...session, sessionToken };
}

/**
 * The session in which a service works for this account, e.g. a function's. Undefined when the role doesn't let it.
 *
 * @param request.context condition keys that the service gives to the session
 */
export function openServiceSession(
  account: Account,
  request: { roleArn: string; service: string; sessionName: string; context?: ConditionContext },
): Session | undefined {
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
