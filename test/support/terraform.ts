/** Plain Terraform on a stack that cdktf, or a test, has synthesised into a workspace, or in any other directory. */
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
export function terraform(
  workspace: Workspace,
  account: Readonly<Record<string, string>>,
  stack: string,
  ...args: readonly string[]
): Promise<Ended> {
  return terraformIn(stackDirectory(workspace, stack), workspace, account, ...args);
}

/** As {@link terraform}, in a directory of the test's own. */
export async function terraformIn(
  directory: string,
  workspace: Workspace,
  account: Readonly<Record<string, string>>,
  ...[command = "", ...args]: readonly string[]
): Promise<Ended> {
  const ended = await run({
    command: workspace.terraform,
    args: [command, "-no-color", ...args],
    cwd: directory,
    env: { ...workspace.environment, ...account },
    signal: new AbortController().signal,
  });
  const fine = ended.code === 0 || (args.includes("-detailed-exitcode") && ended.code === 2);
  if (fine) {
    return ended;
  }
  throw new Error(
    `terraform ${command} ${args.join(" ")} (${path.basename(directory)}) failed (exit code ${ended.code}):\n${ended.output}`,
  );
}
