/** A deployment's life by plain Terraform, stack by stack: created, planned, changed, changed back and destroyed. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Cdktf, ToolFailedError } from "../cdktf";
import { run } from "../process";
import type { Workspace } from "../workspace";
import { revised } from "./revision";

/** What becomes of one stack; `revert` takes back what `update` changed. */
export interface Phase {
  readonly name: "create" | "plan" | "update" | "revert" | "destroy";
  readonly stack: string;
}

/** Terraform's command for a phase. Nobody else has the state, so nothing is locked. */
const COMMANDS: Readonly<Record<Phase["name"], readonly string[]>> = {
  create: ["apply", "-auto-approve"],
  plan: ["plan"],
  update: ["apply", "-auto-approve"],
  revert: ["apply", "-auto-approve"],
  destroy: ["destroy", "-auto-approve"],
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The stacks in a workspace. */
export class Life {
  private constructor(
    private readonly workspace: Workspace,
    private readonly signal: AbortSignal,
    /** The stacks' names, each after those that it depends on. */
    readonly stacks: readonly string[],
    /** What was synthesised, by stack. */
    private readonly configurations: ReadonlyMap<string, string>,
  ) {}

  /**
   * Synthesises the app.
   *
   * @param settings what the app is synthesised with
   * @throws ToolFailedError
   */
  static async begin(workspace: Workspace, settings: Environment, signal: AbortSignal): Promise<Life> {
    await new Cdktf(
      { ...workspace, environment: { ...workspace.environment, ...settings } },
      {},
      signal,
    ).synth();
    const manifest = JSON.parse(
      readFileSync(path.join(workspace.directory, "cdktf.out", "manifest.json"), "utf8"),
    );
    const stacks = inOrder(manifest.stacks);
    const texts = stacks.map((stack) => [stack, readFileSync(fileOf(workspace, stack), "utf8")] as const);
    return new Life(workspace, signal, stacks, new Map(texts));
  }

  /** All that was synthesised. A name that isn't in it is one that AWS made up. */
  get configuration(): string {
    return [...this.configurations.values()].join("\n");
  }

  /** The phases in their order. */
  get phases(): Phase[] {
    const each = (name: Phase["name"]) => this.stacks.map((stack): Phase => ({ name, stack }));
    return [
      ...each("create"),
      ...each("plan"),
      ...each("update"),
      ...each("revert"),
      ...each("destroy").reverse(),
    ];
  }

  /**
   * Goes through a phase.
   *
   * @param account what leads to the account
   * @throws ToolFailedError
   */
  async live({ name, stack }: Phase, account: Environment): Promise<void> {
    const configuration = this.configurations.get(stack) as string;
    writeFileSync(fileOf(this.workspace, stack), name === "update" ? revised(configuration) : configuration);
    const directory = path.dirname(fileOf(this.workspace, stack));
    if (!existsSync(path.join(directory, ".terraform"))) {
      await this.terraform(stack, ["init"], account);
    }
    await this.terraform(stack, COMMANDS[name], account);
  }

  private async terraform(stack: string, args: readonly string[], account: Environment): Promise<void> {
    const { terraform, environment } = this.workspace;
    const ended = await run({
      command: terraform,
      args: [...args, "-input=false", "-no-color", ...(args[0] === "init" ? [] : ["-lock=false"])],
      cwd: path.dirname(fileOf(this.workspace, stack)),
      env: { ...environment, ...account },
      signal: this.signal,
    });
    if (ended.code !== 0) {
      throw new ToolFailedError(`${terraform} ${args.join(" ")} (${stack})`, ended);
    }
  }
}

function fileOf(workspace: Workspace, stack: string): string {
  return path.join(workspace.directory, "cdktf.out", "stacks", stack, "cdk.tf.json");
}

/** The names of cdktf's manifest, each after those that it depends on. */
function inOrder(stacks: Readonly<Record<string, { readonly dependencies: readonly string[] }>>): string[] {
  const ordered = new Set<string>();
  const visit = (name: string) => {
    stacks[name]?.dependencies.forEach(visit);
    ordered.add(name);
  };
  Object.keys(stacks).forEach(visit);
  return [...ordered];
}
