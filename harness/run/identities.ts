/** The identities that a run created, so that it can take them away again. */
import { randomUUID } from "node:crypto";
import {
  type CognitoIdentityClient,
  CognitoIdentityServiceException,
  DeleteIdentitiesCommand,
  LookupDeveloperIdentityCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cognito-identity";
import { limitedCall } from "../calls/call";

/** How identities are looked up and deleted. */
export interface RunIdentitiesOptions {
  readonly backend: CognitoIdentityClient;
  readonly identityPoolId: string;
  readonly endpoint: string | null;
  /** Milliseconds a call may take. */
  readonly callTimeLimit: number;
}

/** Users of one run, and the identities that Cognito gave them. Their names are random: no real user is ever touched. */
export class RunIdentities {
  private readonly run = `harness-${randomUUID()}`;
  /** Null while it is not known whether the user got an identity. */
  private readonly identities = new Map<string, string | null>();
  /** Identities that calls gave which should have been refused. */
  private readonly others = new Set<string>();

  constructor(private readonly options: RunIdentitiesOptions) {}

  /** The identifier of a user of this run, e.g. `harness-…-first`. */
  user(name: string): string {
    return `${this.run}-${name}`;
  }

  /** Watches a call that may create the user's identity. */
  async created<T extends { IdentityId?: string }>(user: string, call: Promise<T>): Promise<T> {
    const known = this.identities.get(user);
    this.identities.set(user, known ?? null);
    try {
      const answer = await call;
      this.identities.set(user, answer.IdentityId ?? known ?? null);
      return answer;
    } catch (error) {
      // Refused: nothing was created. Without an answer it may have been.
      if (error instanceof CognitoIdentityServiceException && !known) {
        this.identities.delete(user);
      }
      throw error;
    }
  }

  /** Remembers an identity that was given where none should have been. */
  unexpected(identityId: string | undefined): void {
    if (identityId !== undefined) {
      this.others.add(identityId);
    }
  }

  /**
   * Deletes them, at once those whose ids are known: one that cannot be found keeps no other from being deleted.
   *
   * @param signal ends it before its time
   * @throws Error naming every reason for which an identity may be left over
   */
  async deleteAll(signal: AbortSignal): Promise<void> {
    const users = [...this.identities];
    const known = [...this.others, ...users.map(([, id]) => id)].filter((id) => id !== null);
    const unknown = users.filter(([, id]) => id === null);
    const deletions = await Promise.allSettled([
      this.delete(known, signal),
      ...unknown.map(async ([user]) => {
        const id = await this.lookup(user, signal);
        await this.delete(id === null ? [] : [id], signal);
      }),
    ]);
    const failures = deletions.filter((deletion) => deletion.status === "rejected");
    if (failures.length > 0) {
      throw new Error(failures.map(({ reason }) => String(reason)).join("; "));
    }
  }

  private async delete(identityIds: readonly string[], signal: AbortSignal): Promise<void> {
    if (identityIds.length === 0) {
      return;
    }
    const { backend, endpoint, callTimeLimit: timeLimit } = this.options;
    const what = "DeleteIdentities";
    const answer = await limitedCall({ what, endpoint, signal, timeLimit }, (abortSignal) =>
      backend.send(new DeleteIdentitiesCommand({ IdentityIdsToDelete: [...new Set(identityIds)] }), {
        abortSignal,
      }),
    );
    const left = answer.UnprocessedIdentityIds ?? [];
    if (left.length > 0) {
      const reasons = left.map((entry) => `${entry.IdentityId} (${entry.ErrorCode})`);
      throw new Error(`DeleteIdentities left ${reasons.join(", ")}`);
    }
  }

  private async lookup(user: string, signal: AbortSignal): Promise<string | null> {
    const { backend, identityPoolId, endpoint, callTimeLimit: timeLimit } = this.options;
    const what = "LookupDeveloperIdentity";
    try {
      const answer = await limitedCall({ what, endpoint, signal, timeLimit }, (abortSignal) =>
        backend.send(
          new LookupDeveloperIdentityCommand({
            IdentityPoolId: identityPoolId,
            DeveloperUserIdentifier: user,
          }),
          { abortSignal },
        ),
      );
      return answer.IdentityId ?? null;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) {
        return null;
      }
      throw error;
    }
  }
}
