/** The least that a synth of this provider can be: one stack with one resource. */
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";

const app = new App({ stackTraces: false });
const stack = new TerraformStack(app, "one");
new AwsProvider(stack, "aws", { region: "us-east-1" });
new IamRole(stack, "role", { assumeRolePolicy: "{}" });
app.synth();
