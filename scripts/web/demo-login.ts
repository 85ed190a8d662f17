/**
 * The application that the page signs in to: an issuer of sessions, as a team's own login is one. Its key is made for the
 * demonstration and signs for whoever asks, so no deployment that matters may trust it.
 */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { z } from "zod";

const ALGORITHM = "ES256";
const KEY_ID = "demo";
const ISSUER = "https://demo-login.example";
const AUDIENCE = "developer-identities-demo";

/** Seconds that a session lasts: it is only ever exchanged at once. */
const SESSION_DURATION = 300;

/** Who can sign in. */
export const DEMO_USERS = ["ada", "grace"] as const;

/** The file with the key can't be used. */
export class UnusableDemoKeyError extends Error {
  override readonly name = "UnusableDemoKeyError";

  constructor(readonly file: string) {
    super(
      `${file} holds no demo key. Remove it; the next start makes another, which must be deployed again.`,
    );
  }
}

const keySchema = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

/** Signs sessions, and tells a deployment what it needs to verify them. */
export class DemoLogin {
  private constructor(private readonly key: JWK) {}

  /** Makes one whose key ends with this process. */
  static async ephemeral(): Promise<DemoLogin> {
    const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    return new DemoLogin(await exportJWK(privateKey));
  }

  /**
   * Reads the key from the file, or makes one and writes it there, readable for its owner only.
   *
   * @throws UnusableDemoKeyError
   */
  static async fromFile(file: string): Promise<DemoLogin> {
    if (!existsSync(file)) {
      const login = await DemoLogin.ephemeral();
      writeFileSync(file, `${JSON.stringify(login.key)}\n`, { mode: 0o600, flag: "wx" });
      return login;
    }
    let key: JWK;
    try {
      key = keySchema.parse(JSON.parse(readFileSync(file, "utf8")));
    } catch {
      // Without the cause, which may quote the key.
      throw new UnusableDemoKeyError(file);
    }
    // Only now: another file than a key is left as it is.
    chmodSync(file, 0o600);
    return new DemoLogin(key);
  }

  /** The settings under which the login stack takes these sessions, from pages of that origin only. */
  settings(origin: string): Readonly<Record<string, string>> {
    const { kty, crv, x, y } = this.key;
    return {
      APP_JWKS: JSON.stringify({ keys: [{ kty, crv, x, y, kid: KEY_ID, alg: ALGORITHM, use: "sig" }] }),
      APP_ISSUER: ISSUER,
      APP_AUDIENCE: AUDIENCE,
      ALLOWED_ORIGIN: origin,
      USER_ROUTES: "true",
      PRINCIPAL_TAGS: "sub=username",
    };
  }

  /** Signs a session of the user's. @param duration in seconds; a negative one has passed */
  async signIn(user: string, { duration = SESSION_DURATION, audience = AUDIENCE } = {}): Promise<string> {
    return new SignJWT({})
      .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID, typ: "JWT" })
      .setSubject(user)
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(new Date(Date.now() + duration * 1000))
      .sign(await importJWK(this.key, ALGORITHM));
  }
}
