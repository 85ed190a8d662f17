/** What STS holds: the sessions that it has issued. */
import type { ConditionContext } from "../../../iam-policy/context";
import { type Dictionary, dictionary } from "../dictionary";

export interface StsState {
  /** By access key id. */
  sessions: Dictionary<Session>;
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
  readonly sessionPolicies: readonly string[];
  readonly tags: Dictionary<string>;
  /** Keys of the tags that sessions made from this one have as well. */
  readonly transitiveTagKeys: readonly string[];
}

export function emptyStsState(): StsState {
  return { sessions: dictionary() };
}
