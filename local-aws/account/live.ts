/**
 * What lives as long as an account and is never saved with it: processes, queues, counters. An account has one part of each kind,
 * made when it is first asked for, and all end together: with the account, or with a reset, which starts anew.
 */

/** A kind of part; the object itself is the key. */
export interface LiveKind<Part> {
  readonly make: () => Part;
  /** Resolves when nothing of the part runs any more. @default - there is nothing to end */
  readonly stop?: (part: Part) => void | Promise<void>;
}

type Stop = () => void | Promise<void>;

export class Live {
  readonly #parts = new Map<unknown, { readonly part: unknown; readonly stop: Stop }>();
  #stopped = false;
  #end: Promise<void> | undefined;

  /** The account's part of a kind. Once the account has ended, what a late request still starts is stopped at once. */
  part<Part>(kind: LiveKind<Part>): Part {
    const known = this.#parts.get(kind);
    if (known !== undefined) {
      return known.part as Part;
    }
    const part = kind.make();
    const stop = () => kind.stop?.(part);
    this.#parts.set(kind, { part, stop });
    if (this.#stopped) {
      void stop();
    }
    return part;
  }

  /** Stops every part, for good; resolves when all have ended, whoever calls it again. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#end ??= this.#stopParts();
    return this.#end;
  }

  async #stopParts(): Promise<void> {
    await Promise.all([...this.#parts.values()].map(({ stop }) => stop()));
  }
}
