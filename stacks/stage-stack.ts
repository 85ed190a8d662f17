// What every stack of a stage shares: the provider and its tags, the versions asked for, and where state is kept.
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Settings } from "./settings";
import { keepState } from "./state";

/** A stack of one stage. Its id is its name, and part of the key under which its state is kept. */
export abstract class StageStack extends TerraformStack {
  protected readonly settings: Settings;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.settings = settings;
    new AwsProvider(this, "aws", {
      region: settings.region,
      allowedAccountIds: settings.accountId === undefined ? undefined : [settings.accountId],
      defaultTags: [{ tags: { project: settings.namePrefix, stage: settings.stage, stack: id } }],
    });
    // Typed against 6, and free of anything that only one of the majors 5 and 6 has.
    const provider = { source: "hashicorp/aws", version: settings.awsProviderVersion };
    this.addOverride("terraform.required_providers.aws", provider);
    keepState(this, settings);
  }

  /** A resource's name: prefix, stage, and what it is. */
  protected nameOf(resource: string): string {
    return `${this.settings.namePrefix}-${this.settings.stage}-${resource}`;
  }

  /** Outputs under exactly these names: other programs find them by name. */
  protected output(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) {
      new TerraformOutput(this, name, { value }).overrideLogicalId(name);
    }
  }
}
