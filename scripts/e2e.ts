/** `npm run e2e`: the main job. Deploys the project to local AWS with real Terraform, walks the flow, and destroys it again. */
import { parseArgs } from "node:util";
import { type LocalAws, startLocalAws } from "../local-aws";
import { Cdktf, ToolFailed } from "./cdktf";
import { PhaseFailed, Phases } from "./phases";
import { NoTerraform } from "./terraform";
import { createWorkspace, type Workspace } from "./workspace";

const USAGE = `Usage: npm run e2e -- [--keep] [--report-dir DIR]

Deploys this project with real Terraform to an AWS account inside this process, walks the five-step flow against it,
and destroys everything again. Needs Terraform or OpenTofu on the PATH, and no AWS account.

  --keep             leave the account up after the walk and print how to use it; Ctrl-C ends it
  --report-dir DIR   where the harness writes its report
  --help             this text

Exit codes: 0 all passed, 1 an assertion failed, 2 wrong usage or no Terraform, 3 could not deploy or destroy.`;

export const EXIT = { passed: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

interface Options {
  readonly keep: boolean;
  readonly reportDir: string | undefined;
}

async function runPhases(options: Options, workspace: Workspace, signal: AbortSignal): Promise<number> {
  const phases = new Phases((line) => console.log(line));
  const follow = (line: string) => phases.tell(line);
  const account = await phases.run("start local AWS", () =>
    startLocalAws({ region: process.env.AWS_REGION || undefined }),
  );
  try {
    const cdktf = new Cdktf(workspace, account.environment, signal, follow);
    await phases.run("deploy with cdktf", () => cdktf.deploy());
    await phases.run("plan again: nothing to change", async () => {
      const changes = await cdktf.plan();
      if (changes !== undefined)
        throw new PhaseFailed(
          EXIT.failed,
          `A second plan wants to change what was just deployed:\n${changes}`,
        );
    });
    const code = await phases.run("walk the flow", () => cdktf.verify(options.reportDir));
    if (code !== EXIT.passed) return code;
    if (options.keep) {
      await keepUp(account, workspace, signal);
      return EXIT.passed;
    }
    await phases.run("destroy with cdktf", () => cdktf.destroy());
    await phases.run("look for leftovers", async () => {
      const leftovers = account.resources();
      if (leftovers.length > 0)
        throw new PhaseFailed(EXIT.failed, `Left in the account after destroy:\n${leftovers.join("\n")}`);
    });
    console.log(`\nAll passed in ${phases.total()}.`);
    return EXIT.passed;
  } finally {
    await account.stop();
  }
}

async function keepUp(account: LocalAws, workspace: Workspace, signal: AbortSignal): Promise<void> {
  console.log("\nThe account stays up. To use it, in another shell:\n");
  for (const [name, value] of Object.entries(account.environment)) console.log(`  export ${name}=${value}`);
  console.log(
    `\n  npm run verify -- --outputs ${workspace.outputsFile}\n  aws cognito-identity list-identity-pools --max-results 10`,
  );
  console.log(`  curl ${account.endpoint}/_local/decisions?last=5\n\nCtrl-C ends it and removes everything.`);
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

async function main(): Promise<number> {
  let values: { keep?: boolean; "report-dir"?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      options: { keep: { type: "boolean" }, "report-dir": { type: "string" }, help: { type: "boolean" } },
    }));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return EXIT.usage;
  }
  if (values.help) {
    console.log(USAGE);
    return EXIT.passed;
  }
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
  let workspace: Workspace | undefined;
  try {
    workspace = createWorkspace();
    return await runPhases(
      { keep: values.keep === true, reportDir: values["report-dir"] },
      workspace,
      interruption.signal,
    );
  } catch (error) {
    if (interruption.signal.aborted) {
      console.error("\nInterrupted; nothing is left behind.");
      return EXIT.interrupted;
    }
    if (error instanceof NoTerraform) return complain(error.message, EXIT.usage);
    if (error instanceof ToolFailed) return complain(error.message, EXIT.unreachable);
    if (error instanceof PhaseFailed) return complain(error.message, error.exitCode);
    throw error;
  } finally {
    workspace?.remove();
  }
}

function complain(message: string, exitCode: number): number {
  console.error(`\n${message}`);
  return exitCode;
}

void main().then((code) => process.exit(code));
