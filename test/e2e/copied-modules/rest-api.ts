/** Two APIs in front of a function that exists, called by a role that exists; and a grant on the one as if it existed. */
import { DataAwsIamRole } from "@cdktf/provider-aws/lib/data-aws-iam-role";
import { DataAwsLambdaFunction } from "@cdktf/provider-aws/lib/data-aws-lambda-function";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformOutput, TerraformStack } from "cdktf";
import { RestApi } from "../../../stacks/modules/rest-api";

const app = new App();
const stack = new TerraformStack(app, "copied");
new AwsProvider(stack, "aws", { region: "us-east-1" });
stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: ">= 5.100.0" });

const handler = new DataAwsLambdaFunction(stack, "echo", { functionName: "echo" });
const caller = new DataAwsIamRole(stack, "caller", { name: app.node.getContext("caller") });
const apis = ["shop", "bank"].map((name) => {
  const api = new RestApi(stack, name, {
    name,
    stageName: "prod",
    routes: [
      { method: "GET", path: "/health", handler, authorization: "NONE" },
      { method: "GET", path: "/orders/{id}", handler },
      { method: "GET", path: "/accounts", handler },
      { method: "GET", path: "/secrets", handler },
    ],
  });
  api.grantInvoke(caller, "GET", "/orders/{id}");
  return api;
});
for (const [index, api] of apis.entries()) {
  new IamRolePolicy(stack, `accounts-${index}`, {
    role: caller.name,
    policy: RestApi.invokePolicyFor(api.executionArn, "prod", "GET", "/accounts"),
  });
}
new TerraformOutput(stack, "apis", { value: apis.map((api) => api.restApiId), staticId: true });
app.synth();
