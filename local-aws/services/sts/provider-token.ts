/**
 * Tokens of the account's OpenID Connect providers, such as GitHub's for a workflow's job.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import type { Account } from "../../account";
import type { OpenIdConnectProvider } from "../../account/state/iam";
import { providerOf } from "../iam/open-id-connect-provider";
import type { ServiceError } from "../service-error";
import { IssuerUnreachableError, issuerKeys } from "./issuer-keys";
import {
  expired,
  missingClaim,
  noProvider,
  refuseToken,
  UNREACHABLE,
  UNVERIFIED,
  unusableClaim,
  WRONG_AUDIENCE,
} from "./token-refusal";
import { identityConditions, type WebIdentity } from "./web-identity";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

const REQUIRED = ["aud", "sub", "exp", "iat"];
const TIMES = ["exp", "iat", "nbf"];

/** Claims in this namespace tell AWS to tag the session or to give it a source identity. */
const FOR_AWS = "https://aws.amazon.com/";

/**
 * Claims of one issuer's own that trust policies may ask for; sessions don't keep them.
 *
 * @see https://aws.amazon.com/about-aws/whats-new/2026/01/aws-sts-supports-validation-identity-provider-claims/
 */
const OWN_CLAIMS: Readonly<Record<string, readonly string[]>> = {
  "token.actions.githubusercontent.com": [
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "workflow",
  ],
};

/**
 * Verifies a token and says whom it is of; whether a role trusts them is the caller's to ask.
 *
 * @param issuer who claims to have issued it
 * @throws ServiceError in AWS's words; the cause is in the decision log
 */
export async function verifyProviderToken(
  account: Account,
  token: string,
  issuer: string | undefined,
): Promise<WebIdentity> {
  const refuse = (cause: string, refusal: Parameters<typeof refuseToken>[2]) =>
    refuseToken(account, cause, refusal, `a token of ${JSON.stringify(issuer)}`);
  const provider = issuer === undefined ? undefined : providerOf(account, issuer);
  if (issuer === undefined || provider === undefined) {
    throw refuse("the account has no OpenID Connect provider of this URL", noProvider(issuer));
  }
  // What is wrong however it is signed is refused before the issuer is asked for its keys.
  const claims = decodeJwt(token);
  const missing = REQUIRED.find((claim) => claims[claim] === undefined || claims[claim] === "");
  if (missing !== undefined) {
    throw refuse(`the token has no ${missing}`, missingClaim(missing));
  }
  const unusable = unusableClaimOf(claims, account.now().getTime() / 1000);
  if (unusable !== undefined) {
    throw refuse(unusable.cause, unusableClaim(unusable.claim));
  }
  const audience = audienceOf(claims);
  if (audience === undefined || !provider.clientIds.includes(audience)) {
    throw refuse(
      `the token is for ${JSON.stringify(claims.azp ?? claims.aud)}, the provider's client ids are ${JSON.stringify(provider.clientIds)}`,
      WRONG_AUDIENCE,
    );
  }
  try {
    const keys = await issuerKeys(account, issuer);
    await jwtVerify(
      token,
      (header, signed) => {
        if (typeof header.kid !== "string") {
          throw new errors.JWKSNoMatchingKey("the token's header has no kid");
        }
        return keys(header, signed);
      },
      { algorithms: ALGORITHMS, issuer, currentDate: account.now() },
    );
  } catch (error) {
    throw unverified(account, error, refuse);
  }
  return identityOf(provider, claims, audience);
}

/** Times are whole seconds, and the past's but for the end; what steers the session in other ways isn't honoured, so it isn't overlooked. */
function unusableClaimOf(claims: JWTPayload, now: number): { claim: string; cause: string } | undefined {
  const unusable = (claim: string | undefined, cause: string) =>
    claim === undefined ? undefined : { claim, cause };
  const { iat, nbf } = claims;
  return (
    unusable(
      TIMES.find((claim) => claims[claim] !== undefined && !Number.isSafeInteger(claims[claim])),
      "it must be whole seconds",
    ) ??
    unusable(typeof claims.sub === "string" ? undefined : "sub", "it must be a text") ??
    unusable((iat as number) > now ? "iat" : undefined, "the token is issued in the future") ??
    unusable((nbf ?? 0) > now ? "nbf" : undefined, "the token isn't valid yet") ??
    unusable(
      Object.keys(claims).find((claim) => claim.startsWith(FOR_AWS)),
      "local AWS takes no session tags and no source identity of other issuers",
    )
  );
}

/** Whom the token is for: the authorized party where it names one. Several audiences without one are nobody in particular. */
function audienceOf({ azp, aud }: JWTPayload): string | undefined {
  const [audience, ...others] = [azp ?? aud].flat();
  return others.length === 0 && typeof audience === "string" ? audience : undefined;
}

function unverified(
  account: Account,
  error: unknown,
  refuse: (cause: string, refusal: Parameters<typeof refuseToken>[2]) => ServiceError,
): ServiceError {
  if (error instanceof errors.JWTExpired) {
    return refuse("the token has expired", expired(account, error.payload.exp));
  }
  const { message } = error as Error;
  const unreachable = error instanceof IssuerUnreachableError || error instanceof errors.JWKSTimeout;
  return refuse(message, unreachable ? UNREACHABLE : UNVERIFIED);
}

function identityOf(provider: OpenIdConnectProvider, claims: JWTPayload, audience: string): WebIdentity {
  const { url, arn } = provider;
  const subject = claims.sub as string;
  const texts = (value: unknown) => [value].flat().filter((one): one is string => typeof one === "string");
  const own = (OWN_CLAIMS[url] ?? []).flatMap((claim) => {
    const value = claims[claim];
    return typeof value === "string" ? [[claim, value] as const] : [];
  });
  return {
    provider: arn,
    subject,
    audience,
    context: identityConditions(url, {
      aud: audience,
      sub: subject,
      ...(Array.isArray(claims.amr) ? { amr: texts(claims.amr) } : {}),
    }),
    trustContext: identityConditions(url, Object.fromEntries(own)),
  };
}
