/**
 * Keeps the sessions that the account remembers within bounds: whoever holds a token or is a guest can have new ones issued.
 * What nobody can use any more goes first; a session that a service works in never goes, since nobody would ask for it again.
 */
import type { Account } from "../../account";
import type { LiveKind } from "../../account/live";
import type { Session } from "../../account/state/sts";

/** How long an ended session is remembered, so that its key is refused as expired and not as unknown. Milliseconds. */
const REMEMBER_ENDED = 60 * 60 * 1000;

/** Sessions that are kept, beside those of services. */
const CAPACITY = 20_000;

/** Sessions issued between two clearings, so that a new one doesn't cost a walk over all others. */
const INTERVAL = 500;

/** How many of the forgotten sessions the decision log names. */
const NAMED = 5;

interface Issued {
  /** Of the account's sessions, in the order issued: a list is walked faster than the record. */
  keys?: string[];
  sinceCleared: number;
}

/** Sessions issued since the last clearing. Those that come from a file are looked through with the first new one. */
const ISSUED: LiveKind<Issued> = { make: () => ({ sinceCleared: INTERVAL }) };

/** Tells the access keys of sessions in which a service works now. */
type InUse = () => Iterable<string>;

/**
 * Who is added here has the account keep the sessions in which a service works. It is asked now and then: what is in use lives in
 * processes, and an account that comes from a file has none.
 */
export const SESSIONS_IN_USE: LiveKind<Set<InUse>> = { make: () => new Set() };

export function storeSession(account: Account, session: Session): void {
  const { sessions } = account.state.sts;
  const issued = account.live.part(ISSUED);
  issued.keys ??= Object.keys(sessions);
  issued.keys.push(session.accessKeyId);
  sessions[session.accessKeyId] = session;
  issued.sinceCleared += 1;
  if (issued.sinceCleared >= INTERVAL) {
    issued.sinceCleared = 0;
    clear(
      account,
      issued.keys.flatMap((key) => sessions[key] ?? []),
    );
    issued.keys = issued.keys.filter((key) => sessions[key] !== undefined);
  }
}

/** @param issued all sessions, in the order issued */
function clear(account: Account, issued: readonly Session[]): void {
  const { sessions } = account.state.sts;
  const now = account.now().getTime();
  for (const { accessKeyId, expiration } of issued) {
    if (expiration + REMEMBER_ENDED < now) {
      delete sessions[accessKeyId];
    }
  }
  const inUse = new Set([...account.live.part(SESSIONS_IN_USE)].flatMap((keys) => [...keys()]));
  // The one that was just issued is the last to go.
  const kept = issued.filter(
    ({ accessKeyId }) => sessions[accessKeyId] !== undefined && !inUse.has(accessKeyId),
  );
  const excess = kept.length - CAPACITY;
  if (excess <= 0) {
    return;
  }
  const usable = (session: Session) =>
    session.expiration > now && account.state.iam.roles[session.roleName]?.id === session.roleId;
  const ended = kept.filter((session) => !usable(session)).slice(0, excess);
  for (const { accessKeyId } of ended) {
    delete sessions[accessKeyId];
  }
  const forced = kept.filter(usable).slice(0, excess - ended.length);
  for (const { accessKeyId } of forced) {
    delete sessions[accessKeyId];
  }
  if (forced.length > 0) {
    noteForgotten(account, forced);
  }
}

/** AWS forgets no session: whoever meets an unknown key finds here that it was one. */
function noteForgotten(account: Account, forgotten: readonly Session[]): void {
  account.decisions.note({
    kind: "session",
    outcome: "refused",
    subject: `${forgotten.length} of the account's sessions, though they have not ended`,
    detail: [
      `local AWS keeps ${CAPACITY} sessions; the oldest were forgotten, and their keys are unknown from now on`,
      ...forgotten
        .slice(0, NAMED)
        .map(({ accessKeyId, roleName, sessionName }) => `${accessKeyId} of ${roleName}/${sessionName}`),
      ...(forgotten.length > NAMED ? [`and ${forgotten.length - NAMED} more`] : []),
    ],
  });
}
