/** Plain Terraform on a stack that cdktf, or a test, has synthesised into a workspace. */
import path from "node:path";
import { type Ended, run } from "../../scripts/process";
import type { Workspace } from "../../scripts/workspace";

/** Where the workspace has the stack. */
export function stackDirectory(workspace: Workspace, stack: string): string {
  return path.join(workspace.directory, "cdktf.out", "stacks", stack);
}

/**
 * @param account what leads to the account
 * @throws Error with Terraform's words when it fails; that a plan would change something (`-detailed-exitcode`) is no failure
 */
export async function terraform(
  workspace: Workspace,
  account: Readonly<Record<string, string>>,
  stack: string,
  ...[command = "", ...args]: readonly string[]
): Promise<Ended> {
  const ended = await run({
    command: workspace.terraform,
    args: [command, "-no-color", ...args],
    cwd: stackDirectory(workspace, stack),
    env: { ...workspace.environment, ...account },
    signal: new AbortController().signal,
  });
  const fine = ended.code === 0 || (args.includes("-detailed-exitcode") && ended.code === 2);
  if (fine) {
    return ended;
  }
  throw new Error(
    `terraform ${command} ${args.join(" ")} (${stack}) failed (exit code ${ended.code}):\n${ended.output}`,
  );
}
