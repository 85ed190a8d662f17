/** A session of a role for the holder of a token. The enhanced flow of Cognito goes through here as well as STS. */

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

/** Whom a verified token is of, as trust policies and the session see it. */
export interface WebIdentity {
  /** The federated principal: a public provider's name, or the ARN of a provider in IAM. */
  readonly provider: string;
  readonly subject: string;
  readonly audience: string;
  /** Condition keys that the session keeps, e.g. `cognito-identity.amazonaws.com:sub`. */
  readonly context: ConditionContext;
  /** Condition keys that only the trust policy sees. */
  readonly trustContext?: ConditionContext;
  readonly principalTags?: Readonly<Record<string, string>>;
}

/** The identity in a token of Cognito. */
export function cognitoIdentity({ sub, aud, amr, principalTags }: TokenClaims): WebIdentity {
  return {
    provider: COGNITO_PROVIDER,
    subject: sub,
    audience: aud,
    context: identityConditions(COGNITO_PROVIDER, { sub, aud, amr }),
    principalTags,
  };
}

/**
 * The condition keys of a token's claims.
 *
 * @param name how the keys begin: the issuer without `https://`
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
export function identityConditions(
  name: string,
  claims: Readonly<Record<string, string | readonly string[]>>,
): ConditionContext {
  return Object.fromEntries(Object.entries(claims).map(([claim, value]) => [`${name}:${claim}`, value]));
}

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
 * @throws ServiceError when the role allows no session of that duration, or no token holds the session
 */
export function openWebIdentitySession(
  account: Account,
  role: Role,
  identity: WebIdentity,
  options: {
    sessionName: string;
    duration: number;
    sessionPolicies?: readonly string[];
    sessionPolicyArns?: readonly string[];
    request: ConditionContext;
  },
): Session {
  const { provider, principalTags = {} } = identity;
  const context = { ...identity.context, "aws:FederatedProvider": provider };
  const asked = {
    ...options.request,
    ...identity.trustContext,
    ...context,
    "sts:RoleSessionName": options.sessionName,
    ...tagConditions({ passed: principalTags }),
  };
  const principal = { type: "Federated", id: provider } as const;
  const tags = dictionary(Object.entries(principalTags));
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
    sessionPolicyArns: options.sessionPolicyArns,
    context,
    tags,
  });
}
