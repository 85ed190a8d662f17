// Where Terraform's state is kept, and where version 0.1 kept it: a state that isn't found means a second pool.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { LocalBackend, S3Backend, type TerraformStack } from "cdktf";
import type { Settings } from "./settings";

const DIRECTORY = ".terraform-state";

/** Thrown by {@link checkLocalState}; the message has the commands that mend it. */
export class StateMovedError extends Error {
  override readonly name = "StateMovedError";
}

/** Gives the stack its backend: an S3 bucket, or a file below the working directory. The stack's id is part of the key. */
export function keepState(stack: TerraformStack, settings: Settings): void {
  const { stateBucket, stateRegion, stage, region } = settings;
  if (stateBucket === undefined) {
    stack.addOverride("terraform.required_version", ">= 1.6");
    // From the directory of the call, not of this file: whoever runs the app elsewhere keeps its state there.
    new LocalBackend(stack, { path: path.resolve(DIRECTORY, stage, region, fileOf(stack.node.id)) });
    return;
  }
  // Lock files in the bucket itself: https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
  stack.addOverride("terraform.required_version", ">= 1.10");
  new S3Backend(stack, {
    bucket: stateBucket,
    key: stateKey(settings, stack.node.id),
    region: stateRegion,
    encrypt: true,
  });
  stack.addOverride("terraform.backend.s3.use_lockfile", true);
}

/** The key of a stack's state in the bucket. */
export function stateKey({ namePrefix, stage, region, stateKeyHasRegion }: Settings, stack: string): string {
  return [namePrefix, stage, ...(stateKeyHasRegion ? [region] : []), fileOf(stack)].join("/");
}

function fileOf(stack: string): string {
  return `${stack}.tfstate`;
}

/**
 * Refuses to go on beside local state files of version 0.1, whose path had no region.
 *
 * @throws StateMovedError with the commands that move them
 */
export function checkLocalState({ stateBucket, stage, region }: Settings): void {
  const directory = path.join(DIRECTORY, stage);
  if (stateBucket !== undefined || !existsSync(directory)) {
    return;
  }
  const files = readdirSync(directory).filter((name) => /\.tfstate(\.backup)?$/.test(name));
  if (files.length === 0) {
    return;
  }
  const regions = files.flatMap((name) => regionOf(readFileSync(path.join(directory, name), "utf8")) ?? []);
  const target = path.join(directory, regions[0] ?? region);
  const quoted = (name: string) => `'${path.join(directory, name)}'`;
  throw new StateMovedError(
    [
      `Terraform's state of the stage "${stage}" is where version 0.1 kept it, without a region in its path:`,
      ...files.map((name) => `  ${path.join(directory, name)}`),
      `Nothing was synthesised, for without this state a second pool would be made. Move it, and run this again:`,
      `  mkdir -p '${target}' && mv -n ${files.map(quoted).join(" ")} '${target}' && rm -rf cdktf.out`,
    ].join("\n"),
  );
}

/** The region of what a state holds, from the first ARN in it that has one. */
function regionOf(state: string): string | undefined {
  return /"arn:aws:[a-z0-9-]+:([a-z0-9-]+):\d{12}:/.exec(state)?.[1];
}
