// What every stack of a stage shares: the provider and its tags, the versions asked for, and where state is kept.
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Settings } from "./settings";
import { keepState } from "./state";

export interface StageStackProps {
  readonly settings: Settings;
}

/** A value that other programs find by its output's name. */
export interface Output {
  readonly value: string;
  readonly description: string;
}

/** A stack of one stage. Its id is its name, and part of the key under which its state is kept. */
export abstract class StageStack extends TerraformStack {
  constructor(scope: Construct, id: string, { settings }: StageStackProps) {
    super(scope, id);
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
}

/** A resource's name: prefix, stage, and what it is. */
export function resourceName({ namePrefix, stage }: Settings, resource: string): string {
  return `${namePrefix}-${stage}-${resource}`;
}

/** Declares outputs under exactly these names: other programs find them by name. */
export function declareOutputs(scope: Construct, outputs: Readonly<Record<string, Output>>): void {
  for (const [name, { value, description }] of Object.entries(outputs)) {
    new TerraformOutput(scope, name, { value, description }).overrideLogicalId(name);
  }
}
