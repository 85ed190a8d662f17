/** A REST API with 200 routes against one with 10: synthesised, applied to local AWS, planned. */

import { existsSync } from "node:fs";
import path from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { NodeFunction } from "../../stacks/modules/node-function";
import { RestApi } from "../../stacks/modules/rest-api";
import { run } from "../process";
import { createWorkspace, PROJECT, type Workspace } from "../workspace";

const MANY = 200;
const FEW = 10;
const STACK = "routes";

/** What is compared. `apply` and `plan` leave out `init`, which looks at no route. */
export type Phase = "synth" | "apply" | "plan";

/** What doing it once took, milliseconds; processor time only where this process does it, and local AWS's own. */
interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

/** Samples in the order in which they were taken. */
interface Pairs {
  readonly a: readonly Sample[];
  readonly b: readonly Sample[];
}

/**
 * Measures a phase, many and few in turn.
 *
 * @throws NoTerraformError, Error with Terraform's words when it fails
 */
export async function measure(
  phase: Phase,
  { warmUp, counted }: { readonly warmUp: number; readonly counted: number },
): Promise<Pairs> {
  const account = await startLocalAws();
  const many = new RoutedApi(account, MANY);
  const few = new RoutedApi(account, FEW);
  try {
    const pairs = { a: [] as Sample[], b: [] as Sample[] };
    for (let round = -warmUp; round < counted; round += 1) {
      const [ofMany, ofFew] = [await many.sample(phase), await few.sample(phase)];
      if (round >= 0) {
        pairs.a.push(ofMany);
        pairs.b.push(ofFew);
      }
    }
    return pairs;
  } finally {
    many.remove();
    few.remove();
    await account.stop();
  }
}

class RoutedApi {
  readonly #workspace: Workspace = createWorkspace();
  #applied = false;

  constructor(
    private readonly account: LocalAws,
    private readonly routes: number,
  ) {}

  async sample(phase: Phase): Promise<Sample> {
    if (phase === "synth") {
      return timed(async () => this.#synthesize());
    }
    if (phase === "plan") {
      if (!this.#applied) {
        this.#synthesize();
        await this.#initialize();
        await this.#terraform("apply", "-auto-approve");
        this.#applied = true;
      }
      return timed(() => this.#terraform("plan"));
    }
    this.#synthesize();
    await this.#initialize();
    const sample = await timed(() => this.#terraform("apply", "-auto-approve"));
    await this.#terraform("destroy", "-auto-approve");
    return sample;
  }

  remove(): void {
    this.#workspace.remove();
  }

  get #directory(): string {
    return path.join(this.#workspace.directory, "cdktf.out", "stacks", STACK);
  }

  #synthesize(): void {
    const app = new App({
      stackTraces: false,
      outdir: path.join(this.#workspace.directory, "cdktf.out"),
    });
    const stack = new TerraformStack(app, STACK);
    new LocalBackend(stack, { path: path.join(this.#workspace.directory, "routes.tfstate") });
    new AwsProvider(stack, "aws", { region: this.account.region });
    stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: "5.100.0" });
    const handler = new NodeFunction(stack, "hello", {
      name: `hello-${this.routes}`,
      entry: path.join(PROJECT, "functions", "hello.ts"),
    });
    new RestApi(stack, "api", {
      name: `routes-${this.routes}`,
      stageName: "bench",
      routes: Array.from({ length: this.routes }, (_, index) => {
        return { method: "GET" as const, path: `/area-${index % 20}/{id}/part-${index}`, handler };
      }),
    });
    app.synth();
  }

  async #initialize(): Promise<void> {
    if (!existsSync(path.join(this.#directory, ".terraform"))) {
      await this.#run("init");
    }
  }

  #terraform(...args: readonly string[]): Promise<void> {
    return this.#run(...args, "-lock=false");
  }

  async #run(...args: readonly string[]): Promise<void> {
    const { terraform, environment } = this.#workspace;
    const { code, output } = await run({
      command: terraform,
      args: [...args, "-input=false", "-no-color"],
      cwd: this.#directory,
      env: { ...environment, ...this.account.environment },
      signal: new AbortController().signal,
    });
    if (code !== 0) {
      throw new Error(`${terraform} ${args.join(" ")} failed (exit code ${code}):\n${output}`);
    }
  }
}

async function timed(work: () => Promise<void>): Promise<Sample> {
  const used = process.cpuUsage();
  const began = performance.now();
  await work();
  const wall = performance.now() - began;
  const { user, system } = process.cpuUsage(used);
  return { wall, cpu: (user + system) / 1000 };
}
