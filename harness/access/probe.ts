/** A call that is made to see whether the gateway lets it pass; what the function answers then does not matter. */
import { type ApiResponse, apiRequest, errorResponseOf } from "../calls/api";
import type { Verdict } from "../report";
import type { Credentials } from "../run/connections";
import { AssertionError, firstLine, showErrorResponse } from "../run/errors";
import type { StepContext } from "../steps/step";

/** What the gateway did with a call. */
export interface Observation {
  /** Null when the answer does not tell. */
  readonly verdict: Verdict | null;
  readonly note?: string;
}

/** What is called, and what should become of it. */
export interface Probe {
  readonly method: string;
  /** Below the stage, its parameters filled in. */
  readonly path: string;
  readonly expected: Verdict;
  /** @default none - the call is not signed */
  readonly credentials?: Credentials;
}

/**
 * API Gateway's error classes of who may not call.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
const UNAUTHORIZED = /^(AccessDenied|Unauthorized)Exception$/;
/** Without a signature it means that one is needed, with one that there is no such route. */
const UNSIGNED_OR_UNKNOWN = "MissingAuthenticationTokenException";
/** The signature was not accepted, whatever it was for. */
const SIGNATURE = /^((Incomplete|Invalid)Signature|UnrecognizedClient|ExpiredToken)Exception$/;
/** What is complained of only after the authorization; a request is validated then. */
const VALIDATED = "BadRequestException";
/** The integration failed, or took too long. */
const INTEGRATION_FAILED = [502, 504];

/** Makes the call, and repeats it where another answer may come a moment later. @throws HarnessError when there is none */
export async function observe(
  { deployment, call }: StepContext,
  { method, path, expected, credentials }: Probe,
): Promise<Observation> {
  const request = apiRequest(deployment, { route: `${method} ${path}`, credentials });
  const read = (response: ApiResponse) => {
    const seen = observationOf(response, expected, credentials !== undefined);
    if (seen.verdict === expected || seen.verdict === "allowed") {
      return seen;
    }
    throw new OtherwiseError(request.name, expected, response, seen);
  };
  try {
    return await call({ ...request, read });
  } catch (error) {
    if (error instanceof OtherwiseError) {
      return error.seen;
    }
    throw error;
  }
}

/** The gateway's answer is another than it should be, which may pass. */
class OtherwiseError extends AssertionError {
  override readonly name = "OtherwiseError";

  constructor(
    subject: string,
    expected: Verdict,
    response: ApiResponse,
    readonly seen: Observation,
  ) {
    super(subject, expected, seen.verdict ?? "unclear", errorResponseOf(response));
  }
}

/**
 * Reads what the gateway did. Its own errors name their class in `x-amzn-ErrorType`, whatever their status; a function's answer does
 * not, and no status of it counts.
 */
function observationOf(response: ApiResponse, expected: Verdict, signed: boolean): Observation {
  const { header, status } = response;
  const [code = ""] = (header("x-amzn-errortype") ?? "").split(":");
  const shown = firstLine(showErrorResponse(errorResponseOf(response)));
  // Comes with what an integration answered; then the class, too, is the function's.
  if (header("x-amzn-trace-id") !== undefined || (code === "" && isOfGateway(response))) {
    return { verdict: "allowed", note: status < 400 ? undefined : `the function answered ${status}` };
  }
  if (UNAUTHORIZED.test(code) || (code === UNSIGNED_OR_UNKNOWN && !signed)) {
    return { verdict: "refused" };
  }
  if (code === UNSIGNED_OR_UNKNOWN || SIGNATURE.test(code)) {
    const note =
      code === UNSIGNED_OR_UNKNOWN ? "there is no such route in the deployed stage" : `answered ${shown}`;
    // Refused whoever calls: that says nothing about this caller.
    return { verdict: expected === "allowed" ? "refused" : null, note };
  }
  if (code === VALIDATED || (code !== "" && INTEGRATION_FAILED.includes(status))) {
    return { verdict: "allowed", note: `let pass, and then answered ${shown}` };
  }
  return { verdict: null, note: `not told by the answer ${shown}` };
}

function isOfGateway({ header }: ApiResponse): boolean {
  return header("x-amzn-requestid") !== undefined || header("x-amz-apigw-id") !== undefined;
}
