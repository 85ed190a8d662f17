/** AssumeRoleWithWebIdentity: the holder of a token names the role. Cognito's classic flow, and workloads of other issuers. */
import type { Account } from "../../account";
import { requestConditions } from "../../authenticate/condition-keys";
import { claimedIssuer, InvalidTokenError, ISSUER, verifyToken } from "../cognito-identity/token";
import { refusedMember } from "../input";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import { verifyProviderToken } from "./provider-token";
import { sessionOutput } from "./session-output";
import { packedPolicySize, passedSessionPolicies } from "./session-policies";
import { findRole } from "./sessions";
import { expired, NOT_A_TOKEN, noProvider, refuseToken, UNVERIFIED } from "./token-refusal";
import { cognitoIdentity, NotTrustedError, openWebIdentitySession, type WebIdentity } from "./web-identity";

export const assumeRoleWithWebIdentity = operation({
  input: inputs.sessionRequest.extend({
    WebIdentityToken: inputs.webIdentityToken,
    ProviderId: refusedMember("it is for OAuth 2.0 tokens of other providers; leave it out"),
  }),
  permission: "unsigned",
  async run({ account, input, request }) {
    const identity = await identityIn(account, input.WebIdentityToken);
    const narrowing = passedSessionPolicies(account, input);
    const packed = packedPolicySize(input, []);
    const refused = new ServiceError(
      "AccessDenied",
      "Not authorized to perform sts:AssumeRoleWithWebIdentity",
      403,
    );
    const role = findRole(account, input.RoleArn);
    if (role === undefined) {
      const subject = `${input.RoleArn} for a token of identity ${identity.subject}`;
      account.decisions.note({
        kind: "token",
        outcome: "refused",
        subject,
        detail: ["there is no such role"],
      });
      throw refused;
    }
    try {
      const session = openWebIdentitySession(account, role, identity, {
        sessionName: input.RoleSessionName,
        duration: input.DurationSeconds,
        request: requestConditions(request),
        ...narrowing,
      });
      return {
        SubjectFromWebIdentityToken: identity.subject,
        Audience: identity.audience,
        Provider: identity.provider,
        PackedPolicySize: packed,
        ...sessionOutput(account, session),
      };
    } catch (error) {
      throw error instanceof NotTrustedError ? refused : error;
    }
  },
});

/** @throws ServiceError in AWS's words for a token that isn't taken */
async function identityIn(account: Account, token: string): Promise<WebIdentity> {
  try {
    const issuer = claimedIssuer(token);
    return issuer === ISSUER
      ? cognitoIdentity(await verifyToken(account, token))
      : await verifyProviderToken(account, token, issuer);
  } catch (error) {
    throw error instanceof InvalidTokenError
      ? refuseToken(account, error.message, refusalOf(account, error))
      : error;
  }
}

function refusalOf(account: Account, { reason, expiration, issuer }: InvalidTokenError) {
  switch (reason) {
    case "expired":
      return expired(account, expiration);
    case "not-a-token":
      return NOT_A_TOKEN;
    case "issuer":
      return noProvider(issuer);
    case "missing-claim":
    case "signature":
      return UNVERIFIED;
  }
}
