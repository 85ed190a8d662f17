/** A REST API with 200 routes against one with 10: synthesised, applied to local AWS, planned. */

import { existsSync } from "node:fs";
import path from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { NodeFunction } from "../../../stacks/modules/node-function";
import { RestApi } from "../../../stacks/modules/rest-api";
import { run } from "../../process";
import { createWorkspace, PROJECT, type Workspace } from "../../workspace";
import { compare, inThisProcess } from "../comparison";
import type { Pairs, Rounds, Row, Sample } from "../row";

const MANY = 200;
const FEW = 10;
const STACK = "routes";

/** What is compared. `apply` and `plan` leave out `init`, which looks at no route; of their processor time only this process's is told. */
type Phase = "synth" | "apply" | "plan";

export const ROUTES_ROWS: readonly Row[] = (["synth", "apply", "plan"] as const).map((phase) => ({
  name: `routes-${phase}`,
  what: `${phase} of an API with ${MANY} routes`,
  against: `${FEW} routes`,
  rounds: { warmUp: 1, counted: 5 },
  measure: (rounds) => measure(phase, rounds),
}));

/** Many and few in turn. @throws NoTerraformError, Error with Terraform's words when it fails */
async function measure(phase: Phase, rounds: Rounds): Promise<Pairs> {
  const account = await startLocalAws();
  const many = new RoutedApi(account, MANY);
  const few = new RoutedApi(account, FEW);
  try {
    return await compare(
      () => many.sample(phase),
      () => few.sample(phase),
      rounds,
    );
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
      return inThisProcess(async () => this.#synthesize())();
    }
    if (phase === "plan") {
      if (!this.#applied) {
        this.#synthesize();
        await this.#initialize();
        await this.#terraform("apply", "-auto-approve");
        this.#applied = true;
      }
      return inThisProcess(() => this.#terraform("plan"))();
    }
    this.#synthesize();
    await this.#initialize();
    const sample = await inThisProcess(() => this.#terraform("apply", "-auto-approve"))();
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
