// The app: which stacks exist for a stage. `cdktf synth` runs it.
import { App } from "cdktf";
import { ApiStack } from "./stacks/api-stack";
import { IdentityStack } from "./stacks/identity-stack";
import { LoginStack } from "./stacks/login-stack";
import { readSettings, SettingsError } from "./stacks/settings";
import { checkLocalState, StateMovedError } from "./stacks/state";

/** Exit code for settings that cannot be used, and for state that must be moved first; nothing was synthesised. */
const WRONG_SETTINGS = 2;

function main(): void {
  const settings = readSettings(process.env);
  checkLocalState(settings);
  const app = new App({ stackTraces: false });
  const identity = new IdentityStack(app, "identity", { settings });
  new ApiStack(app, "api", { settings, authenticatedRole: identity.authenticatedRole });
  if (settings.login !== undefined) {
    new LoginStack(app, "login", { settings, login: settings.login, pool: identity.pool });
  }
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof StateMovedError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = WRONG_SETTINGS;
}
