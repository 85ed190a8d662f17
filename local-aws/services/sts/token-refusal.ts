/** AWS's words for web identity tokens that it doesn't take; the cause is in the decision log. */
import type { Account } from "../../account";
import { ServiceError } from "../service-error";

interface Refusal {
  readonly code: string;
  readonly message: string;
}

const invalid = (message: string): Refusal => ({ code: "InvalidIdentityToken", message });

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors */
export const NOT_A_TOKEN = invalid(
  "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
);
export const UNVERIFIED = invalid(
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
);
export const WRONG_AUDIENCE = invalid("Incorrect token audience");
export const UNREACHABLE: Refusal = {
  code: "IDPCommunicationError",
  message:
    "The request could not be fulfilled because the identity provider (IDP) that was asked to verify the incoming identity token could not be reached.",
};

export const noProvider = (issuer: string | undefined) =>
  invalid(`No OpenIDConnect provider found in your account for ${issuer}`);

export const missingClaim = (claim: string) => invalid(`Missing a required claim: ${claim}`);

export const unusableClaim = (claim: string) => invalid(`The claim ${claim} of the token can't be used`);

/** @param expiration epoch seconds */
export function expired(account: Account, expiration: number | undefined): Refusal {
  const now = Math.floor(account.now().getTime() / 1000);
  return {
    code: "ExpiredTokenException",
    message: `Token expired: current date/time ${now} must be before the expiration date/time ${expiration}`,
  };
}

/** Notes why, and has AWS's words for the client. */
export function refuseToken(
  account: Account,
  cause: string,
  { code, message }: Refusal,
  subject = "a web identity token",
): ServiceError {
  account.decisions.note({ kind: "token", outcome: "refused", subject, detail: [cause] });
  return new ServiceError(code, message);
}
