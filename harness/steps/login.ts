/** The client's first step: the application's own session opens the login endpoint, and what it gives is the user's. */
import { decodeJwt } from "jose";
import { z } from "zod";
import { type ApiResponse, assertOk, loginRequest } from "../calls/api";
import { assertEqual, assertJson } from "../calls/assert";
import type { ClientLogin } from "../calls/cognito";
import { verifyToken } from "../calls/token";
import type { Sessions } from "../run/context";
import { AssertionError } from "../run/errors";
import type { Step } from "./step";

/** What the login endpoint answers: a token, or the credentials that it exchanged it for. */
const loginSchema = z.object({
  identityId: z.string(),
  region: z.string(),
  token: z.string().optional(),
  /** Seconds that the token lives. */
  expiresIn: z.int().optional(),
  credentials: z
    .object({
      accessKeyId: z.string(),
      secretAccessKey: z.string(),
      sessionToken: z.string(),
      expiration: z.iso.datetime(),
    })
    .optional(),
});

export const login: Step<Sessions, ClientLogin> = {
  name: "login",
  title: "POST login_url",

  expected: ({ deployment }) =>
    `200, not to be stored: the identity, and a token for ${deployment.identityPoolId} or credentials`,

  async run(context, sessions) {
    const { deployment, call, note, redactor } = context;
    const { identityPoolId, developerProviderName, region } = deployment;
    const session = await sessions.valid();
    const request = loginRequest(context, session);
    const read = (response: ApiResponse) => {
      assertOk(request.name, response);
      assertEqual("Cache-Control of the login", response.header("cache-control"), "no-store");
      return assertJson("login", response.body, loginSchema, "identityId, token, expiresIn and region");
    };
    const { identityId, token, expiresIn, credentials, ...answer } = await call({ ...request, read });
    redactor.add(token);
    redactor.add(credentials?.secretAccessKey);
    redactor.add(credentials?.sessionToken);
    assertEqual("region of the login", answer.region, region);
    const developerUserIdentifier = subjectOf(session);
    if (credentials !== undefined) {
      note("not checked: a token, as the login answers credentials instead");
      const { expiration, ...keys } = credentials;
      const opened = { identityId, credentials: keys, expiration: new Date(expiration) };
      return {
        actual: `credentials of ${identityId}`,
        output: { developerUserIdentifier, identityId, opened },
      };
    }
    if (token === undefined) {
      throw new AssertionError("login", "a token or credentials", "neither");
    }
    const { sub, amr, exp, iat, username } = await verifyToken(context, token);
    assertEqual("token's sub", sub, identityId);
    assertEqual("life of the token (expiresIn, seconds)", expiresIn, exp - iat);
    assertEqual("token's amr, but for the user", amr.slice(0, 2), ["authenticated", developerProviderName]);
    if (developerUserIdentifier === undefined) {
      note("not checked: for which user the token is, as the session is not a JWT");
    } else {
      assertEqual(
        "user of the token's amr",
        amr[2],
        `${developerProviderName}:${identityPoolId}:${developerUserIdentifier}`,
      );
    }
    const output = { developerUserIdentifier, identityId, token, username };
    return { actual: `identity ${identityId}, token valid ${expiresIn} s`, output };
  },
};

/** Finds the user in a session; undefined when it is opaque. */
function subjectOf(session: string): string | undefined {
  try {
    return decodeJwt(session).sub;
  } catch {
    return undefined;
  }
}
