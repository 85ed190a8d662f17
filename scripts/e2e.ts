/** `npm run e2e`: the main job. Deploys the project to local AWS with real Terraform, walks the flow, and destroys it again. */
import { mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ENDINGS } from "../harness";
import { formatDuration } from "../harness/run/durations";
import { type LocalAws, startLocalAws } from "../local-aws";
import { readSettings } from "../stacks/settings";
import { callLines } from "./call-lines";
import { Cdktf } from "./cdktf";
import { npmCommand } from "./command";
import { conduct, interrupted } from "./conduct";
import { PhaseFailedError, Phases } from "./phases";
import { DemoLogin } from "./web/demo-login";
import type { Workspace } from "./workspace";

const command = npmCommand(
  "e2e",
  "Deploys this project with real Terraform to an AWS account inside this process, walks the flow and the calls that must be refused, plans again, and destroys everything again. Needs Terraform or OpenTofu on the PATH, and no AWS account.",
)
  .option(
    "--keep",
    "leave the account up after the walk, also after one that failed, and print how to use it",
  )
  .option("--report-dir <DIR>", "where the harness writes its reports")
  .option("--verbose", "print a line for each resource, also at a terminal")
  .addHelpText(
    "after",
    `
NAME_PREFIX, DEVELOPER_PROVIDER_NAME, ALLOWED_ORIGIN, AWS_REGION, AWS_PROVIDER_VERSION and TLS_POLICY are taken from the
environment; the stage is "local".

Exit codes: 0 all passed, 1 an assertion failed, 2 wrong usage or settings or no Terraform, 3 could not deploy or destroy,
130 interrupted.`,
  );

interface Options {
  readonly keep?: boolean;
  readonly reportDir?: string;
  readonly verbose?: boolean;
}

/** Deploys, walks and destroys. @throws NoTerraformError, SettingsError, ToolFailedError, PhaseFailedError */
async function runPhases(options: Options, workspace: Workspace, signal: AbortSignal): Promise<void> {
  const { region, allowedOrigin } = readSettings(workspace.environment);
  const phases = new Phases(options);
  const account = await phases.run(
    "start local AWS",
    () => startLocalAws({ region }),
    ({ endpoint }) => `${region}, at ${endpoint}`,
  );
  try {
    const login = await DemoLogin.ephemeral();
    const settings = login.settings(allowedOrigin);
    const environment = { ...account.environment, ...settings };
    const cdktf = new Cdktf(workspace, environment, signal, (change) => phases.resource(change));
    await phases.run(
      "deploy with cdktf",
      () => cdktf.deploy(),
      () => phases.counted(),
    );
    const planned = planAgain(cdktf);
    const walked: Counts[] = [];
    try {
      walked.push(await walk(phases, "walk the flow", cdktf, options.reportDir, ["--access"]));
      const sessions = await writeSessions(login, workspace.directory);
      const clientReportDir = options.reportDir && path.join(options.reportDir, "via-login");
      walked.push(await walk(phases, "walk the flow as a client", cdktf, clientReportDir, sessions));
      await phases.run(
        "plan again, begun with the walks",
        () => planned,
        ({ stacks, ms }) => `no change in ${stacks} stacks, planned in ${formatDuration(ms)}`,
      );
    } finally {
      // Terraform works in the workspace, which is gone after this.
      await Promise.allSettled([planned]);
      if (options.keep) {
        await keepUp(account, workspace, signal);
      }
    }
    if (options.keep) {
      return;
    }
    await phases.run(
      "destroy with cdktf",
      () => cdktf.destroy(),
      () => phases.counted(),
    );
    await phases.run(
      "look for leftovers",
      async () => {
        const leftovers = account.resources();
        if (leftovers.length > 0) {
          throw new PhaseFailedError(
            ENDINGS.failed.code,
            `Left in the account after destroy:\n${leftovers.join("\n")}`,
          );
        }
      },
      () => "nothing left",
    );
    const sum = (what: keyof Counts) => walked.reduce((total, counts) => total + counts[what], 0);
    phases.end(`${sum("steps")} steps and ${sum("refusals")} refusals passed`);
  } finally {
    await account.stop();
  }
}

