/** What the gateway itself refuses or cannot do, without asking an integration. */
import { GATEWAY_RESPONSE_STATUS, type GatewayResponseType } from "../apigateway/gateway-response-type";

export class GatewayError extends Error {
  override readonly name = "GatewayError";
  /** The HTTP status unless the gateway response is customized. */
  readonly status: number;
  /** The key of the message in the body; IAM's denials are written with a capital letter. */
  readonly messageKey: "message" | "Message";

  /**
   * @param responseType decides which customized gateway response applies
   * @param errorType the value of `x-amzn-ErrorType`
   * @param message what the client reads
   */
  constructor(
    readonly responseType: GatewayResponseType,
    readonly errorType: string,
    message: string,
    options: { status?: number; messageKey?: "message" | "Message" } = {},
  ) {
    super(message);
    this.status = options.status ?? GATEWAY_RESPONSE_STATUS[responseType] ?? 500;
    this.messageKey = options.messageKey ?? "message";
  }
}

/** A refusal that no gateway response customizes, and that isn't JSON. */
export class FixedRefusalError extends Error {
  override readonly name = "FixedRefusalError";

  constructor(
    readonly status: 413 | 414,
    message: string,
  ) {
    super(message);
  }
}

export function missingAuthenticationToken(): GatewayError {
  return new GatewayError(
    "MISSING_AUTHENTICATION_TOKEN",
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
  );
}

/**
 * @param status 500 for a wrong configuration, 502 for an integration's answer that makes no sense
 */
export function internalServerError(status: 500 | 502): GatewayError {
  return new GatewayError(
    status === 500 ? "API_CONFIGURATION_ERROR" : "DEFAULT_5XX",
    "InternalServerErrorException",
    "Internal server error",
    { status },
  );
}
