/** AssumeRoleWithWebIdentity: a Cognito token against a role's trust policy. The enhanced flow goes through here as well. */
import type { Account } from "../../account";
import type { ConditionContext } from "../../iam-policy/context";
import type { TokenClaims } from "../cognito-identity/token";
import type { Role } from "../iam/state";
import { issueSession, type Session } from "./sessions";
import { authoriseTrust } from "./trust";

/** The name by which trust policies and tokens know Cognito. */
export const COGNITO_PROVIDER = "cognito-identity.amazonaws.com";

/**
 * Issues a session if the role's trust policy admits the token's holder.
 *
 * @param duration seconds
 * @returns undefined when the trust policy refuses; the reason is in the decision log
 */
export function assumeRoleWithWebIdentity(
  account: Account,
  role: Role,
  claims: TokenClaims,
  options: {
    sessionName: string;
    duration: number;
    sessionPolicies?: readonly string[];
    request: ConditionContext;
  },
): Session | undefined {
  const cognito = {
    [`${COGNITO_PROVIDER}:aud`]: claims.aud,
    [`${COGNITO_PROVIDER}:sub`]: claims.sub,
    [`${COGNITO_PROVIDER}:amr`]: claims.amr,
    "aws:FederatedProvider": COGNITO_PROVIDER,
  };
  const tags = Object.entries(claims.principalTags);
  const asked = {
    ...options.request,
    ...cognito,
    "sts:RoleSessionName": options.sessionName,
    ...Object.fromEntries(tags.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...(tags.length > 0 ? { "aws:TagKeys": tags.map(([key]) => key) } : {}),
  };
  const principal = { type: "Federated", id: COGNITO_PROVIDER } as const;
  if (!authoriseTrust(account, role, principal, "sts:AssumeRoleWithWebIdentity", asked)) return undefined;
  if (tags.length > 0 && !authoriseTrust(account, role, principal, "sts:TagSession", asked)) return undefined;
  return issueSession(account, role, {
    sessionName: options.sessionName,
    duration: options.duration,
    sessionPolicies: options.sessionPolicies,
    context: {
      ...cognito,
      ...Object.fromEntries(tags.map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
    },
  });
}
