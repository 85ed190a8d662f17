/** What a browser needs to see, and what it must not see, before it lets a page call the API. */
import { type ApiAnswer, callApi, refusalOf } from "../calls/api";
import { AssertionFailure, assertEqual } from "../calls/assert";
import type { CallLog } from "../calls/call-log";
import { NotApplicable, type Step, type Walk } from "../steps/step";
import type { RefusalSession } from "./session";

const CORS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html";

/** A page's origin when the outputs declare none. */
const SOME_ORIGIN = "https://app.harness.invalid";
/** An origin that no deployment allows. */
const OTHER_ORIGIN = "https://elsewhere.harness.invalid";

/** What a signed request with temporary credentials carries beyond what every page may send. */
const SIGNED_HEADERS = ["authorization", "x-amz-date", "x-amz-security-token"] as const;

const ALLOW_ORIGIN = "access-control-allow-origin";
const ALLOW_HEADERS = "access-control-allow-headers";

type CorsCheck = Step<RefusalSession, void>;

const preflightAllowed: CorsCheck = {
  name: "preflight-allowed-origin",
  title: "OPTIONS /hello from the allowed origin",
  source: CORS,
  hint: "Browsers cannot call the API. OPTIONS must answer without a signature (authorisation NONE, not AWS_IAM) and allow the headers of a signed request.",
  expected: ({ deployment }) =>
    `200; allows ${deployment.allowedOrigin ?? "an origin"} and ${SIGNED_HEADERS.join(", ")}`,
  async run(walk, calls) {
    const { allowedOrigin } = walk.deployment;
    const answer = await preflight(
      walk,
      calls,
      allowedOrigin === "*" ? SOME_ORIGIN : (allowedOrigin ?? SOME_ORIGIN),
    );
    const allows = answer.header(ALLOW_ORIGIN);
    if (allowedOrigin === null) {
      if (allows === null) {
        throw new AssertionFailure(ALLOW_ORIGIN, "an origin", "absent");
      }
      calls.notes.push(`the outputs declare no allowed_origin; the API allows ${allows}`);
    } else {
      assertEqual(ALLOW_ORIGIN, allows, allowedOrigin);
    }
    const headers = (answer.header(ALLOW_HEADERS) ?? "").toLowerCase().split(/\s*,\s*/);
    const missing = SIGNED_HEADERS.filter((header) => !headers.includes(header));
    if (missing.length > 0) {
      throw new AssertionFailure(ALLOW_HEADERS, SIGNED_HEADERS.join(", "), `without ${missing.join(", ")}`);
    }
    return {
      actual: `${answer.status}; allows ${allows} and ${SIGNED_HEADERS.join(", ")}`,
      result: undefined,
    };
  },
};

const preflightOther: CorsCheck = {
  name: "preflight-other-origin",
  title: "OPTIONS /hello from another origin",
  source: CORS,
  hint: "Pages of any origin may call the API. Allow one origin, and don't answer with whatever origin asks.",
  expected: () => `${OTHER_ORIGIN} is not allowed`,
  async run(walk, calls) {
    if (walk.deployment.allowedOrigin === "*") {
      throw new NotApplicable("the outputs declare that every origin is allowed (*)");
    }
    const allows = (await preflight(walk, calls, OTHER_ORIGIN)).header(ALLOW_ORIGIN);
    if (allows === "*" && walk.deployment.allowedOrigin === null) {
      throw new NotApplicable(
        "the API allows every origin (*); declare the output allowed_origin to have it asserted",
      );
    }
    if (allows === OTHER_ORIGIN || allows === "*") {
      throw new AssertionFailure(ALLOW_ORIGIN, `not ${OTHER_ORIGIN}`, allows);
    }
    return { actual: `allows ${allows ?? "no origin"}`, result: undefined };
  },
};

const refusalReadable: CorsCheck = {
  name: "cors-on-403",
  title: "GET /hello without a signature, from a page",
  source: CORS,
  hint: "The gateway's own errors carry no CORS header, so that a browser hides them from the page. Set it on the gateway responses DEFAULT_4XX and DEFAULT_5XX.",
  expected: ({ deployment }) => `403 that allows ${deployment.allowedOrigin ?? "an origin"}`,
  async run(walk, calls) {
    const { allowedOrigin } = walk.deployment;
    const origin = allowedOrigin === null || allowedOrigin === "*" ? SOME_ORIGIN : allowedOrigin;
    const answer = await walk.patience.call(calls, "GET /hello", () =>
      answered(walk, calls, 403, {
        method: "GET",
        path: "/hello",
        signing: null,
        headers: { Origin: origin },
      }),
    );
    const allows = answer.header(ALLOW_ORIGIN);
    if (allowedOrigin !== null) {
      assertEqual(ALLOW_ORIGIN, allows, allowedOrigin);
    } else if (allows === null) {
      throw new AssertionFailure(ALLOW_ORIGIN, "an origin", "absent");
    }
    return { actual: `403 that allows ${allows}`, result: undefined };
  },
};

/** In the order in which they are asked. */
export const CORS_CHECKS = [preflightAllowed, preflightOther, refusalReadable] as const;

/** What a browser sends before a signed request. */
function preflight(walk: Walk, calls: CallLog, origin: string): Promise<ApiAnswer> {
  return walk.patience.call(calls, "OPTIONS /hello", () =>
    answered(walk, calls, 200, {
      method: "OPTIONS",
      path: "/hello",
      signing: null,
      headers: {
        Origin: origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": SIGNED_HEADERS.join(","),
      },
    }),
  );
}

async function answered(
  walk: Walk,
  calls: CallLog,
  status: number,
  call: Parameters<typeof callApi>[2],
): Promise<ApiAnswer> {
  const answer = await callApi(walk, calls, call);
  if (answer.status !== status) {
    const refusal = refusalOf(answer);
    throw new AssertionFailure(
      "status",
      String(status),
      `${answer.status} ${refusal.code ?? ""}`.trim(),
      refusal,
    );
  }
  return answer;
}
