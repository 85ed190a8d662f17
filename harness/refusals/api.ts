/** Calls to the API that are refused for what is wrong with their signature or their credentials. */
import { randomBytes } from "node:crypto";
import { apiRefusal, type RefusedCall } from "./refusal";

const HELLO = { method: "GET", path: "/hello" } as const;

/** Milliseconds; AWS accepts five minutes. */
const OLD = 10 * 60_000;

/** A region and a service that the API is not of. */
const OTHER_REGIONS = ["eu-west-1", "us-west-2"] as const;
const OTHER_SERVICE = "s3";

const SIGNING = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html";
const AUTHORISATION =
  "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-using-iam-policies-to-invoke-api.html";
const TEMPORARY_CREDENTIALS =
  "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html";

const SIGNATURES_UNCHECKED =
  "Signatures are not checked as they should be: is this route's authorisation AWS_IAM in the deployed stage, and does the call reach AWS itself?";

/** API Gateway's words are recorded; in which class it puts them is not. */
const UNKNOWN_TOKEN = {
  status: 403,
  code: null,
  message: /security token included in the request is invalid/i,
} as const;

/** In the order in which they are asked. */
export const SIGNATURE_REFUSALS: readonly RefusedCall[] = [
  {
    name: "unsigned",
    title: "GET /hello without a signature",
    answers: [
      { status: 403, code: "MissingAuthenticationTokenException", message: /^Missing Authentication Token$/ },
    ],
    source: AUTHORISATION,
    hint: "Anybody may call: the route's authorisation is not AWS_IAM. Set it, and deploy the API again.",
    send: (walk, calls) => apiRefusal(walk, calls, { ...HELLO, signing: null }),
  },
  {
    name: "tampered-signature",
    title: "GET /hello, one character of the signature flipped",
    answers: [
      {
        status: 403,
        code: "InvalidSignatureException",
        message: /^The request signature we calculated does not match/,
      },
    ],
    source: SIGNING,
    hint: SIGNATURES_UNCHECKED,
    send: (walk, calls, { credentials }) =>
      apiRefusal(walk, calls, {
        ...HELLO,
        signing: { credentials },
        alterSignature: (signature) => `${signature.startsWith("0") ? "1" : "0"}${signature.slice(1)}`,
      }),
  },
  {
    name: "other-region",
    title: "GET /hello, signed for another region",
    answers: [
      {
        status: 403,
        code: "InvalidSignatureException",
        message: /^Credential should be scoped to a valid region/,
      },
    ],
    source: SIGNING,
    hint: SIGNATURES_UNCHECKED,
    send: (walk, calls, { credentials }) => {
      const region = OTHER_REGIONS.find((other) => other !== walk.deployment.region);
      return apiRefusal(walk, calls, { ...HELLO, signing: { credentials, region } });
    },
  },
  {
    name: "other-service",
    title: "GET /hello, signed for another service",
    answers: [
      {
        status: 403,
        code: "InvalidSignatureException",
        message: /^Credential should be scoped to correct service/,
      },
    ],
    source: SIGNING,
    hint: SIGNATURES_UNCHECKED,
    send: (walk, calls, { credentials }) =>
      apiRefusal(walk, calls, { ...HELLO, signing: { credentials, service: OTHER_SERVICE } }),
  },
  {
    name: "no-session-token",
    title: "GET /hello, the session token left out",
    answers: [UNKNOWN_TOKEN],
    source: TEMPORARY_CREDENTIALS,
    hint: SIGNATURES_UNCHECKED,
    send: (walk, calls, { credentials: { accessKeyId, secretAccessKey } }) =>
      apiRefusal(walk, calls, { ...HELLO, signing: { credentials: { accessKeyId, secretAccessKey } } }),
  },
  {
    name: "other-session-token",
    title: "GET /hello, with the session token of another session",
    answers: [UNKNOWN_TOKEN],
    source: TEMPORARY_CREDENTIALS,
    hint: SIGNATURES_UNCHECKED,
    send: async (walk, calls, session) => {
      const { sessionToken } = (await session.other()).credentials;
      const credentials = { ...session.credentials, sessionToken };
      return apiRefusal(walk, calls, { ...HELLO, signing: { credentials } });
    },
  },
  {
    name: "old-date",
    title: "GET /hello, signed ten minutes ago",
    answers: [{ status: 403, code: "InvalidSignatureException", message: /^Signature expired: / }],
    source: SIGNING,
    hint: SIGNATURES_UNCHECKED,
    send: (walk, calls, { credentials }) =>
      apiRefusal(walk, calls, { ...HELLO, signing: { credentials, date: new Date(walk.clock.now() - OLD) } }),
  },
  {
    name: "unknown-access-key",
    title: "GET /hello, with an access key that nobody has",
    answers: [UNKNOWN_TOKEN],
    source: SIGNING,
    hint: SIGNATURES_UNCHECKED,
    send: (walk, calls, { credentials }) => {
      const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
      return apiRefusal(walk, calls, { ...HELLO, signing: { credentials: { ...credentials, accessKeyId } } });
    },
  },
  {
    name: "restricted-route",
    title: "GET /restricted, which nobody is granted",
    answers: [
      {
        status: 403,
        code: "AccessDeniedException",
        message: /is not authorized to perform: execute-api:Invoke on resource: /,
      },
    ],
    source: AUTHORISATION,
    hint: "The role's policies, or the API's resource policy, grant more than GET /hello. Grant exact ARNs: API/STAGE/METHOD/path.",
    send: (walk, calls, { credentials }) =>
      apiRefusal(walk, calls, { method: "GET", path: "/restricted", signing: { credentials } }),
  },
  {
    name: "other-method",
    title: "POST /hello, a method that the route does not have",
    answers: [
      { status: 403, code: "MissingAuthenticationTokenException", message: /^Missing Authentication Token$/ },
      {
        status: 403,
        code: "AccessDeniedException",
        message: /is not authorized to perform: execute-api:Invoke/,
      },
      { status: 404, code: null, message: /./ },
    ],
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
    hint: "The deployed stage answers more methods than the project declares: look for ANY on /hello or a proxy resource.",
    send: (walk, calls, { credentials }) =>
      apiRefusal(walk, calls, { method: "POST", path: "/hello", signing: { credentials } }),
  },
];
