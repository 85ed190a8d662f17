/** Who may call a method: the signature, the caller's policies, and the API's resource policy. */

import { authenticate } from "../../authenticate/authenticate";
import { AuthenticationError, type AuthenticationFailure } from "../../authenticate/authentication-error";
import { requestConditions } from "../../authenticate/condition-keys";
import { ANONYMOUS, type Principal } from "../../authenticate/principal";
import { type AccessDecision, authorize } from "../../authorize/authorize";
import { segmentsOf } from "../../identify/path-template";
import type { GatewayResponseType } from "../apigateway/gateway-response-type";
import type { RoutedCall } from "./api-call";
import { callerIdentity } from "./caller-identity";
import { GatewayError } from "./gateway-error";

/**
 * Whoever signed the call, of which gateway responses and integrations are told; anonymous where the method takes no signature.
 *
 * @throws GatewayError when the signature is not accepted
 */
export async function authenticateCaller(call: RoutedCall): Promise<Principal> {
  const { account, request, route } = call;
  if (route.method.authorizationType !== "AWS_IAM") {
    return { ...ANONYMOUS, context: { ...ANONYMOUS.context, ...requestConditions(request) } };
  }
  try {
    const caller = await authenticate(account, request, { service: "execute-api", region: account.region });
    call.context.identity = callerIdentity(request, caller);
    return caller;
  } catch (error) {
    throw error instanceof AuthenticationError ? signatureError(error) : error;
  }
}

/** @throws GatewayError when the call is not allowed */
export function authorizeCall(call: RoutedCall, caller: Principal): void {
  const { account, definition, route } = call;
  // Without a signature only the resource policy can allow the call.
  if (route.method.authorizationType === "AWS_IAM" || definition.policy !== undefined) {
    decide(call, caller);
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
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
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

/**
 * The call must be allowed on its path as sent. Many spellings reach one method, so a Deny on another spelling of the path counts
 * as well: a refusal of `GET/hello` is not to be escaped by `//hello`.
 */
function decide(call: RoutedCall, caller: Principal): void {
  const asSent = decideOn(call, caller, call.path);
  if (!asSent.allowed) {
    throw accessDenied(call, asSent);
  }
  for (const path of otherSpellings(call.path)) {
    const decision = decideOn(call, caller, path);
    if (decision.effect === "explicit-deny") {
      throw accessDenied(call, decision);
    }
  }
}

function decideOn(call: RoutedCall, caller: Principal, path: string): AccessDecision {
  return authorize(call.account, {
    caller,
    action: "execute-api:Invoke",
    resource: invokeArn({ ...call, path }),
    resourcePolicy: call.definition.policy,
  });
}

/** The path without its empty segments, and that one decoded, where they differ from what was sent. */
function otherSpellings(path: string): string[] {
  const segments = segmentsOf(path);
  const spellings = [segments, segments.map(decoded)].map((parts) => `/${parts.join("/")}`);
  return [...new Set(spellings)].filter((spelling) => spelling !== path && spelling !== `/${path}`);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function accessDenied(call: RoutedCall, decision: AccessDecision): GatewayError {
  // API Gateway shows no more than the last four digits of the account that owns the API.
  const masked = invokeArn(call).replace(call.account.id, `********${call.account.id.slice(-4)}`);
  return new GatewayError("ACCESS_DENIED", "AccessDeniedException", decision.messageFor(masked), {
    messageKey: "Message",
  });
}
