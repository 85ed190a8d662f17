/** The access keys of the account, the root user's and those of sessions, and the principals behind them. */
import { mergeContexts } from "../../iam-policy/context";
import type { Account } from "../account";
import { type Dictionary, dictionary } from "../account/dictionary";
import type { Session } from "../account/state/sts";
import { AuthenticationError } from "./authentication-error";
import { prefixed, rootArn, rootConditions, sessionConditions } from "./condition-keys";
import type { ParsedSignature } from "./parsed-signature";
import type { Principal } from "./principal";
import { openSession } from "./session-token";

const INVALID_TOKEN = "The security token included in the request is invalid.";

/** The form of the access key ids that AWS and this account make; no secret has it. */
const ACCESS_KEY_ID = /^A[KS]IA[A-Z2-7]{16}$/;

/** Any other text may be a secret that was given as the key's id, and isn't repeated. */
export function isAccessKeyId({ rootCredentials }: Account, text: string): boolean {
  return text === rootCredentials.accessKeyId || ACCESS_KEY_ID.test(text);
}

export function findKey(
  account: Account,
  parsed: ParsedSignature,
): { secretAccessKey: string; principal: Principal } {
  const { rootCredentials } = account;
  const unrecognized = (explanation: string) =>
    new AuthenticationError("UnrecognizedClient", INVALID_TOKEN, explanation);
  if (parsed.accessKeyId === rootCredentials.accessKeyId) {
    if (parsed.sessionToken !== undefined) {
      throw unrecognized("a session token came with the root user's key, which has none");
    }
    return { secretAccessKey: rootCredentials.secretAccessKey, principal: rootPrincipal(account) };
  }
  if (parsed.sessionToken === undefined) {
    throw unrecognized("the key isn't the root user's, and no session token was sent with it");
  }
  const session = openSession(account, parsed.sessionToken);
  if (session === undefined) {
    throw unrecognized("the session token isn't one of this account, or is from before its last reset");
  }
  if (session.accessKeyId !== parsed.accessKeyId) {
    throw unrecognized("the session token belongs to another key");
  }
  if (account.now().getTime() >= session.expiration) {
    throw new AuthenticationError(
      "ExpiredToken",
      "The security token included in the request is expired",
      `the session ended at ${new Date(session.expiration).toISOString()}`,
    );
  }
  if (account.state.iam.roles[session.roleName]?.id !== session.roleId) {
    throw unrecognized(`the session's role ${session.roleName} doesn't exist any more`);
  }
  return { secretAccessKey: session.secretAccessKey, principal: sessionPrincipal(account, session) };
}

function rootPrincipal(account: Account): Principal {
  const arn = rootArn(account);
  return {
    type: "root",
    accountId: account.id,
    arn,
    userId: account.id,
    accessKeyId: account.rootCredentials.accessKeyId,
    context: rootConditions(account),
  };
}

export function sessionArn(account: Account, session: Pick<Session, "roleName" | "sessionName">): string {
  return `arn:aws:sts::${account.id}:assumed-role/${session.roleName}/${session.sessionName}`;
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
export function sessionPrincipal(account: Account, session: Session): Principal {
  const role = account.state.iam.roles[session.roleName];
  const alive = role?.id === session.roleId;
  const userId = `${session.roleId}:${session.sessionName}`;
  return {
    type: "assumed-role",
    accountId: account.id,
    arn: sessionArn(account, session),
    userId,
    accessKeyId: session.accessKeyId,
    roleName: alive ? session.roleName : undefined,
    context: mergeContexts(
      sessionConditions(account, { roleArn: role?.arn ?? "", userId }),
      principalTags(alive ? role.tags : dictionary(), session.tags),
      session.context,
    ),
    session: {
      context: session.context,
      sessionPolicies: session.sessionPolicies,
      sessionPolicyArns: session.sessionPolicyArns,
      tags: session.tags,
      transitiveTagKeys: session.transitiveTagKeys,
    },
  };
}

/** Session tags override the role's, whatever the case: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
function principalTags(ofRole: Dictionary<string>, ofSession: Dictionary<string>): Record<string, string> {
  const overridden = new Set(Object.keys(ofSession).map((key) => key.toLowerCase()));
  const tags = [
    ...Object.entries(ofRole).filter(([key]) => !overridden.has(key.toLowerCase())),
    ...Object.entries(ofSession),
  ];
  return prefixed("aws:PrincipalTag", Object.fromEntries(tags));
}
