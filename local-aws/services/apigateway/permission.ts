/** API Gateway's own IAM model: the action is the HTTP verb, the resource is the path of the request. */
import type { Account } from "../../account";
import type { HttpRequest } from "../../http";
import type { Permission } from "../../service";

/**
 * What the caller of a control-plane operation must be allowed to do, e.g. `apigateway:PATCH` on
 * `arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5`.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
 */
export function controlPlanePermission(call: { account: Account; request: HttpRequest }): Permission {
  return {
    action: `apigateway:${call.request.method.toUpperCase()}`,
    resource: `arn:aws:apigateway:${call.account.region}::${call.request.path}`,
  };
}
