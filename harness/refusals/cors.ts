/** What a browser needs to see, and what it must not see, before it lets a page call the API. */
import { type ApiCall, type ApiResponse, apiRequest, errorResponseOf, pathOf } from "../calls/api";
import { assertEqual } from "../calls/assert";
import { AssertionError } from "../run/errors";
import { type Deployment, OLDER_ROUTES } from "../run/outputs";
import { NotApplicableError, type Step, type StepContext } from "../steps/step";

const CORS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html";

/** A page's origin when the outputs declare none. */
const SOME_ORIGIN = "https://app.harness.invalid";
/** An origin that no deployment allows. */
const OTHER_ORIGIN = "https://elsewhere.harness.invalid";

/** What a signed request with temporary credentials carries beyond what every page may send. */
const SIGNED_HEADERS = ["authorization", "x-amz-date", "x-amz-security-token"] as const;

const ALLOW_ORIGIN = "access-control-allow-origin";
const ALLOW_HEADERS = "access-control-allow-headers";

/** Tells why no browser need call the API, as browsers always may this project's; false when one is to. */
const notForPages = ({ probeRoute, allowedOrigin }: Deployment) =>
  probeRoute !== OLDER_ROUTES.probe_route &&
  allowedOrigin === undefined &&
  "the outputs declare no allowed_origin, so that no browser need call the API";

/** In the order in which they are asked. */
export const CORS_CHECKS: readonly Step<unknown, void>[] = [
  {
    name: "preflight-allowed-origin",
    title: ({ probeRoute }) => `OPTIONS ${pathOf(probeRoute)} from the allowed origin`,
    source: CORS,
    hint: "Browsers cannot call the API. OPTIONS must answer without a signature (authorisation NONE, not AWS_IAM) and allow the headers of a signed request.",
    notApplicable: notForPages,
    expected: ({ deployment }) =>
      `200; allows ${deployment.allowedOrigin ?? "an origin"} and ${SIGNED_HEADERS.join(", ")}`,
    async run(context) {
      const { deployment, note } = context;
      const answer = await preflight(context, pageOf(deployment));
      const allows = allowedBy(answer, deployment);
      if (deployment.allowedOrigin === undefined) {
        note(`the outputs declare no allowed_origin; the API allows ${allows}`);
      }
      const headers = (answer.header(ALLOW_HEADERS) ?? "").toLowerCase().split(/\s*,\s*/);
      const missing = SIGNED_HEADERS.filter((header) => !headers.includes(header));
      if (missing.length > 0) {
        throw new AssertionError(ALLOW_HEADERS, SIGNED_HEADERS.join(", "), `without ${missing.join(", ")}`);
      }
      return { actual: `${answer.status}; allows ${allows} and ${SIGNED_HEADERS.join(", ")}` };
    },
  },
  {
    name: "preflight-other-origin",
    title: ({ probeRoute }) => `OPTIONS ${pathOf(probeRoute)} from another origin`,
    source: CORS,
    hint: "Pages of any origin may call the API. Allow one origin, and don't answer with whatever origin asks.",
    notApplicable: (deployment) =>
      notForPages(deployment) ||
      (deployment.allowedOrigin === "*" && "the outputs declare that every origin is allowed (*)"),
    expected: () => `${OTHER_ORIGIN} is not allowed`,
    async run(context) {
      const allows = (await preflight(context, OTHER_ORIGIN)).header(ALLOW_ORIGIN);
      if (allows === "*" && context.deployment.allowedOrigin === undefined) {
        throw new NotApplicableError(
          "the API allows every origin (*); declare the output allowed_origin to have it asserted",
        );
      }
      if (allows === OTHER_ORIGIN || allows === "*") {
        throw new AssertionError(ALLOW_ORIGIN, `not ${OTHER_ORIGIN}`, allows);
      }
      return { actual: `allows ${allows ?? "no origin"}` };
    },
  },
  {
    name: "cors-on-403",
    title: ({ probeRoute }) => `${probeRoute} without a signature, from a page`,
    source: CORS,
    hint: "The gateway's own errors carry no CORS header, so that a browser hides them from the page. Set it on the gateway responses DEFAULT_4XX and DEFAULT_5XX.",
    notApplicable: notForPages,
    expected: ({ deployment }) => `403 that allows ${deployment.allowedOrigin ?? "an origin"}`,
    async run(context) {
      const { deployment } = context;
      const answer = await answered(context, 403, { headers: { Origin: pageOf(deployment) } });
      return { actual: `403 that allows ${allowedBy(answer, deployment)}` };
    },
  },
];

/** Finds the origin of a page that may call the API. */
function pageOf({ allowedOrigin = "*" }: Deployment): string {
  return allowedOrigin === "*" ? SOME_ORIGIN : allowedOrigin;
}

/** Finds the origin that the answer allows. @throws AssertionError when it is not the declared one, or there is none */
function allowedBy(answer: ApiResponse, { allowedOrigin }: Deployment): string {
  const allows = answer.header(ALLOW_ORIGIN);
  if (allowedOrigin !== undefined) {
    assertEqual(ALLOW_ORIGIN, allows, allowedOrigin);
  } else if (allows === undefined) {
    throw new AssertionError(ALLOW_ORIGIN, "an origin", "absent");
  }
  return allows;
}

/** Sends what a browser sends before a signed request. */
function preflight(context: StepContext, origin: string): Promise<ApiResponse> {
  const [method = ""] = context.deployment.probeRoute.split(" ");
  return answered(context, 200, {
    method: "OPTIONS",
    headers: {
      Origin: origin,
      "Access-Control-Request-Method": method,
      "Access-Control-Request-Headers": SIGNED_HEADERS.join(","),
    },
  });
}

/** Makes the call, which must be answered with the status. */
function answered({ deployment, call }: StepContext, status: number, apiCall: ApiCall): Promise<ApiResponse> {
  const request = apiRequest(deployment, apiCall);
  const read = (response: ApiResponse) => {
    const answer = request.read(response);
    if (answer.status !== status) {
      const refusal = errorResponseOf(answer);
      const actual = `${answer.status} ${refusal.code ?? ""}`.trim();
      throw new AssertionError("status", String(status), actual, refusal);
    }
    return answer;
  };
  return call({ ...request, read });
}
