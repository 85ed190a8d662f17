/**
 * What Terraform needs of the bucket that keeps its state, as HashiCorp documents it. Unlike the rest it isn't recorded: local AWS has no S3.
 *
 * @see https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required
 */
import type { Settings } from "../../stacks/settings";
import { stateKey } from "../../stacks/state";
import type { Statement } from "./policy";

/** Where Terraform looks for other workspaces than the default one. */
const WORKSPACES = "env:/";

/**
 * Writes the statements; none where the state isn't in a bucket.
 *
 * @param stacks the stacks' names
 * @param planning whether nothing is applied: then nothing is written, and nothing locked (`-lock=false`)
 */
export function stateStatements(
  settings: Settings,
  stacks: readonly string[],
  planning: boolean,
): Statement[] {
  if (settings.stateBucket === undefined) {
    return [];
  }
  const bucket = `arn:aws:s3:::${settings.stateBucket}`;
  const keys = stacks.map((stack) => stateKey(settings, stack)).sort();
  const locks = keys.map((key) => `${key}.tflock`);
  const objects = (names: readonly string[]) => names.map((name) => `${bucket}/${name}`);
  // A state that isn't there yet is told by S3 only to who may list its key.
  const prefixes = [WORKSPACES, ...keys, ...(planning ? [] : locks)];
  return [
    {
      Sid: "StateList",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [bucket],
      Condition: { StringEquals: { "s3:prefix": prefixes } },
    },
    {
      Sid: planning ? "StateRead" : "StateReadWrite",
      Effect: "Allow",
      Action: planning ? ["s3:GetObject"] : ["s3:GetObject", "s3:PutObject"],
      Resource: objects(keys),
    },
    ...(planning
      ? []
      : [
          {
            Sid: "StateLock",
            Effect: "Allow" as const,
            Action: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            Resource: objects(locks),
          },
        ]),
  ];
}
