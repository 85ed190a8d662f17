/** The identities that a run created, so that it can take them away again. */
import { randomUUID } from "node:crypto";
import {
  DeleteIdentitiesCommand,
  LookupDeveloperIdentityCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cognito-identity";
import type { Connections } from "./connections";
import { withTimeout } from "./deadline";

/** Users of one run, and the identities that Cognito gave them. Their names are random: no real user is ever touched. */
export class RunIdentities {
  private readonly run = `harness-${randomUUID()}`;
  /** Identities that Cognito gave, to users or to whom it should have refused. */
  private readonly ids = new Set<string>();
  /** Users of whom calls that may give them an identity have had no answer; with the number of those calls. */
  private readonly expected = new Map<string, number>();
  /** Users whose identity is known: they have no other. */
  private readonly known = new Set<string>();

  /** Makes the identifier of a user of this run, e.g. `harness-…-first`. */
  user(name: string): string {
    return `${this.run}-${name}`;
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

  /**
   * Deletes them, at once those whose ids are known: one that cannot be found keeps no other from being deleted.
   *
   * @param signal ends it before its time
   * @throws Error naming every reason for which an identity may be left over
   */
  async deleteAll(connections: Connections, signal: AbortSignal): Promise<void> {
    const unknown = [...this.expected].filter(([user, calls]) => calls > 0 && !this.known.has(user));
    const deletions = await Promise.allSettled([
      deleteIdentities(connections, [...this.ids], signal),
      ...unknown.map(async ([user]) => {
        const id = await lookUpIdentity(connections, user, signal);
        await deleteIdentities(connections, id === undefined ? [] : [id], signal);
      }),
    ]);
    const failures = deletions.filter((deletion) => deletion.status === "rejected");
    if (failures.length > 0) {
      throw new Error(failures.map(({ reason }) => String(reason)).join("; "));
    }
  }
}

async function deleteIdentities(connections: Connections, ids: string[], signal: AbortSignal): Promise<void> {
  if (ids.length === 0) {
    return;
  }
  const command = new DeleteIdentitiesCommand({ IdentityIdsToDelete: ids });
  const answer = await withTimeout(limits("DeleteIdentities", connections, signal), (abortSignal) =>
    connections.cognito.send(command, { abortSignal }),
  );
  const left = answer.UnprocessedIdentityIds ?? [];
  if (left.length > 0) {
    const reasons = left.map((entry) => `${entry.IdentityId} (${entry.ErrorCode})`);
    throw new Error(`DeleteIdentities left ${reasons.join(", ")}`);
  }
}

/** Finds the user's identity; undefined when there is none. */
async function lookUpIdentity(connections: Connections, user: string, signal: AbortSignal) {
  const { identityPoolId: IdentityPoolId } = connections.deployment;
  const command = new LookupDeveloperIdentityCommand({ IdentityPoolId, DeveloperUserIdentifier: user });
  try {
    const answer = await withTimeout(limits("LookupDeveloperIdentity", connections, signal), (abortSignal) =>
      connections.cognito.send(command, { abortSignal }),
    );
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
