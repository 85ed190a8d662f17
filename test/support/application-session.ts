/** The application whose users sign in: its keys, and the sessions that it signs with them. */
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

export const ISSUER = "https://app.example";
export const AUDIENCE = "developer-identities";

export type Algorithm = "RS256" | "ES256" | "EdDSA";

/** What a session says beside its claims, where it differs from what is accepted. */
export interface SessionOptions {
  readonly issuer?: string;
  readonly audience?: string | string[];
  /** Seconds from now; undefined for a session that says nothing of it. @default 300 */
  readonly expiresIn?: number | undefined;
  /** Seconds from now. @default - not said */
  readonly notBefore?: number;
  /** Members of the header. @default the algorithm and the key's kid */
  readonly header?: Readonly<Record<string, unknown>>;
}

export interface Application {
  readonly algorithm: Algorithm;
  /** The one public key, with `kid` and `alg`. */
  readonly publicKey: JWK;
  /** As a setting has it. */
  readonly jwks: string;
  session(claims?: JWTPayload, options?: SessionOptions): Promise<string>;
}

/** An application with a fresh key. */
export async function startApplication(
  algorithm: Algorithm = "ES256",
  kid = `key-of-${algorithm}`,
): Promise<Application> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" };
  return {
    algorithm,
    publicKey: jwk,
    jwks: JSON.stringify({ keys: [jwk] }),
    session(claims = { sub: "alice" }, options = {}) {
      const now = Math.floor(Date.now() / 1000);
      const expiresIn = "expiresIn" in options ? options.expiresIn : 300;
      const payload: JWTPayload = {
        iss: options.issuer ?? ISSUER,
        aud: options.audience ?? AUDIENCE,
        iat: now,
        ...(expiresIn === undefined ? {} : { exp: now + expiresIn }),
        ...(options.notBefore === undefined ? {} : { nbf: now + options.notBefore }),
        ...claims,
      };
      return new SignJWT(payload)
        .setProtectedHeader({ alg: algorithm, kid, ...options.header })
        .sign(privateKey);
    },
  };
}
