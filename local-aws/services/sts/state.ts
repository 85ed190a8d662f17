/** What STS holds: the sessions that it has issued. */
import type { Session } from "./sessions";

export interface StsState {
  /** By access key id. */
  sessions: Record<string, Session>;
}

export function emptyStsState(): StsState {
  return { sessions: {} };
}
