/** Where tools run: in a directory of the run's own, so that no user's state, outputs or `cdktf.out` is touched, or in the user's. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { loginVariables } from "../stacks/login-settings";
import { verifierVariables } from "../stacks/verifier-settings";
import { findTerraform, providerEnvironment } from "./terraform";

export const PROJECT = path.resolve(__dirname, "..");

/** The directory and what tools run in it with. */
export interface Workspace {
  readonly directory: string;
  /** Where cdktf writes the outputs of all stacks. */
  readonly outputsFile: string;
  /** terraform or tofu. */
  readonly terraform: string;
  /** What every tool of the run gets, but for the account that it works with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  remove(): void;
}

/** What keeps tools from drawing, asking and advertising. */
const QUIET = {
  // cdktf redraws its screen unless it runs in CI.
  CI: "true",
  CHECKPOINT_DISABLE: "1",
  // The SDK's versions are pinned; that later ones drop this Node isn't news for this run.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  TF_IN_AUTOMATION: "1",
};

/** Settings of the project that are the run's own; the others it takes from its caller. */
const SETTINGS_REPLACED = [
  "STAGE",
  "STATE_BUCKET",
  "PROTECT_IDENTITIES",
  "USER_ROUTES",
  ...Object.keys(loginVariables),
  ...Object.keys(verifierVariables),
];

/**
 * Makes the directory, with a `cdktf.json` that runs the app from there.
 *
 * @param app the file of the app. @default the project's own
 * @throws NoTerraformError
 */
export function createWorkspace(app = path.join(PROJECT, "main.ts")): Workspace {
  const terraform = findTerraform(process.env);
  const directory = mkdtempSync(path.join(tmpdir(), "developer-identities-"));
  const configuration = JSON.parse(readFileSync(path.join(PROJECT, "cdktf.json"), "utf8"));
  const command = [process.execPath, "--import", tsx(), app].map((part) => JSON.stringify(part)).join(" ");
  writeFileSync(path.join(directory, "cdktf.json"), JSON.stringify({ ...configuration, app: command }));
  const noProfiles = path.join(directory, "aws-config");
  writeFileSync(noProfiles, "");
  return {
    directory,
    outputsFile: path.join(directory, "outputs.json"),
    terraform,
    environment: {
      // With "*", the stage's default, nothing could show that other origins are kept out.
      ALLOWED_ORIGIN: "https://app.example",
      ...inherited(process.env),
      // An empty file in place of the user's: a profile could name credentials or endpoints of a real account.
      AWS_CONFIG_FILE: noProfiles,
      AWS_SHARED_CREDENTIALS_FILE: noProfiles,
      AWS_EC2_METADATA_DISABLED: "true",
      ...QUIET,
      TERRAFORM_BINARY_NAME: terraform,
      STAGE: "local",
      PROTECT_IDENTITIES: "false",
      AWS_REGION: process.env.AWS_REGION,
      AWS_PROVIDER_VERSION: process.env.AWS_PROVIDER_VERSION,
      ...providerEnvironment(process.env, directory),
    },
    remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/**
 * The caller's directory, settings, credentials and state, for what is to work with just these.
 *
 * @throws NoTerraformError
 */
export function openProject(directory = process.cwd()): Workspace {
  const terraform = findTerraform(process.env);
  const own = mkdtempSync(path.join(tmpdir(), "developer-identities-"));
  return {
    directory,
    outputsFile: path.join(directory, "outputs.json"),
    terraform,
    environment: {
      ...process.env,
      ...QUIET,
      TERRAFORM_BINARY_NAME: terraform,
      ...providerEnvironment(process.env, own),
    },
    // What is the caller's stays.
    remove: () => rmSync(own, { recursive: true, force: true }),
  };
}

/** Finds the URL of tsx's loader: the app runs from another directory, where `--import tsx` would find nothing. */
export function tsx(): string {
  return pathToFileURL(createRequire(__filename).resolve("tsx")).href;
}

/** Copies the caller's environment without what would lead to another account or change what Terraform does. */
function inherited(environment: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const foreign = (name: string) =>
    /^(AWS_|TF_CLI_|TF_VAR_|TF_WORKSPACE|TF_DATA_DIR)/.test(name) || SETTINGS_REPLACED.includes(name);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !foreign(name)));
}
