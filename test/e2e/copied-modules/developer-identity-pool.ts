/** Two pools, one of them taken over from those that exist; what an existing one needs; a trial that goes again. */
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformOutput, TerraformStack } from "cdktf";
import { DeveloperIdentityPool } from "../../../stacks/modules/developer-identity-pool";

const app = new App();
const existing: string = app.node.getContext("existing");
const preventDestroy: boolean = app.node.getContext("preventDestroy");
const stack = new TerraformStack(app, "copied");
new AwsProvider(stack, "aws", { region: "us-east-1" });
stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: ">= 5.100.0" });

const shop = new DeveloperIdentityPool(stack, "shop", {
  identityPoolName: "shop",
  developerProviderName: "login.shop.example",
  preventDestroy,
});
const bank = new DeveloperIdentityPool(stack, "bank", {
  identityPoolName: "bank",
  developerProviderName: "login.bank.example",
  allowSessionTags: ["branch"],
  preventDestroy,
});
bank.identityPool.importFrom(existing);

const customers = new IamRole(stack, "customers", {
  name: "customers",
  assumeRolePolicy: DeveloperIdentityPool.trustPolicyFor(existing, "login.bank.example"),
});
new IamRolePolicy(stack, "minting", {
  role: customers.name,
  policy: DeveloperIdentityPool.mintingPolicyFor(shop.identityPoolArn),
});
new TerraformOutput(stack, "pools", {
  value: [shop.identityPoolId, bank.identityPoolId],
  staticId: true,
});
app.synth();
