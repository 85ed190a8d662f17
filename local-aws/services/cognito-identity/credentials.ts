/** GetCredentialsForIdentity, the enhanced flow: from a token (or, for a guest, from nothing) to temporary credentials. */
import { z } from "zod";
import type { Account } from "../../account";
import type { IdentityPool } from "../../account/state/cognito-identity";
import type { Session } from "../../account/state/sts";
import { requestConditions } from "../../authenticate/condition-keys";
import type { HttpRequest } from "../../read/http-request";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import { findRole } from "../sts/sessions";
import { cognitoIdentity, NotTrustedError, openWebIdentitySession } from "../sts/web-identity";
import { GUEST_SESSION_POLICIES } from "./guest-session-policies";
import { findIdentity } from "./identity";
import * as inputs from "./inputs";
import { developerLogin, hasLogins, notAuthorized, requireGuest, requireGuestsAllowed } from "./logins";
import { guestClaims, type TokenClaims } from "./token";

/** Seconds; fixed in the enhanced flow. https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html */
const SESSION_DURATION = 3600;
const SESSION_NAME = "CognitoIdentityCredentials";

export const credentialsOperations = {
  GetCredentialsForIdentity: operation({
    input: z.object({
      IdentityId: inputs.identityId,
      Logins: inputs.logins.optional(),
      CustomRoleArn: inputs.roleArn.optional(),
    }),
    permission: "unsigned",
    async run({ account, input, request }) {
      const { pool, identity } = findIdentity(account, input.IdentityId);
      const authenticated = hasLogins(input.Logins);
      let claims: TokenClaims;
      if (hasLogins(input.Logins)) {
        claims = await developerLogin(account, pool, identity, input.Logins);
      } else {
        requireGuestsAllowed(pool);
        requireGuest(identity);
        claims = guestClaims(pool.id, identity.id);
      }
      if (input.CustomRoleArn !== undefined) {
        // Only the `cognito:roles` of a user pool's token may be chosen; developer users and guests have none.
        throw notAuthorized(`Access to Role '${input.CustomRoleArn}' is forbidden.`);
      }
      const session = openSession(
        account,
        pool,
        claims,
        authenticated ? "authenticated" : "unauthenticated",
        request,
      );
      return {
        IdentityId: identity.id,
        Credentials: {
          AccessKeyId: session.accessKeyId,
          SecretKey: session.secretAccessKey,
          SessionToken: session.sessionToken,
          Expiration: session.expiration / 1000,
        },
      };
    },
  }),
};

/** Finds the attached role and asks its trust policy. AWS has one answer for all that can be wrong; the log tells which it was. */
function openSession(
  account: Account,
  pool: IdentityPool,
  claims: TokenClaims,
  kind: "authenticated" | "unauthenticated",
  request: HttpRequest,
): Session {
  const misconfigured = (...cause: string[]) => {
    account.decisions.note({
      kind: "identity-pool-configuration",
      outcome: "refused",
      subject: `credentials of identity pool ${pool.id} (${pool.name})`,
      detail: cause,
    });
    return new ServiceError(
      "InvalidIdentityPoolConfigurationException",
      "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
    );
  };
  const roleArn = pool.roles[kind];
  if (roleArn === undefined) {
    throw misconfigured(`the pool has no role for ${kind} identities`);
  }
  const role = findRole(account, roleArn);
  if (role === undefined) {
    throw misconfigured(`the pool's ${kind} role ${roleArn} doesn't exist`);
  }
  try {
    return openWebIdentitySession(account, role, cognitoIdentity(claims), {
      sessionName: SESSION_NAME,
      duration: SESSION_DURATION,
      sessionPolicies: kind === "unauthenticated" ? GUEST_SESSION_POLICIES : undefined,
      request: requestConditions(request),
    });
  } catch (error) {
    if (error instanceof ServiceError) {
      throw misconfigured(`STS issues no session: ${error.message}`);
    }
    if (!(error instanceof NotTrustedError)) {
      throw error;
    }
    throw misconfigured(
      `the trust policy of role ${role.name} doesn't allow ${error.action} to this identity`,
      ...error.reasons,
    );
  }
}
