// What every stack of a stage shares: the provider and its tags, the versions asked for, and where state is kept.
import path from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { LocalBackend, S3Backend, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Settings } from "./settings";

/** Typed against 6, and free of anything that only one of the two majors has. */
const AWS_PROVIDER = { source: "hashicorp/aws", version: ">= 5.100.0, < 7.0.0" };

/** A stack of one stage. Its id is its name, and part of the key under which its state is kept. */
export abstract class StageStack extends TerraformStack {
  protected readonly settings: Settings;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.settings = settings;
    new AwsProvider(this, "aws", {
      region: settings.region,
      defaultTags: [{ tags: { project: settings.namePrefix, stage: settings.stage, stack: id } }],
    });
    this.addOverride("terraform.required_providers.aws", AWS_PROVIDER);
    this.keepState(id);
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

  private keepState(id: string): void {
    const { stateBucket, namePrefix, stage, region } = this.settings;
    if (stateBucket === undefined) {
      this.addOverride("terraform.required_version", ">= 1.6");
      // From the directory of the call, not of this file: whoever runs the app elsewhere keeps its state there.
      new LocalBackend(this, { path: path.resolve(".terraform-state", stage, `${id}.tfstate`) });
      return;
    }
    // Lock files in the bucket itself: https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
    this.addOverride("terraform.required_version", ">= 1.10");
    new S3Backend(this, {
      bucket: stateBucket,
      key: `${namePrefix}/${stage}/${id}.tfstate`,
      region,
      encrypt: true,
    });
    this.addOverride("terraform.backend.s3.use_lockfile", true);
  }
}
