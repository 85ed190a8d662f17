/** Many users who arrive at any time: gives each its name, lets so many walk at a time, and knows who walks and who is through. */

import { Calls } from "../calls/call";
import { issuerKeyCache } from "../calls/token";
import type { RunContext } from "../run/context";
import type { LoadEvent } from "./run";
import { type Walk, walkAs } from "./walk";

/** Who arrives. */
export interface CrowdOptions {
  /** How many different users there are; after the last the first arrives again. */
  readonly users: number;
  /** How many may walk at the same time; who arrives then waits. */
  readonly atATime: number;
  /** Tells these users from those of other runs. */
  readonly slot: string;
  /** Told when a walk begins and when it has ended, before the next user has its place. */
  readonly tell: (event: LoadEvent) => void;
}

/** Makes the identifier of a user: the same in every run of the slot, so that a later one takes away what this one may leave. */
export function userName(slot: string, index: number): string {
  return `harness-load-${slot}-${index}`;
}

/** The users of one process. */
export class Crowd {
  private arrived = 0;
  private walking = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly keys;

  constructor(
    private readonly run: RunContext,
    private readonly options: CrowdOptions,
  ) {
    this.keys = issuerKeyCache(new Calls(run).call);
  }

  /** Walks the flow as the next user, when it is its turn. */
  async walk(): Promise<Walk> {
    const { users, atATime, slot, tell } = this.options;
    const user = userName(slot, this.arrived++ % users);
    let waitedMs = 0;
    if (this.walking >= atATime) {
      const since = performance.now();
      // Whoever is through hands its place on.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      waitedMs = performance.now() - since;
    } else {
      this.walking += 1;
    }
    tell({ type: "begin", user });
    const walk = await walkAs(this.run, this.keys, user, waitedMs);
    tell({ type: "end", walk });
    const next = this.waiting.shift();
    if (next === undefined) {
      this.walking -= 1;
    } else {
      next();
    }
    return walk;
  }
}
