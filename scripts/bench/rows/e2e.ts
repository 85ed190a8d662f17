/** The main job: all its phases beside the bare commands for the same stacks, and local AWS's part of the work. */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { startLocalAws } from "../../../local-aws";
import { readSettings } from "../../../stacks/settings";
import { NoTerraformError } from "../../terraform";
import { DemoLogin } from "../../web/demo-login";
import { createWorkspace, PROJECT, tsx, type Workspace } from "../../workspace";
import { type Contender, compare } from "../comparison";
import { type ProgramRun, runProgram } from "../program";
import { NotMeasuredError, type Pairs, type Row, type Sample } from "../row";

const ROUNDS = { warmUp: 0, counted: 5 };

/** Both rows are of the same runs. */
let measuring: Promise<{ readonly commands: Pairs; readonly share: Pairs }> | undefined;

export const E2E_ROWS: readonly Row[] = [
  {
    name: "e2e",
    what: "`npm run e2e`, all phases",
    against: "bare `cdktf deploy`, `terraform plan`, `cdktf destroy` of the same stacks",
    aims: [{ of: "wall", atMost: 1.15 }],
    rounds: ROUNDS,
    async measure(rounds) {
      measuring ??= measureE2e(rounds);
      return (await measuring).commands;
    },
  },
  {
    name: "e2e-local-aws",
    what: "the process of `npm run e2e`, which local AWS is in",
    against: "all processes of it",
    aims: [{ of: "cpu", atMost: 0.05 }],
    rounds: ROUNDS,
    async measure(rounds) {
      measuring ??= measureE2e(rounds);
      return (await measuring).share;
    },
  },
];

async function measureE2e(rounds: typeof ROUNDS) {
  const share = { a: [] as Sample[], b: [] as Sample[] };
  const whole: Contender = async () => {
    const ran = await e2e();
    const own = ran.nodes.find(({ program }) => program.endsWith("e2e.ts"));
    share.a.push({ cpu: own?.cpu });
    share.b.push({ cpu: ran.cpu });
    return { wall: ran.wall, cpu: ran.cpu };
  };
  const commands = await compare(whole, bareCommands, rounds);
  return {
    commands,
    share: { a: share.a.slice(rounds.warmUp), b: share.b.slice(rounds.warmUp) },
  };
}

function e2e(): Promise<ProgramRun> {
  const args = ["--import", tsx(), path.join(PROJECT, "scripts", "e2e.ts")];
  return runProgram({ command: process.execPath, args, cwd: PROJECT, env: process.env });
}

/** What somebody would type who has an account and trusts it. */
async function bareCommands(): Promise<Sample> {
  const workspace = workspaceOfTheRow();
  const { region, allowedOrigin } = readSettings(workspace.environment);
  const account = await startLocalAws({ region });
  const used = process.cpuUsage();
  try {
    const login = await DemoLogin.ephemeral();
    const env = { ...workspace.environment, ...account.environment, ...login.settings(allowedOrigin) };
    const cli = createRequire(__filename).resolve("cdktf-cli/bundle/bin/cdktf");
    const cdktf = (...args: readonly string[]) =>
      runProgram({ command: process.execPath, args: [cli, ...args], cwd: workspace.directory, env });
    const plan = (stack: string) =>
      runProgram({
        command: workspace.terraform,
        args: ["plan", "-input=false", "-lock=false"],
        cwd: path.join(workspace.directory, "cdktf.out", "stacks", stack),
        env,
      });
    const ran = [await cdktf("deploy", "*", "--auto-approve", "--outputs-file", workspace.outputsFile)];
    for (const stack of readdirSync(path.join(workspace.directory, "cdktf.out", "stacks"))) {
      ran.push(await plan(stack));
    }
    ran.push(await cdktf("destroy", "*", "--auto-approve"));
    const { user, system } = process.cpuUsage(used);
    const sum = (measure: "wall" | "cpu") => ran.reduce((total, run) => total + run[measure], 0);
    return { wall: sum("wall"), cpu: sum("cpu") + (user + system) / 1000 };
  } finally {
    await account.stop();
    workspace.remove();
  }
}

/** @throws NotMeasuredError without Terraform */
function workspaceOfTheRow(): Workspace {
  try {
    return createWorkspace();
  } catch (error) {
    throw error instanceof NoTerraformError ? new NotMeasuredError("no terraform and no tofu") : error;
  }
}