/** A second plan that wants to change nothing. */
interface UnchangedPlan {
  readonly stacks: number;
  /** Milliseconds. */
  readonly ms: number;
}

/** Plans what was just deployed, beside whatever else is done meanwhile. @throws PhaseFailedError, ToolFailedError to whoever waits for it */
function planAgain(cdktf: Cdktf): Promise<UnchangedPlan> {
  const began = performance.now();
  const planned = cdktf.plan().then((changes) => {
    if (changes !== undefined) {
      throw new PhaseFailedError(
        ENDINGS.failed.code,
        `A second plan wants to change what was just deployed:\n${changes}`,
      );
    }
    return { stacks: cdktf.stacks().length, ms: performance.now() - began };
  });
  // It may fail before anybody waits for it.
  planned.catch(() => {});
  return planned;
}

/** Writes a session of each kind. Returns the harness's options that have it begin with them. */
async function writeSessions(login: DemoLogin, workspace: string): Promise<string[]> {
  const directory = mkdtempSync(path.join(workspace, "sessions-"));
  const sessions = {
    valid: await login.signIn("ada"),
    expired: await login.signIn("ada", { duration: -300 }),
    "other-audience": await login.signIn("ada", { audience: "another-application" }),
  };
  for (const [kind, session] of Object.entries(sessions)) {
    writeFileSync(path.join(directory, kind), session, { mode: 0o600 });
  }
  return ["--via", "login", "--session-command", `cat '${directory}'/"$SESSION_KIND"`];
}

/** What passed in a walk. */
interface Counts {
  readonly steps: number;
  readonly refusals: number;
}

/** How the harness closes a walk that passed. */
const PASSED = /passed\S*: (\d+) of \d+ steps, (\d+) of \d+ refusals/;

function walk(
  phases: Phases,
  name: string,
  cdktf: Cdktf,
  reportDir: string | undefined,
  options?: readonly string[],
): Promise<Counts> {
  let counts: Counts = { steps: 0, refusals: 0 };
  const onLine = (line: string) => {
    const [passed, steps, refusals] = PASSED.exec(line) ?? [];
    if (passed === undefined) {
      phases.line(line);
    } else {
      counts = { steps: Number(steps), refusals: Number(refusals) };
    }
  };
  const walked = async () => {
    const code = await cdktf.verify(reportDir, { options, onLine, colors: phases.screen.colors });
    if (code === ENDINGS.passed.code) {
      return counts;
    }
    const exitCode = code === ENDINGS.failed.code ? ENDINGS.failed.code : ENDINGS.unreachable.code;
    throw new PhaseFailedError(
      exitCode,
      `The harness ended with exit code ${code}; its lines above say why.`,
    );
  };
  return phases.run(name, walked, ({ steps, refusals }) => `${steps} steps and ${refusals} refusals passed`);
}

async function keepUp(account: LocalAws, workspace: Workspace, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    return;
  }
  const exports = Object.entries(account.environment).map(([name, value]) => `  export ${name}='${value}'`);
  const lines = callLines(workspace.outputsFile).map((line) => `  ${line}`);
  console.log(`
The account stays up. To use it, in another shell:

  unset AWS_PROFILE AWS_SESSION_TOKEN
${exports.join("\n")}

  npm run verify -- --outputs ${workspace.outputsFile}
  aws cognito-identity list-identity-pools --max-results 10
  curl '${account.endpoint}/_local/decisions?last=5'

To call the API as a user who is signed in, in a shell that is the user's from then on:

${lines.join("\n")}

Ctrl-C ends it and removes everything.`);
  await interrupted(signal);
}

const options = command.parse().opts<Options>();
void conduct((workspace, signal) => runPhases(options, workspace, signal)).then((code) => process.exit(code));
