/**
 * The OpenID tokens that Cognito signs for identities, and their verification.
 *
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
 */
import { sign } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, errors, type JWK, jwtVerify } from "jose";
import type { Account } from "../../account";
import { poolArn } from "./pool";
import { COGNITO_PROVIDER } from "./provider";
import { ALGORITHM, signingKey } from "./signing-key";

/** The issuer has this name in every commercial region. */
export const ISSUER = `https://${COGNITO_PROVIDER}`;

const TAGS_CLAIM = "https://aws.amazon.com/tags";
const POOL_ARN_CLAIM = `${ISSUER}/identity-pool-arn`;

export interface TokenClaims {
  /** The identity id. */
  readonly sub: string;
  /** The identity pool id. */
  readonly aud: string;
  /** `authenticated`, the provider, `provider:pool:user`; or `unauthenticated` alone. */
  readonly amr: readonly string[];
  readonly principalTags: Readonly<Record<string, string>>;
}

/** The claims of an identity that no login vouches for. */
export function guestClaims(poolId: string, identityId: string): TokenClaims {
  return { sub: identityId, aud: poolId, amr: ["unauthenticated"], principalTags: {} };
}

/** A token that this account's Cognito doesn't accept. */
export class InvalidTokenError extends Error {
  override readonly name = "InvalidTokenError";

  /**
   * @param expiration epoch seconds, for an expired token
   * @param issuer who issued it, for a token that isn't Cognito's
   */
  constructor(
    readonly reason: "not-a-token" | "signature" | "expired" | "issuer" | "missing-claim",
    message: string,
    readonly expiration?: number,
    readonly issuer?: string,
  ) {
    super(message);
  }
}

/** Signs a token. `typ` is `JWS` and the key id is the region with an index, as recorded from AWS. */
export async function mintToken(
  account: Account,
  claims: TokenClaims,
  durationSeconds: number,
): Promise<string> {
  const iat = Math.floor(account.now().getTime() / 1000);
  const tags = Object.entries(claims.principalTags).map(([key, value]) => [key, [value]]);
  const payload = {
    sub: claims.sub,
    aud: claims.aud,
    amr: [...claims.amr],
    ...(tags.length > 0 ? { [TAGS_CLAIM]: { principal_tags: Object.fromEntries(tags) } } : {}),
    iss: ISSUER,
    [POOL_ARN_CLAIM]: poolArn(account, claims.aud),
    exp: iat + durationSeconds,
    iat,
  };
  const { jwk, privateKey } = await signingKey(account);
  const signed = [{ kid: jwk.kid, typ: "JWS", alg: ALGORITHM }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  // Not by another thread, as Web Crypto signs: handing it over takes as long as the signature.
  const signature = sign("sha512", Buffer.from(signed), privateKey);
  return `${signed}.${signature.toString("base64url")}`;
}

/**
 * Verifies signature, issuer and expiry; who the token is for is the caller's to check.
 *
 * @throws InvalidTokenError
 */
export async function verifyToken(account: Account, token: string): Promise<TokenClaims> {
  const { jwk, publicKey } = await signingKey(account);
  const issuer = claimedIssuer(token);
  if (issuer !== ISSUER) {
    throw new InvalidTokenError(
      "issuer",
      `the token's issuer is ${JSON.stringify(issuer)}`,
      undefined,
      issuer,
    );
  }
  const verified = await jwtVerify(
    token,
    ({ kid }) => {
      if (kid !== jwk.kid) {
        throw new InvalidTokenError("signature", `no key of this account has the id ${JSON.stringify(kid)}`);
      }
      return publicKey;
    },
    {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      currentDate: account.now(),
      requiredClaims: ["sub", "aud", "exp"],
    },
  ).catch((error: unknown) => {
    throw error instanceof InvalidTokenError ? error : asInvalidToken(error);
  });
  const { sub, aud, amr, [TAGS_CLAIM]: tags } = verified.payload;
  const principalTags =
    (tags as { principal_tags?: Record<string, string[]> } | undefined)?.principal_tags ?? {};
  return {
    sub: sub as string,
    aud: [aud].flat()[0] as string,
    amr: Array.isArray(amr) ? amr.map(String) : [],
    principalTags: Object.fromEntries(
      Object.entries(principalTags).map(([key, values]) => [key, String(values[0])]),
    ),
  };
}

/**
 * Who claims to have issued a token; nothing of it has been verified yet.
 *
 * @throws InvalidTokenError when the text isn't a token
 */
export function claimedIssuer(token: string): string | undefined {
  try {
    // jose overlooks white space inside the parts, which no signer writes.
    if (/[^\w.-]/.test(token)) {
      throw new TypeError("a character that isn't base64url");
    }
    decodeProtectedHeader(token);
    const { iss } = decodeJwt<{ iss?: unknown }>(token);
    return typeof iss === "string" ? iss : undefined;
  } catch {
    throw new InvalidTokenError("not-a-token", "the text isn't a JSON web token");
  }
}

function asInvalidToken(error: unknown): InvalidTokenError {
  if (error instanceof errors.JWTExpired) {
    return new InvalidTokenError("expired", "the token has expired", error.payload.exp);
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new InvalidTokenError("missing-claim", error.claim);
  }
  // Everything else that jose finds (algorithm, structure, signature) leaves the token unverified.
  const cause = error instanceof errors.JOSEError ? error.code : "unreadable";
  return new InvalidTokenError("signature", `the signature doesn't verify (${cause})`);
}

/** The key set that verifiers fetch. */
export async function publicKeys(account: Account): Promise<{ keys: JWK[] }> {
  const { kty, n, e, kid } = (await signingKey(account)).jwk;
  return { keys: [{ kty, alg: ALGORITHM, use: "sig", kid, n, e }] };
}
