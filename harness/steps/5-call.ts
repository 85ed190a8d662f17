/** Step 5: with the temporary credentials the API opens, and the function knows who came. */
import { z } from "zod";
import { apiUrl, callApi, refusalOf, type SessionCredentials } from "../calls/api";
import { AssertionFailure, assertEqual, showRefusal, UnreadableAnswer } from "../calls/assert";
import { parseJson } from "../calls/json";
import type { SignedInUser } from "./3-token";
import type { Step } from "./step";

const ROUTE = "/hello";

/** What the function answers. */
const greetingSchema = z.object({
  message: z.string().min(1),
  /** Null for callers whom API Gateway did not let in as an identity of a pool. */
  identityId: z.string().nullable(),
  identityPoolId: z.string().nullable(),
  developerUserIdentifier: z.string().nullable(),
});

/** What the first four steps leave for the last one, and for the refusals. */
export interface CallInput {
  readonly user: SignedInUser;
  readonly credentials: SessionCredentials;
}

export const callStep: Step<CallInput, void> = {
  name: "call",
  title: `GET ${ROUTE}, signed`,

  expected: () => "200, the greeting, and the identity of the token",

  async run(walk, calls, { user, credentials }) {
    const url = apiUrl(walk.deployment, ROUTE);
    const greeting = await walk.patience.steady(calls, `GET ${url}`, async () => {
      const answer = await callApi(walk, calls, { method: "GET", path: ROUTE, signing: { credentials } });
      if (answer.status !== 200) {
        const refusal = refusalOf(answer);
        throw new AssertionFailure(`GET ${url}`, "200", showRefusal(refusal), refusal);
      }
      return parseGreeting(answer.body);
    });

    assertEqual("identity that the function saw", greeting.identityId, user.identityId);
    assertEqual("pool that the function saw", greeting.identityPoolId, walk.deployment.identityPoolId);
    // Where AWS tells the function the developer's own name of the user is not documented, so it may find none.
    if (greeting.developerUserIdentifier !== null) {
      assertEqual(
        "user that the function saw",
        greeting.developerUserIdentifier,
        user.developerUserIdentifier,
      );
    }
    return { actual: `200, ${JSON.stringify(greeting.message)}, ${greeting.identityId}`, result: undefined };
  },
};

function parseGreeting(body: string): z.infer<typeof greetingSchema> {
  const content = parseJson(body);
  if (content === undefined) {
    throw new UnreadableAnswer("greeting", "a JSON object", body.slice(0, 200));
  }
  const greeting = greetingSchema.safeParse(content);
  if (!greeting.success) {
    throw new AssertionFailure(
      "greeting",
      "message, identityId, identityPoolId and developerUserIdentifier",
      z.prettifyError(greeting.error),
    );
  }
  return greeting.data;
}
