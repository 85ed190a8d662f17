/** An API with the given routes under plain Terraform, which starts faster than cdktf does. */
import path from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, LocalBackend, TerraformOutput, TerraformStack } from "cdktf";
import type { LocalAws } from "../../../local-aws";
import type { Ended } from "../../../scripts/process";
import type { Workspace } from "../../../scripts/workspace";
import { NodeFunction } from "../../../stacks/modules/node-function";
import { RestApi, type RestApiProps, type Route } from "../../../stacks/modules/rest-api";
import { terraform } from "../../support/terraform";

export type DeclaredRoute = Omit<Route, "handler">;

export const STAGE = "local";

export class RoutedStack {
  #initialized = false;

  constructor(
    private readonly workspace: Workspace,
    private readonly account: LocalAws,
  ) {}

  /** One apply. Returns the id of the API. */
  async apply(routes: readonly DeclaredRoute[], props: Partial<RestApiProps> = {}): Promise<string> {
    this.synthesize(routes, props);
    if (!this.#initialized) {
      await this.terraform("init", "-input=false");
    }
    this.#initialized = true;
    await this.terraform("apply", "-auto-approve", "-input=false");
    return (await this.terraform("output", "-raw", "api_id")).output;
  }

  /** What a plan wants to change; undefined when nothing. */
  async plan(): Promise<string | undefined> {
    const { code, output } = await this.terraform("plan", "-detailed-exitcode", "-input=false");
    return code === 0 ? undefined : output;
  }

  async destroy(): Promise<void> {
    await this.terraform("destroy", "-auto-approve", "-input=false");
  }

  private synthesize(routes: readonly DeclaredRoute[], props: Partial<RestApiProps>): void {
    const app = new App({ stackTraces: false, outdir: path.join(this.workspace.directory, "cdktf.out") });
    const stack = new TerraformStack(app, "routed");
    new LocalBackend(stack, { path: path.join(this.workspace.directory, "routed.tfstate") });
    new AwsProvider(stack, "aws", { region: this.account.region });
    stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: "5.100.0" });
    const echo = new NodeFunction(stack, "echo", { name: "echo", entry: path.join(__dirname, "echo.ts") });
    const api = new RestApi(stack, "api", {
      name: "routed",
      stageName: STAGE,
      routes: routes.map((route) => ({ ...route, handler: echo })),
      ...props,
    });
    new TerraformOutput(stack, "api_id", { value: api.restApiId });
    app.synth();
  }

  private terraform(...args: readonly string[]): Promise<Ended> {
    return terraform(this.workspace, this.account.environment, "routed", ...args);
  }
}
