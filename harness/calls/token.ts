/** Verifies Cognito's OpenID tokens against the keys that their issuer publishes. */
import { JwtVerifier } from "aws-jwt-verify";
import { JwtBaseError } from "aws-jwt-verify/error";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";
import { request } from "undici";
import { z } from "zod";
import { AssertionError, UnreadableAnswerError } from "../run/errors";
import type { StepContext } from "../steps/step";
import { assertEqual, parseJson } from "./assert";
import type { ServiceRequest } from "./call";
import { COGNITO_IDENTITY } from "./cognito";

/** Cognito's issuer in every commercial region. */
const ISSUER = `https://${COGNITO_IDENTITY}`;

/** Cognito signs with RSA and SHA-512, whatever the examples of other issuers show. */
const ALGORITHM = "RS512";

/** https://docs.aws.amazon.com/cognito/latest/developerguide/using-afac-with-cognito-identity-pools.html */
const TAGS_CLAIM = "https://aws.amazon.com/tags";

const claimsSchema = z
  .object({
    sub: z.string(),
    amr: z.array(z.string()),
    /** Seconds since 1970. */
    iat: z.int(),
    exp: z.int(),
    [TAGS_CLAIM]: z.object({ principal_tags: z.record(z.string(), z.array(z.string())) }).optional(),
  })
  .transform(({ [TAGS_CLAIM]: tags, ...claims }) => ({
    ...claims,
    username: tags?.principal_tags.username?.[0],
  }));

/** The claims that the flow rests on, besides issuer and audience, which verification has settled; `username` is a tag. */
export type TokenClaims = z.infer<typeof claimsSchema>;

/** Makes what keeps the issuer's keys, for who verifies many tokens; read when first needed. */
export function issuerKeyCache(call: StepContext["call"]): SimpleJwksCache {
  // The library's own fetcher knows https only and has no overall time limit.
  return new SimpleJwksCache({ fetcher: { fetch: (uri: string) => call(issuerKeys(uri)) } });
}

/**
 * Verifies algorithm, signature, issuer, audience and expiry. The pool is the only audience accepted: the same keys sign the
 * tokens of every pool of every AWS account.
 *
 * @throws AssertionError when the token is not what it should be; the token itself is never shown
 * @throws UnreachableError when the issuer's keys cannot be read
 */
export async function verifyToken(
  {
    deployment,
    endpoint,
    call,
    keys = issuerKeyCache(call),
  }: Pick<StepContext, "deployment" | "endpoint" | "call" | "keys">,
  token: string,
): Promise<TokenClaims> {
  const { identityPoolId } = deployment;
  const jwksUri = `${endpoint ?? ISSUER}/.well-known/jwks_uri`;
  const verifier = JwtVerifier.create(
    { issuer: ISSUER, audience: identityPoolId, jwksUri },
    { jwksCache: keys },
  );
  try {
    assertEqual("token algorithm", decomposeUnverifiedJwt(token).header.alg, ALGORITHM);
    const claims = claimsSchema.safeParse(await verifier.verify(token));
    if (!claims.success) {
      throw new AssertionError("token claims", "sub, amr, iat and exp", z.prettifyError(claims.error));
    }
    return claims.data;
  } catch (error) {
    if (error instanceof JwtBaseError) {
      const expected = `a token of ${ISSUER} for ${identityPoolId}, signed by one of its keys`;
      throw new AssertionError("token", expected, error.message);
    }
    throw error;
  }
}

function issuerKeys(uri: string): ServiceRequest<ArrayBuffer, { status: number; body: ArrayBuffer }> {
  return {
    name: `GET ${uri}`,
    async send({ dispatcher }, signal) {
      const { statusCode, body } = await request(uri, { dispatcher, signal });
      return { status: statusCode, body: await body.arrayBuffer() };
    },
    read({ status, body }) {
      if (status !== 200) {
        const response = { service: "issuer", status, message: "" } as const;
        throw new AssertionError(`status of GET ${uri}`, "200", String(status), response);
      }
      // The library would take a document that is cut off for one that it does not understand.
      if (parseJson(Buffer.from(body).toString()) === undefined) {
        throw new UnreadableAnswerError(`GET ${uri}`, "a JSON object", "something else");
      }
      return body;
    },
  };
}
