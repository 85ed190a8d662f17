/** Invoking a function from inside the account, as API Gateway does. */
import type { Account } from "../../account";
import { type InvokingService, mayInvoke } from "../../authorize/trust";
import { ServiceError } from "../service-error";
import { execute } from "./execution";
import { findVersion, functionArn } from "./functions";
import { policyDocument } from "./permissions";

/** How an invocation ended. */
export type Invocation =
  | { readonly outcome: "ok"; readonly payload: Buffer }
  | { readonly outcome: "function-error" }
  /** The function's policy doesn't let the service in, or its role doesn't let Lambda in. */
  | { readonly outcome: "not-permitted" }
  | { readonly outcome: "not-found" }
  | { readonly outcome: "throttled" }
  /** The account ended meanwhile, or the code can't be unpacked any more. */
  | { readonly outcome: "unavailable" };

/**
 * Invokes a function and waits for its answer.
 *
 * @param request.functionArn the function's ARN, with a version or without
 * @param request.payload JSON
 * @param request.invoker the service that invokes; it needs a statement in the function's policy
 */
export async function invokeFunction(
  account: Account,
  request: { functionArn: string; payload: Buffer; invoker: InvokingService },
): Promise<Invocation> {
  const { functionArn: invokedArn, payload, invoker } = request;
  try {
    const { fn, version } = findVersion(account, { FunctionName: invokedArn });
    const { name } = fn;
    if (!mayInvoke(account, { name, arn: functionArn(account, name), policy: policyDocument(fn) }, invoker)) {
      return { outcome: "not-permitted" };
    }
    const { failed, payload: result } = await execute(account, { fn, version, invokedArn, payload });
    return failed ? { outcome: "function-error" } : { outcome: "ok", payload: result };
  } catch (error) {
    const outcome = error instanceof ServiceError ? REFUSALS[error.code] : undefined;
    if (outcome === undefined) {
      throw error;
    }
    return { outcome };
  }
}

const REFUSALS: Readonly<Record<string, "not-found" | "throttled" | "not-permitted" | "unavailable">> = {
  ResourceNotFoundException: "not-found",
  TooManyRequestsException: "throttled",
  AccessDeniedException: "not-permitted",
  ServiceException: "unavailable",
  InvalidZipFileException: "unavailable",
};
