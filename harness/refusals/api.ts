/** Calls to the API that are refused for what is wrong with their signature or their credentials. */
import { randomBytes } from "node:crypto";
import { type ApiCall, apiRequest, pathOf } from "../calls/api";
import { OLDER_ROUTES } from "../run/outputs";
import type { StepContext } from "../steps/step";
import { type Refusal, type RefusalAnswer, type RefusalSession, refused } from "./refusal";

/** Milliseconds; AWS accepts five minutes. */
const OLD = 10 * 60_000;

/** A region and a service that the API is not of. */
const OTHER_REGIONS = ["eu-west-1", "us-west-2"] as const;
const OTHER_SERVICE = "s3";

const SIGNING = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html";
const AUTHORIZATION =
  "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-using-iam-policies-to-invoke-api.html";
const TEMPORARY_CREDENTIALS =
  "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html";

const SIGNATURES_UNCHECKED =
  "Signatures are not checked as they should be: is this route's authorisation AWS_IAM in the deployed stage, and does the call reach AWS itself?";

const wrongSignature = (message: RegExp) => refused(403, "InvalidSignatureException", message);
/** API Gateway's words are recorded; in which class it puts them is not. */
const UNKNOWN_TOKEN = refused(403, undefined, /security token included in the request is invalid/i);

/** Makes the signed call of the flow with one thing changed in its signature or its credentials. */
function changed(
  name: string,
  how: string,
  answer: RefusalAnswer,
  change: (session: RefusalSession, context: StepContext) => ApiCall | Promise<ApiCall>,
  source = SIGNING,
): Refusal {
  return {
    name,
    title: ({ probeRoute }) => `${probeRoute}, ${how}`,
    answers: [answer],
    source,
    hint: SIGNATURES_UNCHECKED,
    request: async (context, session) => {
      const call = { credentials: session.credentials, ...(await change(session, context)) };
      return apiRequest(context.deployment, call);
    },
  };
}

/** In the order in which they are asked. */
export const API_REFUSALS: readonly Refusal[] = [
  {
    name: "unsigned",
    title: ({ probeRoute }) => `${probeRoute} without a signature`,
    answers: [refused(403, "MissingAuthenticationTokenException", /^Missing Authentication Token$/)],
    source: AUTHORIZATION,
    hint: "Anybody may call: the route's authorisation is not AWS_IAM. Set it, and deploy the API again.",
    request: ({ deployment }) => apiRequest(deployment, {}),
  },
  changed(
    "tampered-signature",
    "one character of the signature flipped",
    wrongSignature(/^The request signature we calculated does not match/),
    () => ({ alterSignature: flipFirst }),
  ),
  changed(
    "other-region",
    "signed for another region",
    wrongSignature(/^Credential should be scoped to a valid region/),
    (_, { deployment }) => ({ region: OTHER_REGIONS.find((other) => other !== deployment.region) }),
  ),
  changed(
    "other-service",
    "signed for another service",
    wrongSignature(/^Credential should be scoped to correct service/),
    () => ({ service: OTHER_SERVICE }),
  ),
  changed(
    "no-session-token",
    "the session token left out",
    UNKNOWN_TOKEN,
    ({ credentials: { sessionToken: _, ...credentials } }) => ({ credentials }),
    TEMPORARY_CREDENTIALS,
  ),
  changed(
    "other-session-token",
    "with the session token of another session",
    UNKNOWN_TOKEN,
    async (session) => {
      const { sessionToken } = (await session.other()).credentials;
      return { credentials: { ...session.credentials, sessionToken } };
    },
    TEMPORARY_CREDENTIALS,
  ),
  changed("old-date", "signed ten minutes ago", wrongSignature(/^Signature expired: /), (_, { clock }) => ({
    date: new Date(clock.now() - OLD),
  })),
  changed("unknown-access-key", "with an access key that nobody has", UNKNOWN_TOKEN, ({ credentials }) => {
    const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
    return { credentials: { ...credentials, accessKeyId } };
  }),
  {
    name: "restricted-route",
    title: ({ refusedRoute }) => `${refusedRoute ?? "a route"}, which nobody is granted`,
    answers: [
      refused(403, "AccessDeniedException", /is not authorized to perform: execute-api:Invoke on resource: /),
    ],
    source: AUTHORIZATION,
    hint: ({ probeRoute }) =>
      `The role's policies, or the API's resource policy, grant more than ${probeRoute}. Grant exact ARNs: API/STAGE/METHOD/path.`,
    notApplicable: ({ refusedRoute }) =>
      refusedRoute === undefined && "the outputs name no route that is granted to nobody (refused_route)",
    request: ({ deployment }, { credentials }) =>
      apiRequest(deployment, { route: deployment.refusedRoute, credentials }),
  },
  {
    name: "other-method",
    title: ({ probeRoute }) => `POST ${pathOf(probeRoute)}, a method that the route does not have`,
    answers: [
      refused(403, "MissingAuthenticationTokenException", /^Missing Authentication Token$/),
      refused(403, "AccessDeniedException", /is not authorized to perform: execute-api:Invoke/),
      refused(404, undefined, /./),
    ],
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
    hint: "The deployed stage answers more methods than the project declares: look for ANY on /hello or a proxy resource.",
    // An API that is not this project's may do something for it.
    notApplicable: ({ probeRoute }) =>
      probeRoute !== OLDER_ROUTES.probe_route &&
      "which methods the path of probe_route has besides is not known",
    request: ({ deployment }, { credentials }) => apiRequest(deployment, { method: "POST", credentials }),
  },
];

function flipFirst(signature: string): string {
  return `${signature.startsWith("0") ? "1" : "0"}${signature.slice(1)}`;
}
