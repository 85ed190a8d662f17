/** From a signed request to the principal that signed it. */
import type { Account } from "../account";
import type { Session } from "../account/state/sts";
import type { HttpRequest } from "../read/http-request";
import { sessionPrincipal } from "../services/sts/sessions";
import { AuthenticationError } from "./authentication-error";
import { requestConditions, rootConditions } from "./condition-keys";
import type { Principal } from "./principal";
import {
  checkTimeAndScope,
  constantTimeEqual,
  type ParsedSignature,
  parseSignature,
  verifySignature,
} from "./signature";

/** The scope that a request's credential must have. */
interface CredentialScope {
  readonly service: string;
  readonly region: string;
  /** Where the service has a global endpoint as well: the region that is signed for there. @default - none */
  readonly globalRegion?: string;
  /** Whether the global endpoint is the service's only one, whatever region the client signs for. @default false */
  readonly onlyGlobal?: boolean;
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
    const claim = parseSignature(request);
    if (isKnownKey(account, claim.accessKeyId)) {
      signer = ` with key ${claim.accessKeyId}`;
    }
    checkTimeAndScope(claim, scope, account.now());
    const { secretAccessKey, principal } = findKey(account, claim);
    await verifySignature(request, claim, secretAccessKey);
    // Of two endpoints, the signature tells which the client meant to call.
    const requested = (scope.onlyGlobal && scope.globalRegion) || claim.scopeRegion;
    return {
      ...principal,
      context: { ...principal.context, ...requestConditions(request), "aws:RequestedRegion": requested },
    };
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

const INVALID_TOKEN = "The security token included in the request is invalid.";

/** Any other text may be a secret that was given as the key's id, and isn't repeated. */
function isKnownKey(account: Account, accessKeyId: string): boolean {
  const { rootCredentials, state } = account;
  return accessKeyId === rootCredentials.accessKeyId || Object.hasOwn(state.sts.sessions, accessKeyId);
}

function findKey(
  account: Account,
  claim: ParsedSignature,
): { secretAccessKey: string; principal: Principal } {
  const { rootCredentials } = account;
  const unrecognized = (explanation: string) =>
    new AuthenticationError("UnrecognizedClient", INVALID_TOKEN, explanation);
  if (claim.accessKeyId === rootCredentials.accessKeyId) {
    if (claim.sessionToken !== undefined) {
      throw unrecognized("a session token came with the root user's key, which has none");
    }
    return { secretAccessKey: rootCredentials.secretAccessKey, principal: rootPrincipal(account) };
  }
  const session: Session | undefined = Object.hasOwn(account.state.sts.sessions, claim.accessKeyId)
    ? account.state.sts.sessions[claim.accessKeyId]
    : undefined;
  if (session === undefined) {
    throw unrecognized("there is no such access key in this account");
  }
  if (claim.sessionToken === undefined) {
    throw unrecognized("the key is temporary, but no session token was sent with it");
  }
  if (!constantTimeEqual(claim.sessionToken, session.sessionToken)) {
    throw unrecognized("the session token belongs to another key");
  }
  if (account.now().getTime() >= session.expiration) {
    throw new AuthenticationError(
      "ExpiredToken",
      "The security token included in the request is expired",
      `the session ended at ${new Date(session.expiration).toISOString()}`,
    );
  }
  if (account.state.iam.roles[session.roleName]?.id !== session.roleId) {
    throw unrecognized(`the session's role ${session.roleName} doesn't exist any more`);
  }
  return { secretAccessKey: session.secretAccessKey, principal: sessionPrincipal(account, session) };
}

function rootPrincipal(account: Account): Principal {
  const arn = `arn:aws:iam::${account.id}:root`;
  return {
    type: "root",
    accountId: account.id,
    arn,
    userId: account.id,
    accessKeyId: account.rootCredentials.accessKeyId,
    context: rootConditions(account),
    sessionPolicies: [],
  };
}
