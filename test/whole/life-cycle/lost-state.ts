/** A stack whose state is lost, brought back under Terraform's care by `terraform import` and import blocks. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../../../scripts/process";
import type { Workspace } from "../../../scripts/workspace";

interface StateResource {
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly instances: readonly { readonly attributes: Readonly<Record<string, string>> }[];
}

/**
 * The id under which each type of resource is imported, from its attributes.
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs (each resource's "Import")
 */
const IMPORT_IDS: Readonly<Record<string, readonly string[]>> = {
  aws_api_gateway_account: ["id"],
  aws_api_gateway_deployment: ["rest_api_id", "id"],
  aws_api_gateway_gateway_response: ["rest_api_id", "response_type"],
  aws_api_gateway_integration: ["rest_api_id", "resource_id", "http_method"],
  aws_api_gateway_integration_response: ["rest_api_id", "resource_id", "http_method", "status_code"],
  aws_api_gateway_method: ["rest_api_id", "resource_id", "http_method"],
  aws_api_gateway_method_response: ["rest_api_id", "resource_id", "http_method", "status_code"],
  aws_api_gateway_method_settings: ["rest_api_id", "stage_name", "method_path"],
  aws_api_gateway_resource: ["rest_api_id", "id"],
  aws_api_gateway_rest_api: ["id"],
  aws_api_gateway_rest_api_policy: ["id"],
  aws_api_gateway_stage: ["rest_api_id", "stage_name"],
  aws_cloudwatch_log_group: ["name"],
  aws_cognito_identity_pool: ["id"],
  aws_cognito_identity_pool_roles_attachment: ["identity_pool_id"],
  aws_iam_policy: ["arn"],
  aws_iam_role: ["name"],
  aws_iam_role_policy_attachment: ["role", "policy_arn"],
  aws_lambda_function: ["function_name"],
  aws_lambda_permission: ["function_name", "statement_id"],
};

/** One resource's change in a plan. */
export interface PlannedChange {
  readonly address: string;
  readonly type: string;
  readonly actions: readonly string[];
  /** Attributes whose values differ, known before the apply. */
  readonly attributes: readonly string[];
}

/** A resource as the lost state knew it. */
export interface LostResource {
  readonly address: string;
  readonly type: string;
  readonly importId: string;
}

export class LostState {
  readonly resources: readonly LostResource[];
  readonly #directory: string;
  readonly #importBlocks: string;

  /** Loses the state: what it knew is kept here, to know by which ids to import it. */
  constructor(
    private readonly workspace: Workspace,
    private readonly account: Readonly<Record<string, string>>,
    stack: string,
  ) {
    this.#directory = path.join(workspace.directory, "cdktf.out", "stacks", stack);
    this.#importBlocks = path.join(this.#directory, "imports.tf.json");
    const file = path.join(workspace.directory, ".terraform-state", "local", `${stack}.tfstate`);
    const state: { resources: StateResource[] } = JSON.parse(readFileSync(file, "utf8"));
    this.resources = state.resources.filter(({ mode }) => mode === "managed").map(lostResource);
    renameSync(file, `${file}.lost`);
  }

  /** `terraform import` of the resources of the given types. */
  async importByCommand(types: readonly string[]): Promise<void> {
    for (const { type, address, importId } of this.resources) {
      if (types.includes(type)) await this.terraform("import", "-input=false", address, importId);
    }
  }

  /** Imports the resources that aren't of these types by import blocks; returns the changes that the apply made beside. */
  async importByBlocks(exceptTypes: readonly string[]): Promise<PlannedChange[]> {
    const blocks = this.resources
      .filter(({ type }) => !exceptTypes.includes(type))
      .map(({ address, importId }) => ({ to: address, id: importId }));
    writeFileSync(this.#importBlocks, JSON.stringify({ import: blocks }));
    await this.terraform("plan", "-input=false", "-out=imports.plan");
    const plan = JSON.parse(await this.terraform("show", "-json", "imports.plan"));
    await this.terraform("apply", "-input=false", "imports.plan");
    rmSync(this.#importBlocks);
    return plan.resource_changes.map(plannedChange).filter(({ actions }: PlannedChange) => actions.join() !== "no-op");
  }

  private async terraform(command: string, ...args: readonly string[]): Promise<string> {
    const { code, output } = await run({
      command: this.workspace.terraform,
      args: [command, "-no-color", ...args],
      cwd: this.#directory,
      env: { ...this.workspace.environment, ...this.account },
      signal: new AbortController().signal,
    });
    if (code !== 0) throw new Error(`terraform ${command} ${args.join(" ")} failed (exit code ${code}):\n${output}`);
    return output;
  }
}

function lostResource({ type, name, instances }: StateResource): LostResource {
  const attributes = instances[0]?.attributes ?? {};
  // Inline policies alone are separated by a colon.
  const importId =
    type === "aws_iam_role_policy" ? `${attributes.role}:${attributes.name}` : IMPORT_IDS[type]?.map((name) => attributes[name]).join("/");
  if (importId === undefined) throw new Error(`How is ${type} imported? Add it to IMPORT_IDS.`);
  return { address: `${type}.${name}`, type, importId };
}

interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
  };
}

/** Format: https://developer.hashicorp.com/terraform/internals/json-format#change-representation */
function plannedChange({ address, type, change: { actions, before, after } }: ResourceChange): PlannedChange {
  const attributes = Object.entries(after ?? {})
    .filter(([name, value]) => JSON.stringify(before?.[name] ?? null) !== JSON.stringify(value))
    .map(([name]) => name);
  return { address, type, actions, attributes: attributes.sort() };
}
