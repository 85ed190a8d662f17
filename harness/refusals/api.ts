/** Calls to the API that are refused for what is wrong with their signature or their credentials. */
import { randomBytes } from "node:crypto";
import { apiRequest, pathOf } from "../calls/api";
import { OLDER_ROUTES } from "../run/outputs";
import { type Refusal, refused } from "./refusal";

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

/** API Gateway's words are recorded; in which class it puts them is not. */
const UNKNOWN_TOKEN = refused(403, undefined, /security token included in the request is invalid/i);

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
  {
    name: "tampered-signature",
    title: ({ probeRoute }) => `${probeRoute}, one character of the signature flipped`,
    answers: [
      refused(403, "InvalidSignatureException", /^The request signature we calculated does not match/),
    ],
    source: SIGNING,
    hint: SIGNATURES_UNCHECKED,
    request: ({ deployment }, { credentials }) =>
      apiRequest(deployment, { credentials, alterSignature: flipFirst }),
  },
  {
    name: "other-region",
    title: ({ probeRoute }) => `${probeRoute}, signed for another region`,
    answers: [refused(403, "InvalidSignatureException", /^Credential should be scoped to a valid region/)],
    source: SIGNING,
    hint: SIGNATURES_UNCHECKED,
    request: ({ deployment }, { credentials }) => {
      const region = OTHER_REGIONS.find((other) => other !== deployment.region);
      return apiRequest(deployment, { credentials, region });
    },
  },
  {
    name: "other-service",
    title: ({ probeRoute }) => `${probeRoute}, signed for another service`,
    answers: [refused(403, "InvalidSignatureException", /^Credential should be scoped to correct service/)],
    source: SIGNING,
    hint: SIGNATURES_UNCHECKED,
    request: ({ deployment }, { credentials }) =>
      apiRequest(deployment, { credentials, service: OTHER_SERVICE }),
  },
  {
    name: "no-session-token",
    title: ({ probeRoute }) => `${probeRoute}, the session token left out`,
    answers: [UNKNOWN_TOKEN],
    source: TEMPORARY_CREDENTIALS,
    hint: SIGNATURES_UNCHECKED,
    request: ({ deployment }, { credentials: { sessionToken: _, ...credentials } }) =>
      apiRequest(deployment, { credentials }),
  },
  {
    name: "other-session-token",
    title: ({ probeRoute }) => `${probeRoute}, with the session token of another session`,
    answers: [UNKNOWN_TOKEN],
    source: TEMPORARY_CREDENTIALS,
    hint: SIGNATURES_UNCHECKED,
    request: async ({ deployment }, session) => {
      const { sessionToken } = (await session.other()).credentials;
      return apiRequest(deployment, { credentials: { ...session.credentials, sessionToken } });
    },
  },
  {
    name: "old-date",
    title: ({ probeRoute }) => `${probeRoute}, signed ten minutes ago`,
    answers: [refused(403, "InvalidSignatureException", /^Signature expired: /)],
    source: SIGNING,
    hint: SIGNATURES_UNCHECKED,
    request: ({ deployment, clock }, { credentials }) =>
      apiRequest(deployment, { credentials, date: new Date(clock.now() - OLD) }),
  },
  {
    name: "unknown-access-key",
    title: ({ probeRoute }) => `${probeRoute}, with an access key that nobody has`,
    answers: [UNKNOWN_TOKEN],
    source: SIGNING,
    hint: SIGNATURES_UNCHECKED,
    request: ({ deployment }, { credentials }) => {
      const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
      return apiRequest(deployment, { credentials: { ...credentials, accessKeyId } });
    },
  },
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
      refusedRoute === undefined
        ? "the outputs name no route that is granted to nobody (refused_route)"
        : undefined,
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
      probeRoute === OLDER_ROUTES.probe_route
        ? undefined
        : "which methods the path of probe_route has besides is not known",
    request: ({ deployment }, { credentials }) => apiRequest(deployment, { method: "POST", credentials }),
  },
];

function flipFirst(signature: string): string {
  return `${signature.startsWith("0") ? "1" : "0"}${signature.slice(1)}`;
}
