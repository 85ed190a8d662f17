// Sessions that are JSON Web Tokens, signed by the application. Signature and claims are checked by aws-jwt-verify; what it
// leaves to its caller is checked here: which algorithms count, that the key is of the algorithm, and that a session ends.
import {
  FetchError,
  JwksValidationError,
  JwkValidationError,
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  JwtParseError,
  KidNotFoundInJwksError,
  WaitPeriodNotYetEndedJwkError,
} from "aws-jwt-verify/error";
import type { Fetcher } from "aws-jwt-verify/https";
import { type Jwk, type Jwks, SimpleJwksCache } from "aws-jwt-verify/jwk";
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";
import { verifyJwtSync } from "aws-jwt-verify/jwt-verifier";
import { type Authenticator, bearerSession, userIdOf } from "./authenticator";
import { SessionRefusedError, UpstreamError } from "./login-error";

/** An algorithm that a session may be signed with. */
export type SessionAlgorithm = "RS256" | "ES256" | "EdDSA";

/**
 * The keys of each algorithm: one algorithm's key never verifies another's signature. RSA keys of less than 2048 bits are
 * refused, as RFC 7518 demands (section 3.3).
 */
const KEY_FITS: Readonly<Record<SessionAlgorithm, (key: Jwk) => boolean>> = {
  RS256: ({ kty, n }) => kty === "RSA" && Buffer.from(String(n), "base64url").length >= 256,
  ES256: ({ kty, crv }) => kty === "EC" && crv === "P-256",
  EdDSA: ({ kty, crv }) => kty === "OKP" && crv === "Ed25519",
};

/** In milliseconds. A key that the application takes back is believed no longer. */
const KEYS_FRESH_FOR = 5 * 60 * 1000;

/** What a session must be. */
export interface SessionJwtOptions {
  /** The application's public keys, or the https URL that serves them. */
  readonly keys: { readonly jwks: Jwks } | { readonly jwksUri: string };
  /** The session's `iss`. */
  readonly issuer: string;
  /** The session's `aud`, or one of several. */
  readonly audience: string;
  readonly algorithms: readonly SessionAlgorithm[];
  /** @default https, 3 seconds for an answer, tried twice */
  readonly fetcher?: Fetcher;
}

/** Accepts sessions signed by one of the application's keys. */
export function sessionJwtAuthenticator(options: SessionJwtOptions): Authenticator {
  const { issuer, audience, algorithms } = options;
  const findKey = keyFinder(options);
  return {
    async authenticate(request) {
      const session = bearerSession(request);
      try {
        const decomposed = decomposeUnverifiedJwt(session);
        const { alg, crit } = decomposed.header;
        const algorithm = algorithms.find((one) => one === alg);
        if (algorithm === undefined) {
          throw new SessionRefusedError(`its algorithm is not one of ${algorithms.join(", ")}`);
        }
        // https://datatracker.ietf.org/doc/html/rfc7515#section-4.1.11
        if (crit !== undefined) {
          throw new SessionRefusedError("it has critical extensions, and none are known here");
        }
        const key = await findKey(decomposed);
        if (!KEY_FITS[algorithm](key)) {
          throw new SessionRefusedError(`the key of its kid is none for ${algorithm}`);
        }
        const claims = verifyJwtSync(session, key, { issuer, audience });
        if (claims.exp === undefined) {
          throw new SessionRefusedError("it never expires: exp is missing");
        }
        return { userId: userIdOf(claims), claims };
      } catch (error) {
        throw refusalOf(error);
      }
    },
  };
}

type FindKey = (session: ReturnType<typeof decomposeUnverifiedJwt>) => Promise<Jwk>;

/** Finds the key that a session's `kid` names, and no other: nothing in a session leads to a key of its own. */
function keyFinder({ keys, fetcher }: SessionJwtOptions): FindKey {
  if ("jwks" in keys) {
    const cache = new SimpleJwksCache();
    cache.addJwks(INLINE, keys.jwks);
    return async (session) => cache.getCachedJwk(INLINE, session);
  }
  let cache = new SimpleJwksCache({ fetcher });
  let since = Date.now();
  return async (session) => {
    if (Date.now() - since > KEYS_FRESH_FOR) {
      cache = new SimpleJwksCache({ fetcher });
      since = Date.now();
    }
    return cache.getJwk(keys.jwksUri, session);
  };
}

/** The name under which keys that need no fetching are kept. */
const INLINE = "inline";

/** Why a session was refused, in words for the log. aws-jwt-verify's own messages quote the session. */
const REASONS: readonly (readonly [new (...args: never[]) => Error, string])[] = [
  [JwtParseError, "it is not a JSON Web Token"],
  [KidNotFoundInJwksError, "its kid names none of the application's keys"],
  [
    WaitPeriodNotYetEndedJwkError,
    "its kid names none of the application's keys, which were fetched just now",
  ],
  [JwtInvalidSignatureError, "its signature is wrong"],
  [JwtExpiredError, "it has expired"],
  [JwtNotBeforeError, "it is not valid yet"],
  [JwtInvalidIssuerError, "its issuer is another"],
  [JwtInvalidAudienceError, "it is for another audience"],
];

function refusalOf(error: unknown): unknown {
  if (
    error instanceof FetchError ||
    error instanceof JwksValidationError ||
    error instanceof JwkValidationError
  ) {
    return new UpstreamError(`the application's keys could not be fetched: ${error.constructor.name}`);
  }
  const reason = REASONS.find(([type]) => error instanceof type)?.[1];
  return reason === undefined ? error : new SessionRefusedError(reason);
}
