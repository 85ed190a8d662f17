/** What STS holds: the key that seals its session tokens. The sessions themselves are in the tokens (`authenticate/session-token.ts`). */
import { randomBytes } from "node:crypto";
import type { ConditionContext } from "../../../iam-policy/context";
import type { Dictionary } from "../dictionary";

/** Bytes of a key of AES-256. */
const KEY_BYTES = 32;

export interface StsState {
  /** Base64. An account that begins anew has another, so it opens no token of before. */
  sealingKey: string;
}

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch milliseconds. */
  readonly expiration: number;
}

export interface Session extends SessionCredentials {
  readonly roleName: string;
  /** Kept, since a role that is deleted and made again under its name is another one. */
  readonly roleId: string;
  readonly sessionName: string;
  /** Condition keys that the session got with its making, e.g. `cognito-identity.amazonaws.com:sub`. */
  readonly context: ConditionContext;
  /** Documents (JSON) of the session policies passed inline; session policies can only narrow what the role may do. */
  readonly sessionPolicies: readonly string[];
  /** Managed policies passed as session policies. By name: ten of them have up to 60 KB, and a token travels in a header. */
  readonly sessionPolicyArns: readonly string[];
  readonly tags: Dictionary<string>;
  /** Keys of the tags that sessions made from this one have as well. */
  readonly transitiveTagKeys: readonly string[];
}

export function emptyStsState(): StsState {
  return { sealingKey: randomBytes(KEY_BYTES).toString("base64") };
}

export function isSealingKey(value: unknown): boolean {
  const key = Buffer.from(typeof value === "string" ? value : "", "base64");
  return key.length === KEY_BYTES && key.toString("base64") === value;
}
