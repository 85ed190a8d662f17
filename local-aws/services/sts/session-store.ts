/** Keeps the sessions that the account remembers within bounds: whoever holds a token or is a guest can have new ones issued. */
import type { Dictionary } from "../../dictionary";
import type { Session } from "./sessions";

/** How long an ended session is remembered, so that its key is refused as expired and not as unknown. Milliseconds. */
const REMEMBER_ENDED = 60 * 60 * 1000;

/** Sessions that are kept; above, the oldest go first. */
const CAPACITY = 20_000;

/** Sessions issued between two clearings, so that a new one doesn't cost a walk over all others. */
const INTERVAL = 500;

const issuedSinceCleared = new WeakMap<Dictionary<Session>, number>();

/** @param now epoch milliseconds */
export function storeSession(sessions: Dictionary<Session>, session: Session, now: number): void {
  sessions[session.accessKeyId] = session;
  // Sessions that come from a file are looked through with the first new one.
  const issued = (issuedSinceCleared.get(sessions) ?? INTERVAL) + 1;
  issuedSinceCleared.set(sessions, issued < INTERVAL ? issued : 0);
  if (issued >= INTERVAL) clear(sessions, now);
}

function clear(sessions: Dictionary<Session>, now: number): void {
  for (const [key, { expiration }] of Object.entries(sessions)) {
    if (expiration + REMEMBER_ENDED < now) delete sessions[key];
  }
  // Keys are in the order issued.
  const keys = Object.keys(sessions);
  for (const key of keys.slice(0, Math.max(0, keys.length - CAPACITY))) delete sessions[key];
}
