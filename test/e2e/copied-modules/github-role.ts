/** Two roles of one repository, the second of which shares the first one's provider. */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformOutput, TerraformStack } from "cdktf";
import { GithubRole } from "../../../stacks/modules/github-role";

const app = new App();
const stack = new TerraformStack(app, "copied");
new AwsProvider(stack, "aws", { region: "us-east-1" });
stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: ">= 5.100.0" });

const deployer = new GithubRole(stack, "deployer", {
  roleName: "shop-deployer",
  repository: "shop/infra",
  repositoryIds: "12/74",
  environment: "production",
});
const planner = new GithubRole(stack, "planner", {
  roleName: "shop-planner",
  repository: "shop/infra",
  repositoryIds: "12/74",
  pullRequest: true,
  providerArn: deployer.providerArn,
});
new TerraformOutput(stack, "roles", { value: [deployer.roleArn, planner.roleArn], staticId: true });
app.synth();
