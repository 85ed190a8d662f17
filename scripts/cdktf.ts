/** The project's own `cdktf` and harness, run in a workspace against an account. */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { type Ended, run } from "./process";
import { PROJECT, tsx, type Workspace } from "./workspace";

/** A tool ended with an error; the message holds its own words. */
export class ToolFailed extends Error {
  override readonly name = "ToolFailed";

  constructor(
    readonly command: string,
    { code, output }: Ended,
  ) {
    super(`\`${command}\` failed (exit code ${code}):\n\n${output.trim()}`);
  }
}

/** What is worth seeing while Terraform works. */
const PROGRESS = /(Creation|Modifications|Destruction) complete|(Apply|Destroy) complete/;

export class Cdktf {
  constructor(
    private readonly workspace: Workspace,
    private readonly account: Readonly<Record<string, string>>,
    private readonly signal: AbortSignal,
    private readonly follow: (line: string) => void,
  ) {}

  /** Creates or updates all stacks and writes their outputs. @throws ToolFailed */
  async deploy(): Promise<void> {
    await this.cdktf(["deploy", "*", "--auto-approve", "--outputs-file", this.workspace.outputsFile]);
  }

  /** @throws ToolFailed */
  async destroy(): Promise<void> {
    await this.cdktf(["destroy", "*", "--auto-approve"]);
  }

  /** Synthesises again and plans every stack. Returns the plans that want to change something; undefined when none does. */
  async plan(): Promise<string | undefined> {
    await this.cdktf(["synth"]);
    const stacks = path.join(this.workspace.directory, "cdktf.out", "stacks");
    const changes: string[] = [];
    for (const stack of readdirSync(stacks)) {
      const args = ["plan", "-detailed-exitcode", "-input=false", "-no-color", "-lock=false"];
      const ended = await this.tool(this.workspace.terraform, args, path.join(stacks, stack));
      // https://developer.hashicorp.com/terraform/cli/commands/plan#detailed-exitcode
      if (ended.code === 2) changes.push(`${stack}:\n${ended.output}`);
      else if (ended.code !== 0) throw new ToolFailed(`terraform plan (${stack})`, ended);
    }
    return changes.length === 0 ? undefined : changes.join("\n\n");
  }

  /** Runs the harness as `npm run verify` does and returns its exit code. */
  async verify(reportDir: string | undefined): Promise<number> {
    const report = reportDir === undefined ? [] : ["--report-dir", path.resolve(reportDir)];
    const args = ["--import", tsx(), path.join(PROJECT, "harness", "cli.ts"), "--outputs", this.workspace.outputsFile, ...report];
    const { code } = await this.tool(process.execPath, args, this.workspace.directory, this.follow);
    return code ?? 1;
  }

  private async cdktf(args: readonly string[]): Promise<void> {
    const cli = createRequire(__filename).resolve("cdktf-cli/bundle/bin/cdktf");
    const ended = await this.tool(process.execPath, [cli, ...args, "--no-color"], this.workspace.directory, (line) => {
      if (PROGRESS.test(line)) this.follow(line.trim());
    });
    if (ended.code !== 0) throw new ToolFailed(`cdktf ${args.join(" ")}`, ended);
  }

  private tool(command: string, args: readonly string[], cwd: string, onLine?: (line: string) => void): Promise<Ended> {
    const env = { ...this.workspace.environment, ...this.account };
    return run({ command, args, cwd, env, signal: this.signal, onLine });
  }
}
