/** How a job in a workspace ends: by itself, by Ctrl-C, or by an error that its user can mend; always cleaned up. */
import { ENDINGS } from "../harness";
import { SettingsError } from "../stacks/settings";
import { StateMovedError } from "../stacks/state";
import { ToolFailedError } from "./cdktf";
import { PhaseFailedError } from "./phases";
import { killRunning } from "./process";
import { NoTerraformError } from "./terraform";
import { createWorkspace, type Workspace } from "./workspace";

/** Runs the job in a workspace, by default one of its own, and removes that. Returns the exit code. */
export async function conduct(
  job: (workspace: Workspace, signal: AbortSignal) => Promise<void>,
  open: () => Workspace = createWorkspace,
): Promise<number> {
  const interruption = new AbortController();
  let workspace: Workspace | undefined;
  const interrupt = () => {
    if (interruption.signal.aborted) {
      // Asked twice: nothing is waited for any more.
      killRunning();
      workspace?.remove();
      process.exit(ENDINGS.interrupted.code);
    }
    interruption.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, interrupt);
  }
  try {
    workspace = open();
    await job(workspace, interruption.signal);
    return ENDINGS.passed.code;
  } catch (error) {
    if (error instanceof PhaseFailedError) {
      return printError(error.message, error.exitCode);
    }
    if (interruption.signal.aborted) {
      return printError("Interrupted; nothing is left behind.", ENDINGS.interrupted.code);
    }
    if ([NoTerraformError, SettingsError, StateMovedError].some((type) => error instanceof type)) {
      return printError((error as Error).message, ENDINGS.settings.code);
    }
    if (error instanceof ToolFailedError) {
      return printError(error.message, ENDINGS.unreachable.code);
    }
    throw error;
  } finally {
    workspace?.remove();
  }
}

/** Waits for Ctrl-C. */
export function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function printError(message: string, exitCode: number): number {
  console.error(`\n${message}`);
  return exitCode;
}
