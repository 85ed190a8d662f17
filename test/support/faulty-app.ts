/** The project's app with one fault in it, as somebody could have deployed it: `FAULT` says which. */
import { ApiGatewayStage } from "@cdktf/provider-aws/lib/api-gateway-stage";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { App } from "cdktf";
import type { IConstruct } from "constructs";
import { ApiStack } from "../../stacks/api-stack";
import { IdentityStack } from "../../stacks/identity-stack";
import { readSettings } from "../../stacks/settings";

const FAULTS: Record<string, (identity: IdentityStack, api: ApiStack) => void> = {
  none() {},
  "no invoke grant"(_identity, api) {
    remove(api, (construct) => construct instanceof IamRolePolicy && construct.node.id.startsWith("grant-"));
  },
  "no Lambda permission"(_identity, api) {
    remove(api, (construct) => construct instanceof LambdaPermission);
    const [stage] = api.node.findAll().filter((construct) => construct instanceof ApiGatewayStage);
    (stage as ApiGatewayStage).dependsOn = [];
  },
  "wrong aud"(identity) {
    const [role] = identity.node.findAll().filter((construct) => construct instanceof IamRole);
    const policy = JSON.parse((role as IamRole).assumeRolePolicyInput as string);
    policy.Statement[0].Condition.StringEquals["cognito-identity.amazonaws.com:aud"] =
      "us-east-1:00000000-0000-0000-0000-000000000000";
    (role as IamRole).assumeRolePolicy = JSON.stringify(policy);
  },
};

function remove(stack: IConstruct, isFaulty: (construct: IConstruct) => boolean): void {
  const found = stack.node.findAll().filter(isFaulty);
  if (found.length === 0) {
    throw new Error("The app has nothing to break here.");
  }
  for (const construct of found) {
    construct.node.scope?.node.tryRemoveChild(construct.node.id);
  }
}

const settings = readSettings(process.env);
const app = new App({ stackTraces: false });
const identity = new IdentityStack(app, "identity", { settings });
const api = new ApiStack(app, "api", { settings, authenticatedRole: identity.authenticatedRole });
const fault = FAULTS[process.env.FAULT ?? "none"];
if (fault === undefined) {
  throw new Error(`Unknown FAULT ${process.env.FAULT}`);
}
fault(identity, api);
app.synth();
