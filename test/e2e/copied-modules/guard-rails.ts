/** A pool and nothing else, in a project that has no bindings of a provider, with the classic flow if the app's context says so. */
import { App, TerraformResource, TerraformStack } from "cdktf";
import { GuardRails } from "../../../stacks/modules/guard-rails";

const app = new App();
const stack = new TerraformStack(app, "copied");
const pool = new TerraformResource(stack, "pool", { terraformResourceType: "aws_cognito_identity_pool" });
pool.addOverride("identity_pool_name", "shop");
pool.addOverride("allow_classic_flow", app.node.tryGetContext("classic") === true);
new GuardRails(app);
app.synth();
