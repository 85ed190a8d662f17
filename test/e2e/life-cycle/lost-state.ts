/** A stack whose state is lost, brought back under Terraform's care by `terraform import` and import blocks. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Workspace } from "../../../scripts/workspace";
import { stackDirectory, terraform } from "../../support/terraform";

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
  aws_api_gateway_method_settings: ["rest_api_id", "stage_name", "method_path"],
  aws_api_gateway_rest_api: ["id"],
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

/** A resource as the lost state knew it. */
interface LostResource {
  readonly address: string;
  readonly type: string;
  readonly importId: string;
}

export class LostState {
  readonly #resources: readonly LostResource[];
  readonly #imported = new Set<string>();
  readonly #importBlocks: string;

  /** Loses the state: what it knew is kept here, to know by which ids to import it. */
  constructor(
    private readonly workspace: Workspace,
    private readonly account: Readonly<Record<string, string>>,
    private readonly stack: string,
  ) {
    this.#importBlocks = path.join(stackDirectory(workspace, stack), "imports.tf.json");
    const states = path.join(workspace.directory, ".terraform-state", "local", `${account.AWS_REGION}`);
    const file = path.join(states, `${stack}.tfstate`);
    const state: { resources: StateResource[] } = JSON.parse(readFileSync(file, "utf8"));
    this.#resources = state.resources.filter(({ mode }) => mode === "managed").map(lostResource);
    renameSync(file, `${file}.lost`);
  }

  /** `terraform import` of the resources of the given types. */
  async importByCommand(types: readonly string[]): Promise<void> {
    for (const { type, address, importId } of this.#resources) {
      if (!types.includes(type)) {
        continue;
      }
      await this.terraform("import", "-input=false", address, importId);
      this.#imported.add(address);
    }
  }

  /** Imports all the others by import blocks; returns what else that apply changed: `TYPE ACTIONS: ATTRIBUTES`. */
  async importByBlocks(): Promise<string[]> {
    const blocks = this.#resources
      .filter(({ address }) => !this.#imported.has(address))
      .map(({ address, importId }) => ({ to: address, id: importId }));
    writeFileSync(this.#importBlocks, JSON.stringify({ import: blocks }));
    await this.terraform("plan", "-input=false", "-out=imports.plan");
    const plan = JSON.parse(await this.terraform("show", "-json", "imports.plan"));
    // Before the apply, which goes by the plan: whatever comes of it, later plans import nothing.
    rmSync(this.#importBlocks);
    await this.terraform("apply", "-input=false", "imports.plan");
    const changes: ResourceChange[] = plan.resource_changes;
    return changes
      .filter(({ change }) => change.actions.join() !== "no-op")
      .map(described)
      .sort();
  }

  private async terraform(...args: readonly string[]): Promise<string> {
    return (await terraform(this.workspace, this.account, this.stack, ...args)).output;
  }
}

function lostResource({ type, name, instances }: StateResource): LostResource {
  const attributes = instances[0]?.attributes ?? {};
  // Inline policies alone are separated by a colon.
  const importId =
    type === "aws_iam_role_policy"
      ? `${attributes.role}:${attributes.name}`
      : IMPORT_IDS[type]?.map((name) => attributes[name]).join("/");
  if (importId === undefined) {
    throw new Error(`How is ${type} imported? Add it to IMPORT_IDS.`);
  }
  return { address: `${type}.${name}`, type, importId };
}

/** https://developer.hashicorp.com/terraform/internals/json-format#change-representation */
interface ResourceChange {
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Readonly<Record<string, unknown>> | null;
    /** Without the values that only the apply will tell. */
    readonly after: Readonly<Record<string, unknown>> | null;
  };
}

function described({ type, change: { actions, before, after } }: ResourceChange): string {
  const attributes = Object.entries(after ?? {})
    .filter(([name, value]) => JSON.stringify(before?.[name] ?? null) !== JSON.stringify(value))
    .map(([name]) => name);
  return `${type} ${actions.join("+")}: ${attributes.sort().join(", ")}`;
}
