/** From a signed request to the principal that signed it. */
import { mergeContexts } from "../../iam-policy/context";
import type { Account } from "../account";
import type { Target } from "../protocols/protocol";
import type { HttpRequest } from "../read/http-request";
import { AuthenticationError } from "./authentication-error";
import { requestConditions } from "./condition-keys";
import { findKey, isAccessKeyId } from "./credentials";
import { parseSignature } from "./parsed-signature";
import { ANONYMOUS, type Principal } from "./principal";
import { checkTimeAndScope, verifySignature } from "./signature";

/** The region that is signed for at global endpoints. */
const GLOBAL_REGION = "us-east-1";

/** The scope that a request's credential must have. */
interface CredentialScope {
  readonly service: string;
  readonly region: string;
  /** Whether the service has a global endpoint beside the regional ones, or no other. @default - regional ones only */
  readonly globalEndpoint?: "also" | "only";
}

/**
 * Verifies a request's signature in AWS's order of checks: form, time, scope, key, token, signature. A refusal is recorded with
 * its real cause.
 *
 * @throws AuthenticationError in AWS's words
 */
export async function authenticate(
  account: Account,
  request: HttpRequest,
  scope: CredentialScope,
): Promise<Principal> {
  let signer = "";
  try {
    const parsed = parseSignature(request);
    if (isAccessKeyId(account, parsed.accessKeyId)) {
      signer = ` with key ${parsed.accessKeyId}`;
    }
    const globalRegion = scope.globalEndpoint && GLOBAL_REGION;
    checkTimeAndScope(parsed, { ...scope, globalRegion }, account.now());
    const { secretAccessKey, principal } = findKey(account, parsed);
    await verifySignature(request, parsed, secretAccessKey);
    // Of two endpoints, the signature tells which the client meant to call.
    const requested = scope.globalEndpoint === "only" ? GLOBAL_REGION : parsed.scopeRegion;
    const context = mergeContexts(principal.context, requestConditions(request), {
      "aws:RequestedRegion": requested,
    });
    return { ...principal, context };
  } catch (error) {
    if (error instanceof AuthenticationError) {
      account.decisions.note({
        kind: "signature",
        outcome: "refused",
        subject: `${request.method} ${request.path} for ${scope.service}${signer}`,
        detail: [`${error.failure}: ${error.explanation}`],
      });
    }
    throw error;
  }
}

/**
 * The caller of an operation; whoever calls one that takes no signature is anonymous.
 *
 * @throws AuthenticationError in AWS's words
 */
export async function authenticateCaller(
  account: Account,
  request: HttpRequest,
  { service, operation }: Target,
): Promise<Principal> {
  if (operation.permission === "unsigned") {
    return ANONYMOUS;
  }
  const { name, globalEndpoint } = service;
  return authenticate(account, request, { service: name, region: account.region, globalEndpoint });
}
