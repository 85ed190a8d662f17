/** `npm run e2e`: the main job. Deploys the project to local AWS with real Terraform, walks the flow, and destroys it again. */
import { parseArgs } from "node:util";
import { type LocalAws, startLocalAws } from "../local-aws";
import { readSettings, SettingsError } from "../stacks/settings";
import { Cdktf, ToolFailed } from "./cdktf";
import { PhaseFailed, Phases } from "./phases";
import { killRunning } from "./process";
import { NoTerraform } from "./terraform";
import { createWorkspace, type Workspace } from "./workspace";

const USAGE = `Usage: npm run e2e -- [--keep] [--report-dir DIR]

Deploys this project with real Terraform to an AWS account inside this process, walks the flow and the calls that must be
refused, and destroys everything again. Needs Terraform or OpenTofu on the PATH, and no AWS account.

  --keep             leave the account up after the walk, also after one that failed, and print how to use it
  --report-dir DIR   where the harness writes its reports
  --help             this text

NAME_PREFIX, DEVELOPER_PROVIDER_NAME, ALLOWED_ORIGIN, AWS_REGION, AWS_PROVIDER_VERSION and TLS_POLICY are taken from the
environment; the stage is "local".

Exit codes: 0 all passed, 1 an assertion failed, 2 wrong usage or settings or no Terraform, 3 could not deploy or destroy,
130 interrupted.`;

const EXIT = { passed: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

interface Options {
  readonly keep: boolean;
  readonly reportDir: string | undefined;
}

/** @throws NoTerraform, SettingsError, ToolFailed, PhaseFailed */
async function runPhases(options: Options, workspace: Workspace, signal: AbortSignal): Promise<void> {
  const { region } = readSettings(workspace.environment);
  const phases = new Phases((line) => console.log(line));
  const follow = (line: string) => phases.tell(line);
  const account = await phases.run("start local AWS", () => startLocalAws({ region }));
  try {
    const cdktf = new Cdktf(workspace, account.environment, signal, follow);
    await phases.run("deploy with cdktf", () => cdktf.deploy());
    await phases.run("plan again: nothing to change", async () => {
      const changes = await cdktf.plan();
      if (changes === undefined) {
        return;
      }
      throw new PhaseFailed(EXIT.failed, `A second plan wants to change what was just deployed:\n${changes}`);
    });
    try {
      await phases.run("walk the flow", () => walk(cdktf, options.reportDir));
    } finally {
      if (options.keep) {
        await keepUp(account, workspace, signal);
      }
    }
    if (options.keep) {
      return;
    }
    await phases.run("destroy with cdktf", () => cdktf.destroy());
    await phases.run("look for leftovers", async () => {
      const leftovers = account.resources();
      if (leftovers.length === 0) {
        return;
      }
      throw new PhaseFailed(EXIT.failed, `Left in the account after destroy:\n${leftovers.join("\n")}`);
    });
    console.log(`\nAll passed in ${phases.total()}.`);
  } finally {
    await account.stop();
  }
}

async function walk(cdktf: Cdktf, reportDir: string | undefined): Promise<void> {
  const code = await cdktf.verify(reportDir);
  if (code === EXIT.passed) {
    return;
  }
  const exitCode = code === EXIT.failed ? EXIT.failed : EXIT.unreachable;
  throw new PhaseFailed(exitCode, `The harness ended with exit code ${code}; its lines above say why.`);
}

async function keepUp(account: LocalAws, workspace: Workspace, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    return;
  }
  const exports = Object.entries(account.environment).map(([name, value]) => `  export ${name}='${value}'`);
  console.log(`
The account stays up. To use it, in another shell:

  unset AWS_PROFILE AWS_SESSION_TOKEN
${exports.join("\n")}

  npm run verify -- --outputs ${workspace.outputsFile}
  aws cognito-identity list-identity-pools --max-results 10
  curl '${account.endpoint}/_local/decisions?last=5'

Ctrl-C ends it and removes everything.`);
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

async function main(): Promise<number> {
  let values: { keep?: boolean; "report-dir"?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      options: { keep: { type: "boolean" }, "report-dir": { type: "string" }, help: { type: "boolean" } },
    }));
  } catch (error) {
    return complain(`${(error as Error).message}\n\n${USAGE}`, EXIT.usage);
  }
  if (values.help) {
    console.log(USAGE);
    return EXIT.passed;
  }
  const options = { keep: values.keep === true, reportDir: values["report-dir"] };
  const interruption = new AbortController();
  let workspace: Workspace | undefined;
  const interrupt = () => {
    if (interruption.signal.aborted) {
      // Asked twice: nothing is waited for any more.
      killRunning();
      workspace?.remove();
      process.exit(EXIT.interrupted);
    }
    interruption.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, interrupt);
  }
  try {
    workspace = createWorkspace();
    await runPhases(options, workspace, interruption.signal);
    return EXIT.passed;
  } catch (error) {
    if (error instanceof PhaseFailed) {
      return complain(error.message, error.exitCode);
    }
    if (interruption.signal.aborted) {
      return complain("Interrupted; nothing is left behind.", EXIT.interrupted);
    }
    if (error instanceof NoTerraform || error instanceof SettingsError) {
      return complain(error.message, EXIT.usage);
    }
    if (error instanceof ToolFailed) {
      return complain(error.message, EXIT.unreachable);
    }
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
