/** Invoking a function from inside the account, as API Gateway does. */

import { parsePolicy } from "../../../iam-policy/document";
import { type Evaluation, evaluate, explain } from "../../../iam-policy/evaluate";
import type { Account } from "../../account";
import type { LambdaFunction } from "../../account/state/lambda";
import { commonConditions, serviceConditions, sourceConditions } from "../../authenticate/condition-keys";
import { ServiceError } from "../service-error";
import { execute } from "./execution";
import { findVersion, functionArn } from "./functions";
import { policyDocument } from "./permissions";

const INVOKE = "lambda:InvokeFunction";

/** A service that invokes on behalf of one of its resources. */
interface InvokingService {
  /** e.g. `apigateway.amazonaws.com` */
  readonly service: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

/** How an invocation ended; `logTail` is the last 4 KB of its log. */
export type Invocation =
  | { readonly outcome: "ok"; readonly payload: Buffer; readonly logTail: string }
  | {
      readonly outcome: "function-error";
      readonly errorType: "Unhandled";
      readonly payload: Buffer;
      readonly logTail: string;
    }
  /** The function's policy doesn't let the service in, or its role doesn't let Lambda in. */
  | { readonly outcome: "not-permitted"; readonly logTail?: undefined }
  | { readonly outcome: "not-found"; readonly logTail?: undefined }
  | { readonly outcome: "throttled"; readonly logTail?: undefined }
  /** The account ended meanwhile, or the code can't be unpacked any more. */
  | { readonly outcome: "unavailable"; readonly logTail?: undefined };

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
    if (!mayInvoke(account, fn, invoker)) {
      return { outcome: "not-permitted" };
    }
    const { failed, payload: answer, logTail } = await execute(account, { fn, version, invokedArn, payload });
    if (failed) {
      return { outcome: "function-error", errorType: "Unhandled", payload: answer, logTail };
    }
    return { outcome: "ok", payload: answer, logTail };
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

/** Asks the function's policy, and records why it says yes or no. */
function mayInvoke(account: Account, fn: LambdaFunction, invoker: InvokingService): boolean {
  const evaluation = evaluateInvocation(account, functionArn(account, fn.name), policyDocument(fn), invoker);
  const allowed = evaluation.effect === "allow";
  account.decisions.note({
    kind: "resource-policy",
    outcome: allowed ? "allowed" : "refused",
    subject: `${invoker.service} for ${invoker.sourceArn} → ${INVOKE} on function ${fn.name}`,
    detail: explain(evaluation),
  });
  return allowed;
}

/** What a function's policy (JSON) says to a service that wants to invoke it. */
export function evaluateInvocation(
  account: Pick<Account, "id" | "region" | "now">,
  resource: string,
  policy: string,
  invoker: InvokingService,
): Evaluation {
  return evaluate(
    {
      principal: { type: "Service", id: invoker.service },
      action: INVOKE,
      resource,
      context: {
        ...commonConditions(account, resource),
        ...serviceConditions(invoker.service),
        ...sourceConditions({ arn: invoker.sourceArn, account: invoker.sourceAccount }),
      },
    },
    [{ kind: "resource-based", name: `the policy of ${resource}`, document: parsePolicy(policy) }],
  );
}
