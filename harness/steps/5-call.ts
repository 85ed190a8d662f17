/** Step 5: with the temporary credentials the API opens, and the function knows who came. */
import { z } from "zod";
import { type ApiResponse, apiRequest, assertOk } from "../calls/api";
import { assertEqual, assertJson, parseJson } from "../calls/assert";
import type { ClientLogin, SignedInUser } from "../calls/cognito";
import type { Credentials } from "../run/connections";
import { OLDER_ROUTES } from "../run/outputs";
import type { Step } from "./step";

/** What this project's function answers. */
const greetingSchema = z.object({
  message: z.string().min(1),
  /** Null for callers whom API Gateway did not let in as an identity of a pool. */
  identityId: z.string().nullable(),
  identityPoolId: z.string().nullable(),
  developerUserIdentifier: z.string().nullable(),
});

/** What the first four steps leave for the last one, and for the refusals. */
export interface CallInput<User = SignedInUser> {
  readonly user: User;
  readonly credentials: Credentials;
}

export const callApi: Step<CallInput<ClientLogin>, void> = {
  name: "call",
  title: ({ probeRoute }) => `${probeRoute}, signed`,

  expected: () => "200, the greeting, and the identity of the token",

  async run({ deployment, call, note }, { user, credentials }) {
    const request = apiRequest(deployment, { credentials });
    // Another route than this project's is that of an API which need not know the greeting.
    const own = deployment.probeRoute === OLDER_ROUTES.probe_route;
    const read = (response: ApiResponse) => {
      assertOk(request.name, response);
      return own
        ? greetingIn(request.read(response).body)
        : greetingSchema.safeParse(parseJson(response.body)).data;
    };
    const greeting = await call({ ...request, read }, { consecutive: true });
    if (greeting === undefined) {
      note(
        "not checked: the identity, the pool and the user that the function saw, as it answers no greeting",
      );
      return { actual: "200; no greeting: who was seen is not checked" };
    }
    assertEqual("identity that the function saw", greeting.identityId, user.identityId);
    assertEqual("pool that the function saw", greeting.identityPoolId, deployment.identityPoolId);
    // Where AWS tells the function the developer's own name of the user is not documented, so it may find none.
    const { developerUserIdentifier } = user;
    if (greeting.developerUserIdentifier !== null && developerUserIdentifier !== undefined) {
      assertEqual("user that the function saw", greeting.developerUserIdentifier, developerUserIdentifier);
    }
    const actual = `200, ${JSON.stringify(greeting.message)}, ${greeting.identityId}`;
    return { actual };
  },
};

function greetingIn(body: string): z.infer<typeof greetingSchema> {
  const form = "message, identityId, identityPoolId and developerUserIdentifier";
  return assertJson("greeting", body, greetingSchema, form, body.slice(0, 200));
}
