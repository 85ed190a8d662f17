/** Sessions as an application of its own would issue them: JWTs that a backend verifies before it mints. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

export const ISSUER = "https://app.example";
export const AUDIENCE = "login";

export interface ApplicationSessions {
  /** What a backend is given: the public keys, issuer and audience. */
  readonly environment: Readonly<Record<"APP_JWKS" | "APP_ISSUER" | "APP_AUDIENCE", string>>;
  /** The session of a user, for two days; with other claims where given. A claim that is undefined is left out. */
  issue(user: string, claims?: JWTPayload): Promise<string>;
}

export async function applicationSessions(): Promise<ApplicationSessions> {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const key = { ...(await exportJWK(publicKey)), kid: "app-1", alg: "ES256", use: "sig" };
  return {
    environment: {
      APP_JWKS: JSON.stringify({ keys: [key] }),
      APP_ISSUER: ISSUER,
      APP_AUDIENCE: AUDIENCE,
    },
    issue(user, claims = {}) {
      const now = Math.floor(Date.now() / 1000);
      const payload = { sub: user, iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 48 * 3600, ...claims };
      return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "app-1" }).sign(privateKey);
    },
  };
}
