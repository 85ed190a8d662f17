/** A route that is granted by the user's own tag: the own path opens, and no other's. */
import { apiRequest, assertOk, pathSegment } from "../calls/api";
import type { Credentials } from "../run/connections";
import type { Deployment } from "../run/outputs";
import { NotApplicableError, type Step } from "../steps/step";
import { refusalStep, refused } from "./refusal";

const ATTRIBUTES =
  "https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html";

/** Nobody's: an own one that is the same by chance is not to be feared. */
export const OTHER_USERNAME = "somebody-else.harness.invalid";

/** Who calls. */
export interface TaggedUser {
  readonly credentials: Credentials;
  /** The tag `username` of the session; undefined when it has none. */
  readonly username?: string;
}

/** In the order in which they are asked, where there is such a route. */
export const USER_ROUTE_CHECKS: readonly Step<TaggedUser, void>[] = [
  {
    name: "own-user-route",
    title: ({ userRoute }) => `${userRoute}, the own one`,
    source: ATTRIBUTES,
    hint: "The user does not reach the own path: the grant must end with ${aws:PrincipalTag/username}, the session carry that tag, and the trust policy allow sts:TagSession.",
    expected: () => "200",
    async run({ deployment, call }, { credentials, username }) {
      const request = apiRequest(deployment, { route: routeOf(deployment, username), credentials });
      await call({ ...request, read: (response) => assertOk("own path", request.read(response)) });
      return { actual: "200" };
    },
  },
  refusalStep<TaggedUser>({
    name: "other-user-route",
    title: ({ userRoute }) => `${userRoute}, another user's`,
    answers: [
      refused(403, "AccessDeniedException", /is not authorized to perform: execute-api:Invoke on resource: /),
    ],
    source: ATTRIBUTES,
    hint: "A user reaches another user's path: the grant does not end with ${aws:PrincipalTag/username}.",
    request: ({ deployment }, { credentials }) =>
      apiRequest(deployment, { route: routeOf(deployment, OTHER_USERNAME), credentials }),
  }),
];

/** Fills in the path's one parameter. @throws NotApplicableError when the user has no name */
function routeOf({ userRoute = "" }: Deployment, username: string | undefined): string {
  if (username === undefined) {
    throw new NotApplicableError("it is not known which tag username the session has");
  }
  return userRoute.replace("{username}", () => pathSegment(username));
}
