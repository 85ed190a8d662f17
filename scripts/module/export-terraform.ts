/** `npm run module -- export-terraform`: writes the stacks as one Terraform module, for teams whose own configuration is HCL. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { ENDINGS } from "../../harness";
import { SettingsError } from "../../stacks/settings";
import { subcommand } from "../command";
import { givenDirectory } from "./given-directory";
import { terraformModule } from "./terraform-module";

export function exportTerraformCommand(): Command {
  return subcommand(
    "export-terraform",
    "Writes the stacks as one Terraform module in JSON, with its functions' zips and a README that says how to call it.",
  )
    .argument("<DIR>", "where to", givenDirectory)
    .option("--force", "write over files that are there")
    .addHelpText(
      "after",
      `
The settings are taken from the environment, as for \`cdktf deploy\`. NAME_PREFIX, STAGE, DEVELOPER_PROVIDER_NAME, ALLOWED_ORIGIN and
those of the login endpoint become defaults of the module's variables. RESTRICTED_PROBE, PROTECT_IDENTITIES (here "true" unless it
is set), PRINCIPAL_TAGS, USER_ROUTES, TLS_POLICY, AWS_PROVIDER_VERSION, APP_ALGORITHMS, LOGIN_RETURNS and LOGIN_TOKEN_DURATION stay
as they are now. Region, account and state are its caller's, and so is a role that verifies (VERIFIER): copy the module github-role.

Exit codes: 0 written, or all there already; 1 a file is there that differs, and nothing was written; 2 wrong usage or settings.`,
    )
    .action((directory: string, { force = false }: { force?: boolean }) => {
      process.exitCode = exportTerraform(directory, force);
    });
}

function exportTerraform(directory: string, force: boolean): number {
  let files: ReturnType<typeof terraformModule>;
  try {
    files = terraformModule(process.env, path.basename(directory));
  } catch (error) {
    if (error instanceof SettingsError) {
      console.error(error.message);
      return ENDINGS.settings.code;
    }
    throw error;
  }
  const targets = [...files].map(([name, content]) => ({ file: path.join(directory, name), content }));
  const other = targets.filter(
    ({ file, content }) => existsSync(file) && !readFileSync(file).equals(Buffer.from(content)),
  );
  if (other.length > 0 && !force) {
    for (const { file } of other) {
      console.error(`${file} is there already, with another content.`);
    }
    console.error("Nothing was written. --force writes over it.");
    return ENDINGS.failed.code;
  }
  mkdirSync(directory, { recursive: true });
  for (const { file, content } of targets) {
    writeFileSync(file, content);
    console.log(file);
  }
  return ENDINGS.passed.code;
}
