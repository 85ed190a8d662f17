/** Plans of all stacks in the order in which they would be applied, made by Terraform with the state as it is; nothing is applied. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { ToolFailedError } from "../cdktf";
import { type Ended, run } from "../process";
import type { Workspace } from "../workspace";
import { readPlan, type TerraformPlan } from "./terraform-plan";

/** What came of planning one stack. */
export type StackPlan = { readonly stack: string } & (
  | ({ readonly outcome: "unchanged" } & TerraformPlan)
  | ({ readonly outcome: "changed"; readonly text: string } & TerraformPlan)
  /** It takes outputs of stacks that have to be applied first, so that no plan of it can be made now. */
  | { readonly outcome: "waiting"; readonly waitsFor: readonly string[]; readonly resources: number }
  | { readonly outcome: "failed"; readonly text: string }
);

const manifestSchema = z.object({
  stacks: z.record(z.string(), z.object({ dependencies: z.array(z.string()) })),
});

/** Plans what was synthesised into the workspace's `cdktf.out/`. */
export async function planStacks(workspace: Workspace, signal: AbortSignal): Promise<StackPlan[]> {
  const plans = new Map<string, StackPlan>();
  for (const { stack, dependencies } of inOrder(workspace)) {
    plans.set(
      stack,
      await planAfter(
        stack,
        dependencies.map((name) => plans.get(name) as StackPlan),
        workspace,
        signal,
      ),
    );
  }
  return [...plans.values()];
}

/** Lists the stacks so that each comes after those that it takes outputs of. */
function inOrder({
  directory,
}: Workspace): { readonly stack: string; readonly dependencies: readonly string[] }[] {
  const manifest = readFileSync(path.join(directory, "cdktf.out", "manifest.json"), "utf8");
  const waiting = new Map(Object.entries(manifestSchema.parse(JSON.parse(manifest)).stacks));
  const ordered: { stack: string; dependencies: readonly string[] }[] = [];
  while (waiting.size > 0) {
    for (const [stack, { dependencies }] of waiting) {
      // cdktf refuses stacks that depend on each other in a circle.
      if (!dependencies.some((name) => waiting.has(name))) {
        ordered.push({ stack, dependencies });
        waiting.delete(stack);
      }
    }
  }
  return ordered;
}

async function planAfter(
  stack: string,
  dependencies: readonly StackPlan[],
  workspace: Workspace,
  signal: AbortSignal,
): Promise<StackPlan> {
  const directory = path.join(workspace.directory, "cdktf.out", "stacks", stack);
  const waiting = (waitsFor: readonly StackPlan[]): StackPlan => ({
    stack,
    outcome: "waiting",
    waitsFor: waitsFor.map((plan) => plan.stack),
    resources: countResources(directory),
  });
  const missing = dependencies.filter(
    (plan) => plan.outcome === "waiting" || ("deployed" in plan && !plan.deployed),
  );
  if (missing.length > 0) {
    return waiting(missing);
  }
  try {
    return { stack, ...(await planStack(directory, workspace, signal)) };
  } catch (error) {
    if (!(error instanceof ToolFailedError)) {
      throw error;
    }
    // An output that a change of theirs adds isn't in their state yet. What else is wrong shows in the plan after they are applied.
    const changing = dependencies.filter(({ outcome }) => outcome === "changed");
    return changing.length > 0 ? waiting(changing) : { stack, outcome: "failed", text: error.message };
  }
}

async function planStack(directory: string, workspace: Workspace, signal: AbortSignal) {
  // A plan file holds every value, secret ones too.
  const secret = mkdtempSync(path.join(tmpdir(), "plan-"));
  const file = path.join(secret, "plan");
  const terraform = async (...args: readonly string[]): Promise<Ended> => {
    const { terraform: command, environment: env } = workspace;
    const ended = await run({ command, args, cwd: directory, env, signal });
    // https://developer.hashicorp.com/terraform/cli/commands/plan#detailed-exitcode
    if (ended.code === 0 || (ended.code === 2 && args.includes("-detailed-exitcode"))) {
      return ended;
    }
    throw new ToolFailedError(`${command} ${args[0]} (${path.basename(directory)})`, ended);
  };
  try {
    // The backend is the one of the settings, whichever was used in this directory before; no state is moved.
    await terraform("init", "-reconfigure", "-input=false", "-no-color");
    const options = ["-detailed-exitcode", "-input=false", "-no-color", "-lock=false"];
    const { code } = await terraform("plan", ...options, `-out=${file}`);
    // One line; warnings, of the CLI's configuration say, stand beside it.
    const shown = (await terraform("show", "-json", file)).output.split("\n");
    const plan = readPlan(shown.find((line) => line.startsWith("{")) ?? "");
    if (code === 0) {
      return { outcome: "unchanged" as const, ...plan };
    }
    const { output: text } = await terraform("show", "-no-color", file);
    return { outcome: "changed" as const, text, ...plan };
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }
}

/** Counts the resources that the stack declares. */
function countResources(directory: string): number {
  const { resource = {} } = JSON.parse(readFileSync(path.join(directory, "cdk.tf.json"), "utf8"));
  return Object.values<object>(resource).reduce((sum, named) => sum + Object.keys(named).length, 0);
}
