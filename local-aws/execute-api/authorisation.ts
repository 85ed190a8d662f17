/** Who may call a method: the signature, the caller's policies, and the API's resource policy. */
import { authorise } from "../access";
import { authenticate, requestKeys } from "../authenticate";
import { AuthenticationError, type AuthenticationFailure } from "../errors";
import { ANONYMOUS, type Principal } from "../principal";
import type { GatewayResponseType } from "../services/apigateway/gateway-response-type";
import type { RoutedCall } from "./api-call";
import { callerIdentity } from "./caller-identity";
import { GatewayError } from "./gateway-error";

/** @throws GatewayError when the signature is not accepted or the call is not allowed */
export async function authoriseCall(call: RoutedCall): Promise<void> {
  const { account, definition, request, route } = call;
  if (route.method.authorizationType === "AWS_IAM") {
    const caller = await authenticatedCaller(call);
    call.context.identity = callerIdentity(request, caller);
    decide(call, caller);
  } else if (definition.policy !== undefined) {
    // Without a signature only the resource policy can allow the call.
    decide(call, { ...ANONYMOUS, context: requestKeys(request) });
  }
  if (route.method.apiKeyRequired) {
    account.decisions.note({
      kind: "api-key",
      outcome: "refused",
      subject: invokeArn(call),
      detail: ["the method requires an API key, and this account has none"],
    });
    throw new GatewayError("INVALID_API_KEY", "ForbiddenException", "Forbidden");
  }
}

/**
 * The ARN that `execute-api:Invoke` is decided on: the path as it was sent, nothing decoded, nothing of the query.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
export function invokeArn({
  account,
  context,
  path,
}: Pick<RoutedCall, "account" | "context" | "path">): string {
  const { apiId, stage, httpMethod } = context;
  const resource = `${apiId}/${stage}/${httpMethod}/${path.replace(/^\//, "")}`;
  return `arn:aws:execute-api:${account.region}:${account.id}:${resource}`;
}

async function authenticatedCaller({ account, request }: RoutedCall): Promise<Principal> {
  try {
    return await authenticate(account, request, { service: "execute-api", region: account.region });
  } catch (error) {
    if (error instanceof AuthenticationError) throw signatureError(error);
    throw error;
  }
}

const FAILURES: Readonly<Record<AuthenticationFailure, readonly [GatewayResponseType, string]>> = {
  MissingAuthenticationToken: ["MISSING_AUTHENTICATION_TOKEN", "MissingAuthenticationTokenException"],
  IncompleteSignature: ["INVALID_SIGNATURE", "IncompleteSignatureException"],
  InvalidSignature: ["INVALID_SIGNATURE", "InvalidSignatureException"],
  UnrecognizedClient: ["INVALID_SIGNATURE", "UnrecognizedClientException"],
  ExpiredToken: ["EXPIRED_TOKEN", "ExpiredTokenException"],
};

export function signatureError({ failure, message }: AuthenticationError): GatewayError {
  return new GatewayError(...FAILURES[failure], message);
}

function decide(call: RoutedCall, caller: Principal): void {
  const resource = invokeArn(call);
  const decision = authorise(call.account, {
    caller,
    action: "execute-api:Invoke",
    resource,
    resourcePolicy: call.definition.policy,
  });
  if (decision.allowed) return;
  // API Gateway shows no more than the last four digits of the account that owns the API.
  const masked = resource.replace(call.account.id, `********${call.account.id.slice(-4)}`);
  throw new GatewayError("ACCESS_DENIED", "AccessDeniedException", decision.messageFor(masked), {
    messageKey: "Message",
  });
}
