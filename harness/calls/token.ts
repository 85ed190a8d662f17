/** Verifies Cognito's OpenID tokens against the keys that their issuer publishes. */
import { JwtVerifier } from "aws-jwt-verify";
import { JwtBaseError } from "aws-jwt-verify/error";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";
import { request } from "undici";
import { z } from "zod";
import { AssertionFailure, assertEqual, UnreadableAnswer } from "./assert";
import { jwksUri, TOKEN_ISSUER } from "./endpoint";
import { parseJson } from "./json";
import { attempt, type CallConditions, type ServiceConnection } from "./service-call";

/** Cognito signs with RSA and SHA-512, whatever the examples of other issuers show. */
const TOKEN_ALGORITHM = "RS512";

const claimsSchema = z.object({
  sub: z.string(),
  amr: z.array(z.string()),
  /** Seconds since 1970. */
  iat: z.int(),
  exp: z.int(),
});

/** The claims that the flow rests on, besides issuer and audience, which verification has settled. */
export type TokenClaims = z.infer<typeof claimsSchema>;

/** How the issuer's keys are reached. */
export type KeysConnection = CallConditions & Pick<ServiceConnection, "dispatcher">;

/** Whose tokens are accepted, and how the keys for them are reached. */
export interface TokenVerifierOptions {
  /** The only audience accepted: the same keys sign the tokens of every pool of every AWS account. */
  readonly identityPoolId: string;
  readonly connection: KeysConnection;
}

/** Keeps the issuer's keys once it has read them. */
export interface TokenVerifier {
  /**
   * Verifies algorithm, signature, issuer, audience and expiry.
   *
   * @throws AssertionFailure when the token is not what it should be; the token itself is never shown
   * @throws UnreachableError when the issuer's keys cannot be read
   */
  verify(token: string): Promise<TokenClaims>;
}

/** Reads no keys before the first token. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { connection, identityPoolId } = options;
  const verifier = JwtVerifier.create(
    { issuer: TOKEN_ISSUER, audience: identityPoolId, jwksUri: jwksUri(connection.endpoint) },
    { jwksCache: new SimpleJwksCache({ fetcher: { fetch: (uri) => fetchKeys(uri, connection) } }) },
  );
  return {
    async verify(token) {
      try {
        assertEqual("token algorithm", decomposeUnverifiedJwt(token).header.alg, TOKEN_ALGORITHM);
        return readClaims(await verifier.verify(token));
      } catch (error) {
        if (error instanceof JwtBaseError) {
          throw new AssertionFailure(
            "token",
            `a token of ${TOKEN_ISSUER} for ${identityPoolId}, signed by one of its keys`,
            error.message,
          );
        }
        throw error;
      }
    },
  };
}

function readClaims(payload: unknown): TokenClaims {
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) {
    throw new AssertionFailure("token claims", "sub, amr, iat and exp", z.prettifyError(claims.error));
  }
  return claims.data;
}

/** The library's own fetcher knows https only and has no overall time limit. */
function fetchKeys(uri: string, connection: KeysConnection): Promise<ArrayBuffer> {
  return attempt(connection, `GET ${uri}`, async (signal) => {
    const answer = await request(uri, { dispatcher: connection.dispatcher, signal });
    const body = await answer.body.arrayBuffer();
    if (answer.statusCode !== 200) {
      const refusal = { service: "issuer", status: answer.statusCode, code: null, message: "" } as const;
      throw new AssertionFailure(`status of GET ${uri}`, "200", String(answer.statusCode), refusal);
    }
    assertJson(uri, body);
    return body;
  });
}

/** The library would take a document that is cut off for one that it does not understand. */
function assertJson(uri: string, body: ArrayBuffer): void {
  if (parseJson(Buffer.from(body).toString()) === undefined) {
    throw new UnreadableAnswer(`GET ${uri}`, "a JSON object", "something else");
  }
}
