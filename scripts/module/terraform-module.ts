/** The stacks as one Terraform module: its files, for teams whose own configuration is HCL. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App } from "cdktf";
import { GuardRails } from "../../stacks/modules/guard-rails";
import { DEFAULT_PROVIDER_VERSION, readSettings } from "../../stacks/settings";
import { TerraformModuleStack } from "../../stacks/terraform-module-stack";
import { type ModuleInterface, terraformModuleReadme } from "./terraform-module-readme";

/** As far as it is looked at: the rest is Terraform's. */
interface Configuration extends ModuleInterface {
  readonly data: Blocks;
  readonly resource: Blocks;
}

/** By type and name. */
type Blocks = Record<string, Record<string, Record<string, unknown>>>;

const STACK = "module";

/** The majors that the stacks are typed against; the tests apply the first version of these. */
const PROVIDER_VERSIONS = `>= ${DEFAULT_PROVIDER_VERSION}, < 7.0.0`;

/**
 * Makes the module's files, by their name. The same settings give the same bytes.
 *
 * @param environment the settings: defaults of the module's variables, or, like `USER_ROUTES`, what is in it and what isn't
 * @param directory what the example in the README takes it from
 * @throws SettingsError
 */
export function terraformModule(
  environment: Readonly<Record<string, string | undefined>>,
  directory: string,
): Map<string, string | Buffer> {
  // Who takes a module takes it for a stage that is to stay; no variable can switch it.
  const protectIdentities = environment.PROTECT_IDENTITIES || "true";
  const settings = readSettings({ ...environment, PROTECT_IDENTITIES: protectIdentities });
  const providerVersion = environment.AWS_PROVIDER_VERSION || PROVIDER_VERSIONS;
  const outdir = mkdtempSync(path.join(tmpdir(), "terraform-module-"));
  try {
    const app = new App({ outdir, stackTraces: false });
    new TerraformModuleStack(app, STACK, { settings, providerVersion });
    new GuardRails(app);
    app.synth();
    const stack = path.join(outdir, "stacks", STACK);
    const configuration: Configuration = JSON.parse(readFileSync(path.join(stack, "cdk.tf.json"), "utf8"));
    dropMetadata(configuration);
    const archives = takeArchives(configuration.resource, stack);
    const { required_version, required_providers } = configuration.terraform;
    const { data, resource, variable, output } = configuration;
    return new Map<string, string | Buffer>([
      ["README.md", terraformModuleReadme(configuration, settings, directory)],
      ["main.tf.json", json({ data, resource })],
      ["outputs.tf.json", json({ output })],
      ["variables.tf.json", json({ variable })],
      ["versions.tf.json", json({ terraform: { required_version, required_providers } })],
      ...archives,
    ]);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Takes away where in the app a block was declared. */
function dropMetadata({ data, resource }: Configuration): void {
  for (const block of [data, resource].flatMap((types) => Object.values(types).flatMap(Object.values))) {
    delete block["//"];
  }
}

/** Has each function take its zip from the module's directory. Returns the zips by their names there. */
function takeArchives(resource: Blocks, stack: string): [string, Buffer][] {
  return Object.entries(resource.aws_lambda_function ?? {}).map(([address, lambda]) => {
    const archive = readFileSync(path.join(stack, String(lambda.filename)));
    const name = `${address.replace(/_function$/, "")}.zip`;
    lambda.filename = `\${path.module}/${name}`;
    return [name, archive];
  });
}
