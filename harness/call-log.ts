/** What the calls of one step leave behind for the report: the last request's id, and how many had to be repeated. */

/** The part of an SDK answer or error that says how the call went. */
interface CallMetadata {
  readonly requestId?: string;
  readonly attempts?: number;
}

export class CallLog {
  /** AWS's id of the last call; null when it had none. */
  requestId: string | null = null;
  /** Calls that were repeated after throttling or a transport error. */
  repeats = 0;

  note({ requestId, attempts = 1 }: CallMetadata): void {
    this.requestId = requestId ?? null;
    this.repeats += attempts - 1;
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
