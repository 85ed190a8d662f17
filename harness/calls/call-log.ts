/** What the calls of one step leave behind for the report. */

/** The part of an SDK answer or error that says how the call went. */
interface CallMetadata {
  readonly requestId?: string;
}

/** Collects them while the step runs: ids, repetitions and their causes, milliseconds waited, notes. */
export class CallLog {
  /** AWS's id of the last call; null when it had none. */
  requestId: string | null = null;
  /** Calls that had to be repeated. */
  repeats = 0;
  /** Milliseconds spent waiting. */
  waitedMs = 0;
  /** Lines for the report. */
  readonly notes: string[] = [];

  private readonly causes = new Map<string, number>();

  note({ requestId }: CallMetadata): void {
    this.requestId = requestId ?? null;
  }

  /** Notes that a call is going to be repeated, and why. */
  repeat(cause: string, wait: number): void {
    this.repeats += 1;
    this.causes.set(cause, (this.causes.get(cause) ?? 0) + 1);
    this.waited(wait);
  }

  waited(milliseconds: number): void {
    this.waitedMs += milliseconds;
  }

  /** Why calls were repeated, a line for each cause. */
  retries(): string[] {
    return [...this.causes].map(
      ([cause, times]) => `repeated ${times === 1 ? "once" : `${times} times`}: ${cause}`,
    );
  }

  /** Notes a call of the SDK when it has ended, well or badly. */
  async sdk<T extends { $metadata: CallMetadata }>(call: Promise<T>): Promise<T> {
    try {
      const answer = await call;
      this.note(answer.$metadata);
      return answer;
    } catch (error) {
      const { $metadata } = error as { $metadata?: CallMetadata };
      this.note($metadata ?? {});
      throw error;
    }
  }
}
