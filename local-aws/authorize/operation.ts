/** IAM's yes or no to an operation of a service. */
import { mergeContexts } from "../../iam-policy/context";
import { protocolOf } from "../protocols";
import type { Target } from "../protocols/protocol";
import type { Call } from "../services/service";
import { ServiceError } from "../services/service-error";
import { authorize } from "./authorize";
import { requestTagConditions } from "./request-tags";

/** @throws ServiceError in AWS's words, with the protocol's code, for the first permission that the caller lacks */
export function authorizeOperation(
  { account, request, caller, input }: Omit<Call<unknown>, "requestId">,
  { service, operation, operationName }: Target,
): void {
  if (operation.permission === "unsigned") {
    return;
  }
  const needed = [operation.permission({ account, input, request })].flat();
  for (const { action = `${service.name}:${operationName}`, resource, context } of needed) {
    const tags = requestTagConditions(account, service, resource, input);
    const decision = authorize(account, { caller, action, resource, context: mergeContexts(tags, context) });
    if (!decision.allowed) {
      const [code, status] = protocolOf(service).accessDenied;
      throw new ServiceError(code, decision.message, status);
    }
  }
}
