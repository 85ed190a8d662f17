/** The page of an exported Terraform module: how to call it, its variables and outputs, and what can't be changed there. */
import { DEFAULT_PROVIDER_VERSION, type Settings } from "../../stacks/settings";

/** What a module's caller sees of it. */
export interface ModuleInterface {
  readonly terraform: {
    readonly required_version: string;
    readonly required_providers: { readonly aws: { readonly version: string } };
  };
  readonly variable: Readonly<Record<string, Variable>>;
  readonly output: Readonly<Record<string, { readonly description: string }>>;
}

interface Variable {
  readonly default: string;
  readonly description: string;
  readonly validation: readonly { readonly error_message: string }[];
}

/** @param directory what the example takes the module from */
export function terraformModuleReadme(
  { terraform, variable, output }: ModuleInterface,
  settings: Settings,
  directory: string,
): string {
  const { required_version, required_providers } = terraform;
  return `# Developer-authenticated identities

A Terraform module: an identity pool with a developer provider, the role of its signed-in identities, and a REST API behind
\`AWS_IAM\` with its function${settings.login === undefined ? "" : ", and a login endpoint"}. It was written by \`npm run module -- export-terraform\`: change nothing here by hand, and
export it again instead.

\`\`\`hcl
provider "aws" {
  region = "${settings.region}"
}

module "developer_identities" {
  source = "./${directory}"

${aligned(Object.entries(variable).map(([name, { default: byDefault }]) => [name, JSON.stringify(byDefault)]))}
}

output "developer_identities" {
  value = module.developer_identities
}
\`\`\`

Every variable has a default, the one shown. Terraform ${required_version}; \`hashicorp/aws\` ${required_providers.aws.version} (applied with ${DEFAULT_PROVIDER_VERSION}, never with 6).
Region, account and tags are the provider's: the module takes the one that it is given, and tags nothing of its own
(\`default_tags\` does). The region must be one of the partition \`aws\`.

| variable | | give |
|---|---|---|
${rows(Object.entries(variable).map(([name, { description, validation }]) => [`\`${name}\``, description, formOf(validation)]))}

| output | |
|---|---|
${rows(Object.entries(output).map(([name, { description }]) => [`\`${name}\``, description]))}

Terraform can't make these depend on a variable, or they decide what is there at all; they were set when the module was exported:

| | |
|---|---|
${rows(fixed(settings))}

With \`PROTECT_IDENTITIES\` Terraform refuses every plan that would destroy the pool; for a trial, export with
\`PROTECT_IDENTITIES=false\`, or again with \`--force\` before you destroy it.

To verify a deployment: \`terraform output -json developer_identities > outputs.json\`, and with the path of that file, in a checkout
of the project that wrote this, \`npm run verify -- --outputs FILE\`.
`;
}

function aligned(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `  ${name.padEnd(width)} = ${value}`).join("\n");
}

function rows(cells: readonly (readonly string[])[]): string {
  return cells.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}

/** The words of the refusal, without the variable's name before them. */
function formOf(validation: Variable["validation"]): string {
  return validation.map(({ error_message }) => error_message.replace(/^\w+: give (.*)\.$/, "$1")).join(" ");
}

function fixed(settings: Settings): string[][] {
  const { protectIdentities, restrictedProbe, principalTags, userRoutes, tlsPolicy, login } = settings;
  const values = {
    PROTECT_IDENTITIES: protectIdentities,
    RESTRICTED_PROBE: restrictedProbe,
    PRINCIPAL_TAGS: principalTags.map(({ claim, tag }) => `${claim}=${tag}`).join(","),
    USER_ROUTES: userRoutes,
    TLS_POLICY: tlsPolicy,
    APP_ALGORITHMS: login && "algorithms" in login.sessions ? login.sessions.algorithms.join(",") : "",
    LOGIN_RETURNS: login?.returns,
    LOGIN_TOKEN_DURATION: login?.tokenDuration,
  };
  return Object.entries(values).map(([name, value = ""]) => [`\`${name}\``, String(value) || "none"]);
}
