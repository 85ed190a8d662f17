/** The project's own `cdktf` and harness, run in a workspace against an account. */
import { readdirSync, readFileSync } from "node:fs";
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

/** How Terraform tells that it is done with one: `aws_iam_role.x (pool/role): Creation complete after 1s [id=…]`. */
const RESOURCE = /(aws_\w+)\S* \((.+)\): (Creation|Modifications|Destruction) complete after (\w+)/;

const SIGN = { Creation: "+", Modifications: "~", Destruction: "-" } as const;

/** What became of a resource. */
export interface ResourceChange {
  readonly sign: (typeof SIGN)[keyof typeof SIGN];
  readonly type: string;
  /** Its path among the constructs. */
  readonly name: string;
  /** As Terraform writes it. */
  readonly time: string;
}

function resourceChange(line: string): ResourceChange | undefined {
  const [, type, name, event, time] = RESOURCE.exec(line) ?? [];
  return type === undefined || name === undefined || time === undefined
    ? undefined
    : { sign: SIGN[event as keyof typeof SIGN], type, name, time };
}

/** How the harness is run. */
interface HarnessRun {
  /** Besides those for a fresh deployment. @default none */
  readonly options?: readonly string[];
  /** Told what it prints. */
  readonly onLine: (line: string) => void;
  /** Whether it prints in colors, though into a pipe. */
  readonly colors: boolean;
}

/** The `cdktf` command and the harness in one workspace. */
export class Cdktf {
  constructor(
    private readonly workspace: Workspace,
    private readonly account: Readonly<Record<string, string>>,
    /** Ends what runs. @default nothing does */
    private readonly signal = new AbortController().signal,
    /** Told what became of each resource. @default nobody */
    private readonly onResource: (change: ResourceChange) => void = () => {},
  ) {}

  /** Creates or updates all stacks and writes their outputs. @throws ToolFailedError */
  async deploy(): Promise<void> {
    await this.cdktf(["deploy", "*", "--auto-approve", "--outputs-file", this.workspace.outputsFile]);
  }

  /** Destroys all stacks as they were synthesised last. @throws ToolFailedError */
  async destroy(): Promise<void> {
    await this.cdktf(["destroy", "*", "--auto-approve", "--skip-synth"]);
  }

  /** Writes what Terraform is given into `cdktf.out/`. @throws ToolFailedError */
  async synth(): Promise<void> {
    await this.cdktf(["synth"]);
  }

  /** Synthesises again and plans every stack. Returns the plans that want to change something; undefined when none does. */
  async plan(): Promise<string | undefined> {
    await this.runApp();
    const plans = await Promise.all(
      this.stacks().map((stack) => this.planStack(stack, path.join(this.synthesized, stack))),
    );
    const changes = plans.filter((plan) => plan !== undefined);
    return changes.length === 0 ? undefined : changes.join("\n\n");
  }

  /** Lists the stacks that were synthesised last. */
  stacks(): string[] {
    return readdirSync(this.synthesized);
  }

  private get synthesized(): string {
    return path.join(this.workspace.directory, "cdktf.out", "stacks");
  }

  /** Runs the app as `cdktf synth` does, without the seconds that the CLI takes to start and to end. */
  private async runApp(): Promise<void> {
    const { directory } = this.workspace;
    const { app, context = {} } = JSON.parse(readFileSync(path.join(directory, "cdktf.json"), "utf8"));
    const settings = { CDKTF_CONTEXT_JSON: JSON.stringify(context) };
    const ended = await this.tool("/bin/sh", ["-c", app], directory, undefined, settings);
    if (ended.code !== 0) {
      throw new ToolFailedError(app, ended);
    }
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
  async verify(reportDir: string | undefined, { options = [], onLine, colors }: HarnessRun): Promise<number> {
    const report = reportDir === undefined ? [] : ["--report-dir", path.resolve(reportDir)];
    const harness = [
      path.join(PROJECT, "harness", "cli", "main.ts"),
      "--outputs",
      this.workspace.outputsFile,
    ];
    const args = ["--import", tsx(), ...harness, "--fresh", "--diagnose", ...options, ...report];
    const painted: Record<string, string> = colors ? { FORCE_COLOR: "1" } : {};
    const { code } = await this.tool(process.execPath, args, this.workspace.directory, onLine, painted);
    return code ?? 1;
  }

  private async cdktf(args: readonly string[]): Promise<void> {
    const cli = createRequire(__filename).resolve("cdktf-cli/bundle/bin/cdktf");
    const ended = await this.tool(
      process.execPath,
      [cli, ...args, "--no-color"],
      this.workspace.directory,
      (line) => {
        const change = resourceChange(line);
        if (change !== undefined) {
          this.onResource(change);
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
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    const env = { ...this.workspace.environment, ...this.account, ...environment };
    return run({ command, args, cwd, env, signal: this.signal, onLine });
  }
}
