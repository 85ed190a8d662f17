/** All services of the account, and all that exists in it. */
import type { Account } from "../account";
import { apiGateway } from "./apigateway";
import { cognitoIdentity } from "./cognito-identity";
import { iam } from "./iam";
import { lambda } from "./lambda";
import { logs } from "./logs";
import type { Service } from "./service";
import { sts } from "./sts";

export const SERVICES: readonly Service[] = [cognitoIdentity, sts, iam, lambda, logs, apiGateway];

/** What exists in the account, as ARNs: after a destroy there should be nothing. */
export function resources(account: Account): string[] {
  return SERVICES.flatMap((service) => service.resources?.(account) ?? []);
}
