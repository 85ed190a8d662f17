/** The project's own `cdktf` and harness, run in a workspace against an account. */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { type Ended, run } from "./process";
import { PROJECT, tsx, type Workspace } from "./workspace";

/** A tool ended with an error; the message holds its own words. */
export class ToolFailedError extends Error {
  override readonly name = "ToolFailedError";

  constructor(
    readonly command: string,
    { code, output }: Ended,
  ) {
    super(`\`${command}\` failed (exit code ${code}):\n\n${output.trim()}`);
  }
}

/** What is worth seeing while Terraform works: `aws_iam_role.x (pool/role): Creation complete after 1s [id=…]`. */
const RESOURCE = /(aws_\w+)\S* \((.+)\): (Creation|Modifications|Destruction) complete after (\w+)/;
const SUMMARY = /(\w+) +((?:Apply|Destroy) complete! .*)/;

const SIGN: Readonly<Record<string, string>> = { Creation: "+", Modifications: "~", Destruction: "-" };

function progress(line: string): string | undefined {
  const [, type, name, event = "", time] = RESOURCE.exec(line) ?? [];
  if (type !== undefined) {
    return `${SIGN[event]} ${type} ${name} (${time})`;
  }
  const [, stack, summary] = SUMMARY.exec(line) ?? [];
  return stack === undefined ? undefined : `${stack}: ${summary}`;
}

/** The `cdktf` command and the harness in one workspace. */
export class Cdktf {
  constructor(
    private readonly workspace: Workspace,
    private readonly account: Readonly<Record<string, string>>,
    /** Ends what runs. @default nothing does */
    private readonly signal = new AbortController().signal,
    /** Told what is worth seeing. @default nobody */
    private readonly follow: (line: string) => void = () => {},
  ) {}

  /** Creates or updates all stacks and writes their outputs. @throws ToolFailedError */
  async deploy(): Promise<void> {
    await this.cdktf(["deploy", "*", "--auto-approve", "--outputs-file", this.workspace.outputsFile]);
  }

  /** Destroys all stacks. @throws ToolFailedError */
  async destroy(): Promise<void> {
    await this.cdktf(["destroy", "*", "--auto-approve"]);
  }

  /** Synthesises all stacks into the workspace's `cdktf.out`. @throws ToolFailedError */
  async synth(): Promise<void> {
    await this.cdktf(["synth"]);
  }

  /** Synthesises again and plans every stack. Returns the plans that want to change something; undefined when none does. */
  async plan(): Promise<string | undefined> {
    await this.synth();
    const stacks = path.join(this.workspace.directory, "cdktf.out", "stacks");
    const plans = await Promise.all(
      readdirSync(stacks).map((stack) => this.planStack(stack, path.join(stacks, stack))),
    );
    const changes = plans.filter((plan) => plan !== undefined);
    return changes.length === 0 ? undefined : changes.join("\n\n");
  }

  private async planStack(stack: string, directory: string): Promise<string | undefined> {
    const args = ["plan", "-detailed-exitcode", "-input=false", "-no-color", "-lock=false"];
    const ended = await this.tool(this.workspace.terraform, args, directory);
    // https://developer.hashicorp.com/terraform/cli/commands/plan#detailed-exitcode
    if (ended.code === 0) {
      return undefined;
    }
    if (ended.code === 2) {
      return `${stack}:\n${ended.output}`;
    }
    throw new ToolFailedError(`${this.workspace.terraform} plan (${stack})`, ended);
  }

  /** Runs the harness on what was deployed just now, as `npm run verify` does with these options, and returns its exit code. */
  async verify(reportDir: string | undefined, options: readonly string[] = []): Promise<number> {
    const report = reportDir === undefined ? [] : ["--report-dir", path.resolve(reportDir)];
    const harness = [
      path.join(PROJECT, "harness", "cli", "main.ts"),
      "--outputs",
      this.workspace.outputsFile,
    ];
    const args = ["--import", tsx(), ...harness, "--fresh", "--diagnose", ...options, ...report];
    const { code } = await this.tool(process.execPath, args, this.workspace.directory, this.follow);
    return code ?? 1;
  }

  private async cdktf(args: readonly string[]): Promise<void> {
    const cli = createRequire(__filename).resolve("cdktf-cli/bundle/bin/cdktf");
    const ended = await this.tool(
      process.execPath,
      [cli, ...args, "--no-color"],
      this.workspace.directory,
      (line) => {
        const told = progress(line);
        if (told !== undefined) {
          this.follow(told);
        }
      },
    );
    if (ended.code !== 0) {
      throw new ToolFailedError(`cdktf ${args.join(" ")}`, ended);
    }
  }

  private tool(
    command: string,
    args: readonly string[],
    cwd: string,
    onLine?: (line: string) => void,
  ): Promise<Ended> {
    const env = { ...this.workspace.environment, ...this.account };
    return run({ command, args, cwd, env, signal: this.signal, onLine });
  }
}
