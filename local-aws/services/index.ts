/** All services of the account, and all that exists in it. */
import type { Account } from "../account";
import { apiGateway } from "./apigateway";
import { cognitoIdentity } from "./cognito-identity";
import { iam } from "./iam";
import { lambda } from "./lambda";
import { logs } from "./logs";
import type { Service } from "./service";
import { sts } from "./sts";

export const SERVICES: readonly Service[] = [cognitoIdentity, sts, iam, lambda, apiGateway, logs];

/** What exists in the account, as ARNs: after a destroy there should be nothing. */
export function resources({ state, ...account }: Account): string[] {
  const regional = `${account.region}:${account.id}`;
  return [
    ...Object.keys(state.cognitoIdentity.pools).map(
      (id) => `arn:aws:cognito-identity:${regional}:identitypool/${id}`,
    ),
    ...Object.values(state.iam.roles).map((role) => role.arn),
    ...Object.keys(state.iam.policies),
    ...Object.keys(state.lambda.functions).map((name) => `arn:aws:lambda:${regional}:function:${name}`),
    ...Object.keys(state.logs.groups).map((name) => `arn:aws:logs:${regional}:log-group:${name}`),
    ...Object.keys(state.apiGateway.restApis).map(
      (id) => `arn:aws:apigateway:${account.region}::/restapis/${id}`,
    ),
  ];
}
