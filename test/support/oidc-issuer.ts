/** An OpenID Connect issuer of the tests' own, which signs as GitHub does for a workflow's job. */
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import type { KeySet } from "../../local-aws";

export const GITHUB = "https://token.actions.githubusercontent.com";

export interface OidcIssuer {
  readonly issuer: string;
  /** What it publishes, for `startLocalAws`. */
  readonly keys: KeySet;
  readonly publicKey: JWK;
  /** A token with these claims changed, or left out where undefined; times are seconds from now. */
  token(
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
}

export async function oidcIssuer({
  issuer = GITHUB,
  algorithm = "RS256",
  now = () => new Date(),
}: {
  issuer?: string;
  algorithm?: string;
  now?: () => Date;
} = {}): Promise<OidcIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const jwk = { ...(await exportJWK(publicKey)), kid: "first", use: "sig", alg: algorithm };
  return {
    issuer,
    keys: { keys: [jwk] },
    publicKey: jwk,
    token(claims = {}, header = {}) {
      const iat = Math.floor(now().getTime() / 1000);
      const payload = { ...jobClaims(iat), iss: issuer, ...claims } as JWTPayload;
      return new SignJWT(payload)
        .setProtectedHeader({ alg: algorithm, kid: "first", typ: "JWT", ...header })
        .sign(privateKey);
    },
  };
}

/** As GitHub's documentation shows them: https://docs.github.com/en/actions/concepts/security/openid-connect */
const jobClaims = (iat: number) => ({
  jti: "example-id",
  sub: "repo:octo-org/octo-repo:ref:refs/heads/main",
  aud: "sts.amazonaws.com",
  actor: "octocat",
  actor_id: "12",
  repository: "octo-org/octo-repo",
  repository_id: "74",
  ref: "refs/heads/main",
  workflow: "nightly",
  job_workflow_ref: "octo-org/octo-repo/.github/workflows/nightly.yml@refs/heads/main",
  event_name: "schedule",
  nbf: iat - 300,
  iat,
  exp: iat + 900,
});
