/** Step 5: with the temporary credentials the API opens, and the function knows who came. */
import { z } from "zod";
import { callApi, refusalOf, type SessionCredentials } from "../api-call";
import { AssertionFailure, assertEqual } from "../assert";
import { limitedCall } from "../limited-call";
import type { Step } from "./step";
import type { SignedInUser } from "./token";

const ROUTE = "/hello";

/** What the function answers. */
const greetingSchema = z.object({
  message: z.string().min(1),
  identityId: z.string(),
  identityPoolId: z.string(),
  developerUserIdentifier: z.string().nullable(),
});

export interface CallInput {
  readonly user: SignedInUser;
  readonly credentials: SessionCredentials;
}

export const callStep: Step<CallInput, void> = {
  name: "call",

  expected: () => "200, the greeting, and the identity of the token",

  async run(walk, calls, { user, credentials }) {
    const { deployment, endpoint, dispatcher, signal } = walk;
    const url = new URL(`${deployment.invokeUrl}${ROUTE}`);
    const answer = await limitedCall({ what: `GET ${url}`, endpoint, signal }, (limit) =>
      callApi({
        method: "GET",
        url,
        region: deployment.region,
        credentials,
        endpoint,
        dispatcher,
        signal: limit,
      }),
    );
    calls.note({ requestId: answer.requestId ?? undefined });
    if (answer.status !== 200) {
      const refusal = refusalOf(answer);
      const shown = [refusal.status, refusal.code].filter((part) => part !== null).join(" ");
      throw new AssertionFailure(`GET ${url}`, "200", `${shown}: ${refusal.message}`, refusal);
    }

    const greeting = parseGreeting(answer.body);
    assertEqual("identity that the function saw", greeting.identityId, user.identityId);
    assertEqual("pool that the function saw", greeting.identityPoolId, deployment.identityPoolId);
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
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    throw new AssertionFailure("greeting", "a JSON object", body.slice(0, 200));
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
