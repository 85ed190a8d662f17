/** A session of a role for the holder of a Cognito token. The enhanced flow goes through here as well as STS. */

import type { ConditionContext } from "../../../iam-policy/context";
import type { Account } from "../../account";
import { dictionary } from "../../account/dictionary";
import type { Role } from "../../account/state/iam";
import type { Session } from "../../account/state/sts";
import { tagConditions } from "../../authorize/tag-conditions";
import { decideTrust } from "../../authorize/trust";
import { COGNITO_PROVIDER } from "../cognito-identity/provider";
import type { TokenClaims } from "../cognito-identity/token";
import { ServiceError } from "../service-error";
import { issueSession } from "./sessions";

/** The role's trust policy doesn't admit the token's holder. */
export class NotTrustedError extends Error {
  override readonly name = "NotTrustedError";

  /** @param reasons which statement or condition decided, a line each */
  constructor(
    readonly action: string,
    readonly reasons: readonly string[],
  ) {
    super(`the trust policy doesn't allow ${action}`);
  }
}

/**
 * Issues a session if the role's trust policy admits the token's holder.
 *
 * @param options.duration seconds
 * @throws NotTrustedError
 * @throws ServiceError when the role allows no session of that duration
 */
export function openWebIdentitySession(
  account: Account,
  role: Role,
  claims: TokenClaims,
  options: {
    sessionName: string;
    duration: number;
    sessionPolicies?: readonly string[];
    request: ConditionContext;
  },
): Session {
  const cognito = {
    [`${COGNITO_PROVIDER}:aud`]: claims.aud,
    [`${COGNITO_PROVIDER}:sub`]: claims.sub,
    [`${COGNITO_PROVIDER}:amr`]: claims.amr,
    "aws:FederatedProvider": COGNITO_PROVIDER,
  };
  const asked = {
    ...options.request,
    ...cognito,
    "sts:RoleSessionName": options.sessionName,
    ...tagConditions({ passed: claims.principalTags }),
  };
  const principal = { type: "Federated", id: COGNITO_PROVIDER } as const;
  const tags = dictionary(Object.entries(claims.principalTags));
  const tagged = Object.keys(tags).length > 0;
  for (const action of ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"] as const) {
    if (action === "sts:TagSession" && !tagged) {
      continue;
    }
    const decision = decideTrust(account, role, principal, action, asked);
    if (!decision.allowed) {
      throw new NotTrustedError(action, decision.reasons);
    }
  }
  // Only whom the role trusts may learn how long its sessions last, and so that it exists.
  if (options.duration > role.maxSessionDuration) {
    throw new ServiceError(
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
  return issueSession(account, role, {
    sessionName: options.sessionName,
    duration: options.duration,
    sessionPolicies: options.sessionPolicies,
    context: cognito,
    tags,
  });
}
