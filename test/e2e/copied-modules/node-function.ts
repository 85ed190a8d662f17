/** Two functions from one source. */
import { mkdirSync, writeFileSync } from "node:fs";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { NodeFunction } from "../../../stacks/modules/node-function";

mkdirSync("functions", { recursive: true });
writeFileSync(
  "functions/greeter.ts",
  "export const handler = async (): Promise<string> => `Hello ${process.env.WHOM}`;\n",
);

const app = new App();
const stack = new TerraformStack(app, "copied");
new AwsProvider(stack, "aws", { region: "us-east-1" });
stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: ">= 5.100.0" });
for (const whom of ["Ada", "Grace"]) {
  new NodeFunction(stack, whom, {
    name: `greet-${whom}`,
    entry: "functions/greeter.ts",
    environment: { WHOM: whom },
  });
}
app.synth();
