/** Terraform as a prerequisite: which binary there is, and where it gets the AWS provider from. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { DEFAULT_PROVIDER_VERSION } from "../stacks/settings";
import { findOnPath } from "./process";

type Environment = Readonly<Record<string, string | undefined>>;

/** Neither Terraform nor OpenTofu can be run. */
export class NoTerraformError extends Error {
  override readonly name = "NoTerraformError";

  /** @param wanted the value of `TERRAFORM_BINARY_NAME`, if that is what can't be found */
  constructor(readonly wanted: string | undefined) {
    super(
      wanted
        ? `TERRAFORM_BINARY_NAME is ${JSON.stringify(wanted)}, and there is no such program on the PATH. Correct the variable or unset it.`
        : "Neither terraform nor tofu is on the PATH. Install Terraform 1.6 or later (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install/).",
    );
  }
}

/**
 * Finds the command that cdktf is to run: `TERRAFORM_BINARY_NAME` if set, else terraform, else tofu.
 *
 * @throws NoTerraformError
 */
export function findTerraform(environment: Environment): string {
  const wanted = environment.TERRAFORM_BINARY_NAME;
  const command = [...(wanted ? [wanted] : ["terraform", "tofu"])].find((name) =>
    findOnPath(name, environment.PATH ?? ""),
  );
  if (command === undefined) {
    throw new NoTerraformError(wanted);
  }
  return command;
}

const PROVIDER = path.join("registry.terraform.io", "hashicorp", "aws");

/**
 * Makes the variables that make Terraform find its provider: the user's own CLI configuration if there is one, else an unpacked
 * mirror if this machine has one, else nothing, which leaves it to the registry.
 *
 * @param directory where the CLI configuration for a mirror is written
 * @param optional as for {@link findProviderMirror}
 */
export function providerEnvironment(
  environment: Environment,
  directory: string,
  optional?: string,
): Record<string, string> {
  const configured = environment.TF_CLI_CONFIG_FILE;
  if (configured && existsSync(configured)) {
    return { TF_CLI_CONFIG_FILE: configured };
  }
  const mirror = findProviderMirror(environment, optional);
  if (mirror === undefined) {
    return {};
  }
  const file = path.join(directory, "mirror.tfrc");
  writeFileSync(file, mirrorConfiguration(mirror));
  // `terraform providers lock` asks the registry even where a mirror has the provider, and cdktf would copy it into a cache.
  return { TF_CLI_CONFIG_FILE: file, CDKTF_SKIP_PROVIDER_LOCK: "true", CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1" };
}

/**
 * Finds a folder that holds `registry.terraform.io/hashicorp/aws/VERSION/PLATFORM` for this machine's platform: the version that
 * is asked for, or any where a range of versions is. A mirror without it would keep Terraform from the registry.
 *
 * @param optional where add-on software lives; its folders are looked through one level deep
 */
export function findProviderMirror(environment: Environment, optional = "/opt"): string | undefined {
  const wanted = environment.AWS_PROVIDER_VERSION || DEFAULT_PROVIDER_VERSION;
  const exact = /^=? *(\d+\.\d+\.\d+)$/.exec(wanted)?.[1];
  return mirrorCandidates(environment, optional).find((candidate) => {
    const held = list(path.join(candidate, PROVIDER));
    const versions = exact === undefined ? held : held.filter((version) => version === exact);
    return versions.some((version) => existsSync(path.join(candidate, PROVIDER, version, platform())));
  });
}

/** Lists where mirrors may be: https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories */
function mirrorCandidates(environment: Environment, optional: string): string[] {
  const home = environment.HOME ?? homedir();
  const dataDirectories = (environment.XDG_DATA_DIRS || "/usr/local/share:/usr/share").split(":");
  return [
    ...(environment.PROVIDER_MIRROR ? [environment.PROVIDER_MIRROR] : []),
    path.resolve("terraform.d", "plugins"),
    path.join(home, ".terraform.d", "plugins"),
    ...(process.platform === "darwin"
      ? [home, "/"].map((root) =>
          path.join(root, "Library", "Application Support", "io.terraform", "plugins"),
        )
      : [environment.XDG_DATA_HOME || path.join(home, ".local", "share"), ...dataDirectories].map((root) =>
          path.join(root, "terraform", "plugins"),
        )),
    ...list(optional).map((name) => path.join(optional, name)),
  ];
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Tells Terraform's name for this machine, e.g. `linux_amd64`. */
function platform(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  return `${process.platform === "win32" ? "windows" : process.platform}_${architecture}`;
}

/** Writes a configuration. The registry stays the source of everything that the mirror doesn't hold; asked for both, it would have to be reachable. */
function mirrorConfiguration(mirror: string): string {
  const provider = `"registry.terraform.io/hashicorp/aws"`;
  return `provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = [${provider}]
  }
  direct {
    exclude = [${provider}]
  }
}
`;
}
