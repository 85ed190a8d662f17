/** AssumeRoleWithWebIdentity: the classic flow, in which the token's holder names the role. */
import type { Account } from "../../account";
import { requestConditions } from "../../authenticate/condition-keys";
import { COGNITO_PROVIDER } from "../cognito-identity/provider";
import { InvalidTokenError, verifyToken } from "../cognito-identity/token";
import { refusedMember } from "../input";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import { sessionOutput } from "./session-output";
import { packedPolicySize, sessionPolicies } from "./session-policies";
import { findRole } from "./sessions";
import { NotTrustedError, openWebIdentitySession } from "./web-identity";

export const assumeRoleWithWebIdentity = operation({
  input: inputs.sessionRequest.extend({
    WebIdentityToken: inputs.webIdentityToken,
    ProviderId: refusedMember("it is for OAuth 2.0 tokens of other providers; leave it out"),
  }),
  permission: "unsigned",
  async run({ account, input, request }) {
    const claims = await verifyToken(account, input.WebIdentityToken).catch((error: unknown) => {
      throw error instanceof InvalidTokenError ? refusedToken(account, error) : error;
    });
    const narrowing = sessionPolicies(account, input);
    const packed = packedPolicySize(input, []);
    const refused = new ServiceError(
      "AccessDenied",
      "Not authorized to perform sts:AssumeRoleWithWebIdentity",
      403,
    );
    const role = findRole(account, input.RoleArn);
    if (role === undefined) {
      note(account, `${input.RoleArn} for a token of identity ${claims.sub}`, "there is no such role");
      throw refused;
    }
    try {
      const session = openWebIdentitySession(account, role, claims, {
        sessionName: input.RoleSessionName,
        duration: input.DurationSeconds,
        sessionPolicies: narrowing,
        request: requestConditions(request),
      });
      return {
        SubjectFromWebIdentityToken: claims.sub,
        Audience: claims.aud,
        Provider: COGNITO_PROVIDER,
        PackedPolicySize: packed,
        ...sessionOutput(account, session),
      };
    } catch (error) {
      throw error instanceof NotTrustedError ? refused : error;
    }
  },
});

function note(account: Account, subject: string, cause: string): void {
  account.decisions.note({ kind: "token", outcome: "refused", subject, detail: [cause] });
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors */
function refusedToken(account: Account, error: InvalidTokenError): ServiceError {
  note(account, "a web identity token", error.message);
  switch (error.reason) {
    case "expired": {
      const now = Math.floor(account.now().getTime() / 1000);
      return new ServiceError(
        "ExpiredTokenException",
        `Token expired: current date/time ${now} must be before the expiration date/time ${error.expiration}`,
      );
    }
    case "not-a-token":
      return new ServiceError(
        "InvalidIdentityToken",
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
      );
    case "issuer":
      return new ServiceError(
        "InvalidIdentityToken",
        `No OpenIDConnect provider found in your account for ${error.issuer}`,
      );
    case "missing-claim":
    case "signature":
      return new ServiceError(
        "InvalidIdentityToken",
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
      );
  }
}
