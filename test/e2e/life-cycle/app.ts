/** The project's app with a third stack beside its own: what their settings don't reach, at the revision `REVISION`. */
import { App } from "cdktf";
import { ApiStack } from "../../../stacks/api-stack";
import { IdentityStack } from "../../../stacks/identity-stack";
import { readSettings } from "../../../stacks/settings";
import { REVISIONS } from "./revisions";
import { VariedStack } from "./varied-stack";

const settings = readSettings(process.env);
const app = new App({ stackTraces: false });
const identity = new IdentityStack(app, "identity", { settings });
new ApiStack(app, "api", { settings, authenticatedRole: identity.authenticatedRole });
const revision = REVISIONS[process.env.REVISION ?? ""];
if (revision === undefined) {
  throw new Error(`REVISION must be one of ${Object.keys(REVISIONS).join(", ")}`);
}
new VariedStack(app, "varied", { settings, revision });
app.synth();
