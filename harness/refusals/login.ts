/** Calls to the login endpoint that are refused: without a session, with one that the application did not make, or made for another. */
import { randomUUID } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { loginRequest } from "../calls/api";
import type { Sessions } from "../run/context";
import { NotApplicableError, type Step } from "../steps/step";
import { type Refusal, refusalStep, refused } from "./refusal";

const BEARER = "https://datatracker.ietf.org/doc/html/rfc6750#section-3.1";
const JWT = "https://datatracker.ietf.org/doc/html/rfc8725#section-3";

/** Bytes; the endpoint takes 4 KB. */
const OVERSIZED = 5_000;

const NO_SESSION = refused(401, "invalid_session", /./);
const OPEN_TO_ALL =
  "Whoever asks gets a token: the login endpoint does not verify its sessions as it should.";

/** What logins are made with. */
export interface LoginSession {
  readonly sessions: Sessions;
}

/** A row of the table: the session that is sent in the place of a good one. */
interface LoginRefusal extends Pick<Refusal, "name" | "title" | "source"> {
  /** @throws NotApplicableError when there is no such session */
  session(sessions: Sessions): Promise<string | undefined>;
}

const ROWS: readonly LoginRefusal[] = [
  {
    name: "login-without-session",
    title: "POST login_url without a session",
    source: BEARER,
    session: async () => undefined,
  },
  {
    name: "login-made-up-session",
    title: "POST login_url with a session that nobody made",
    source: BEARER,
    session: async () => randomUUID(),
  },
  {
    name: "login-foreign-key",
    title: "POST login_url with the session signed by another key",
    source: JWT,
    async session(sessions) {
      const { header, claims } = await decoded(sessions);
      const { privateKey } = await generateKeyPair(header.alg);
      return new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
    },
  },
  {
    name: "login-alg-none",
    title: "POST login_url with the session unsigned (alg: none)",
    source: JWT,
    session: async (sessions) => new UnsecuredJWT((await decoded(sessions)).claims).encode(),
  },
  {
    name: "login-expired-session",
    title: "POST login_url with an expired session",
    source: JWT,
    session: (sessions) => given(sessions, "expired"),
  },
  {
    name: "login-other-audience",
    title: "POST login_url with a session for another audience",
    source: JWT,
    session: (sessions) => given(sessions, "other-audience"),
  },
];

/** In the order in which they are asked. */
export const LOGIN_REFUSALS: readonly Step<LoginSession, void>[] = [
  ...ROWS.map(({ session, ...row }) =>
    refusalStep<LoginSession>({
      ...row,
      answers: [NO_SESSION],
      hint: OPEN_TO_ALL,
      request: async (context, { sessions }) => loginRequest(context, await session(sessions)),
    }),
  ),
  refusalStep<LoginSession>({
    name: "login-oversized-body",
    title: "POST login_url with a body of 5 KB",
    answers: [refused(413, "request_too_large", /./)],
    source: "https://datatracker.ietf.org/doc/html/rfc9110#section-15.5.14",
    hint: "The login endpoint reads bodies of any size, which it has no use for. Bound them.",
    request: async (context, { sessions }) =>
      loginRequest(context, await sessions.valid(), JSON.stringify({ filling: "x".repeat(OVERSIZED) })),
  }),
];

/** Reads the good session. @throws NotApplicableError when it is opaque */
async function decoded(sessions: Sessions) {
  const session = await sessions.valid();
  try {
    const header = decodeProtectedHeader(session);
    return { header: { ...header, alg: header.alg ?? "" }, claims: decodeJwt(session) };
  } catch {
    throw new NotApplicableError("the session is not a JWT, so that nothing can be forged in its form");
  }
}

async function given(sessions: Sessions, kind: "expired" | "other-audience"): Promise<string> {
  const session = await sessions.defective?.(kind);
  if (session === undefined) {
    throw new NotApplicableError(`no such session is given: see SESSION_KIND=${kind} of --session-command`);
  }
  return session;
}
