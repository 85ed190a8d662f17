/** The identities that a run created, so that it can take them away again. */
import { randomUUID } from "node:crypto";
import {
  DeleteIdentitiesCommand,
  LookupDeveloperIdentityCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cognito-identity";
import type { Connections } from "./connections";
import { withTimeout } from "./deadline";
import { HarnessError, SettingsError } from "./errors";

/** What became of identities that earlier runs left behind. */
export interface LeftBehind {
  /** Undefined when not all could be looked for. */
  readonly count?: { readonly found: number; readonly deleted: number };
  /** What was not looked for or not deleted, and what else to know. */
  readonly warnings: readonly string[];
}

/** Users that a run signs in. */
const USERS = ["first", "second"] as const;

const SLOT = /^[a-z\d][a-z\d-]{0,31}$/;

/**
 * Days before today of which a run looks for identities. A job that did not run for a week still finds what it left; one that is
 * killed every night leaves traces of a week, of which each night finds all.
 */
const DAYS_BACK = 7;
const DAY = 24 * 60 * 60_000;

/** Calls at a time: Cognito's quota is of calls a second, and the account's other callers need it. */
const LOOK_UPS_AT_A_TIME = 4;

/** https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_DeleteIdentities.html */
const MOST_DELETED_AT_ONCE = 60;

/**
 * Users of one run, and the identities that Cognito gave them. Their names are random, or made of the date and a slot, so that they can
 * be found again by a later run: no real user is ever touched, and none is listed.
 */
export class RunIdentities {
  private readonly run: string;
  /** Identities that Cognito gave, to users or to whom it should have refused. */
  private readonly ids = new Set<string>();
  /** Users of whom calls that may give them an identity have had no answer; with the number of those calls. */
  private readonly expected = new Map<string, number>();
  /** Users whose identity is known: they have no other. */
  private readonly known = new Set<string>();

  /**
   * @param slot what tells this job's runs from others'. @default the names are random
   * @throws SettingsError when it is no name
   */
  constructor(
    private readonly slot?: string,
    private readonly startedAt = new Date(),
  ) {
    if (slot !== undefined && !SLOT.test(slot)) {
      throw new SettingsError(
        `--slot ${JSON.stringify(slot)} is no name: give 1 to 32 small letters, digits and hyphens, e.g. --slot nightly.`,
      );
    }
    this.run = slot === undefined ? `harness-${randomUUID()}` : this.runOf(0, slot);
  }

  /** Makes the identifier of a user of this run, e.g. `harness-…-first`. */
  user(name: (typeof USERS)[number]): string {
    return `${this.run}-${name}`;
  }

  private runOf(daysBack: number, slot: string): string {
    const date = new Date(this.startedAt.getTime() - daysBack * DAY).toISOString().slice(0, 10);
    return `harness-${date}-${slot}`;
  }

  /**
   * Looks up the users of this slot's runs, today's and those of the week before, and deletes their identities; to be called before
   * this run has any. Undefined without a slot.
   *
   * @throws HarnessError when the run ends meanwhile
   */
  async deleteLeftBehind(connections: Connections): Promise<LeftBehind | undefined> {
    const { slot } = this;
    if (slot === undefined) {
      return undefined;
    }
    const users = Array.from({ length: DAYS_BACK + 1 }, (_, day) => this.runOf(day, slot)).flatMap((run) =>
      USERS.map((user) => `${run}-${user}`),
    );
    const found: string[] = [];
    const warnings = new Set<string>();
    let notAll = false;
    const failed = (error: unknown) => {
      if (error instanceof HarnessError && error.kind !== "unreachable") {
        throw error;
      }
      warnings.add(`Identities of earlier runs may still be in the pool. ${error}`);
    };
    for (let start = 0; start < users.length && !notAll; start += LOOK_UPS_AT_A_TIME) {
      const asked = users.slice(start, start + LOOK_UPS_AT_A_TIME);
      const ids = await Promise.all(
        asked.map((user) =>
          lookUpIdentity(connections, user, connections.signal).catch((error) => {
            notAll = true;
            failed(error);
          }),
        ),
      );
      found.push(...ids.filter((id) => id !== undefined));
      if (start === 0 && ids.slice(0, USERS.length).some((id) => id !== undefined)) {
        warnings.add(
          `An earlier run of today left identities behind. If it is still going on, it fails now: runs at the same time need a --slot each, and this one's is ${slot}.`,
        );
      }
    }
    let left = 0;
    try {
      await deleteIdentities(connections, found, connections.signal);
    } catch (error) {
      failed(error);
      left = error instanceof UnprocessedIdentitiesError ? error.count : found.length;
    }
    const count = { found: found.length, deleted: found.length - left };
    return { count: notAll ? undefined : count, warnings: [...warnings] };
  }

  /** Expects that a call gives the user an identity, until it is settled by calling what this returns. */
  expect(user: string): () => void {
    this.expected.set(user, (this.expected.get(user) ?? 0) + 1);
    return () => this.expected.set(user, (this.expected.get(user) ?? 0) - 1);
  }

  /** Remembers an identity that was given, to a user of the run or to nobody. */
  given(identityId: string | undefined, user?: string): void {
    if (identityId !== undefined) {
      this.ids.add(identityId);
      if (user !== undefined) {
        this.known.add(user);
      }
    }
  }

  /** Calls that {@link deleteAll} makes one after the other. */
  get deletions(): number {
    const lookUps = Math.ceil(this.unknown().length / LOOK_UPS_AT_A_TIME);
    return Math.max(1, 2 * lookUps, Math.ceil(this.ids.size / MOST_DELETED_AT_ONCE));
  }

  /** Users who may have an identity, but nobody knows which. */
  private unknown(): string[] {
    return [...this.expected].flatMap(([user, calls]) => (calls > 0 && !this.known.has(user) ? [user] : []));
  }

  /**
   * Deletes them, at once those whose ids are known: one that cannot be found keeps no other from being deleted.
   *
   * @param signal ends it before its time
   * @throws Error naming every reason for which an identity may be left over
   */
  async deleteAll(connections: Connections, signal: AbortSignal): Promise<void> {
    const unknown = this.unknown();
    const deletions = await Promise.allSettled([
      deleteIdentities(connections, [...this.ids], signal),
      ...Array.from({ length: LOOK_UPS_AT_A_TIME }, async () => {
        for (let user = unknown.pop(); user !== undefined; user = unknown.pop()) {
          const id = await lookUpIdentity(connections, user, signal);
          await deleteIdentities(connections, id === undefined ? [] : [id], signal);
        }
      }),
    ]);
    const failures = deletions.filter((deletion) => deletion.status === "rejected");
    if (failures.length > 0) {
      throw new Error(failures.map(({ reason }) => String(reason)).join("; "));
    }
  }
}

/** Cognito deleted some of the identities at most. */
class UnprocessedIdentitiesError extends Error {
  override readonly name = "UnprocessedIdentitiesError";

  constructor(
    message: string,
    readonly count: number,
  ) {
    super(message);
  }
}

/** Deletes them in as few calls as can be; a call that fails keeps no other from being made. */
async function deleteIdentities(connections: Connections, ids: string[], signal: AbortSignal): Promise<void> {
  const reasons: string[] = [];
  let left = 0;
  let failure: unknown;
  for (let start = 0; start < ids.length; start += MOST_DELETED_AT_ONCE) {
    const batch = ids.slice(start, start + MOST_DELETED_AT_ONCE);
    const command = new DeleteIdentitiesCommand({ IdentityIdsToDelete: batch });
    try {
      const answer = await withTimeout(limits("DeleteIdentities", connections, signal), (abortSignal) =>
        connections.cognito.send(command, { abortSignal }),
      );
      const unprocessed = answer.UnprocessedIdentityIds ?? [];
      left += unprocessed.length;
      reasons.push(...unprocessed.map((entry) => `${entry.IdentityId} (${entry.ErrorCode})`));
    } catch (error) {
      failure ??= error;
      left += batch.length;
    }
  }
  if (failure !== undefined && left === ids.length) {
    throw failure;
  }
  if (left > 0) {
    const because = [...reasons, ...(failure === undefined ? [] : [String(failure)])].join(", ");
    throw new UnprocessedIdentitiesError(`DeleteIdentities left ${because}`, left);
  }
}

/** Finds the user's identity; undefined when there is none. @throws Error when it is other users' as well, whom deleting it would hit */
async function lookUpIdentity(connections: Connections, user: string, signal: AbortSignal) {
  const { identityPoolId: IdentityPoolId } = connections.deployment;
  const command = new LookupDeveloperIdentityCommand({ IdentityPoolId, DeveloperUserIdentifier: user });
  try {
    const answer = await withTimeout(limits("LookupDeveloperIdentity", connections, signal), (abortSignal) =>
      connections.cognito.send(command, { abortSignal }),
    );
    if (answer.DeveloperUserIdentifierList?.some((one) => one !== user)) {
      throw new Error(`${user} has an identity that is other users' as well: it stays.`);
    }
    return answer.IdentityId;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return undefined;
    }
    throw error;
  }
}

function limits(what: string, { endpoint, callTimeLimit: timeLimit }: Connections, signal: AbortSignal) {
  return { what, endpoint, signal, timeLimit };
}
