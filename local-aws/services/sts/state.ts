/** What STS holds: the sessions that it has issued. */
import { type Dictionary, dictionary } from "../../dictionary";
import type { Session } from "./sessions";

export interface StsState {
  /** By access key id. */
  sessions: Dictionary<Session>;
}

export function emptyStsState(): StsState {
  return { sessions: dictionary() };
}
