// The app: which stacks exist for a stage. `cdktf synth` runs it.
import { App } from "cdktf";
import { ApiStack } from "./stacks/api-stack";
import { IdentityStack } from "./stacks/identity-stack";
import { LoginStack } from "./stacks/login-stack";
import { GuardRailError, GuardRails } from "./stacks/modules/guard-rails";
import { readSettings, SettingsError } from "./stacks/settings";
import { checkLocalState, StateMovedError } from "./stacks/state";
import { VerifierStack } from "./stacks/verifier-stack";

/** Exit code for what somebody has to change before anything is written: settings, where state is, what is declared. */
const REFUSED = 2;

function main(): void {
  const settings = readSettings(process.env);
  checkLocalState(settings);
  const app = new App({ stackTraces: false });
  const identity = new IdentityStack(app, "identity", { settings });
  const { api } = new ApiStack(app, "api", { settings, authenticatedRole: identity.authenticatedRole });
  if (settings.login !== undefined) {
    new LoginStack(app, "login", { settings, login: settings.login, pool: identity.pool });
  }
  if (settings.verifier !== undefined) {
    new VerifierStack(app, "verifier", { settings, verifier: settings.verifier, pool: identity.pool, api });
  }
  new GuardRails(app);
  app.synth();
}

try {
  main();
} catch (error) {
  if (![SettingsError, StateMovedError, GuardRailError].some((type) => error instanceof type)) {
    throw error;
  }
  console.error((error as Error).message);
  process.exitCode = REFUSED;
}
