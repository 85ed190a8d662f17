/** As many stages of this project in one app as the command line says. */
import { App } from "cdktf";
import { ApiStack } from "../../../stacks/api-stack";
import { IdentityStack } from "../../../stacks/identity-stack";
import { GuardRails } from "../../../stacks/modules/guard-rails";
import { readSettings } from "../../../stacks/settings";

const app = new App({ stackTraces: false });
for (let stage = 1; stage <= Number(process.argv[2]); stage += 1) {
  const settings = readSettings({ STAGE: `stage${stage}`, ALLOWED_ORIGIN: "https://app.example" });
  const identity = new IdentityStack(app, `identity-${stage}`, { settings });
  new ApiStack(app, `api-${stage}`, { settings, authenticatedRole: identity.authenticatedRole });
}
new GuardRails(app);
app.synth();
