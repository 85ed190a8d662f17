/** The execution environments of one account: warm ones are used again, and there are never more than the machine bears. */
import { setMaxListeners } from "node:events";
import type { ExecutionEnvironment, RuntimeOutcome } from "./execution-environment";

/** Processes at the same time; further invocations wait for one of them. */
const MAXIMUM_ENVIRONMENTS = 16;

/** How long an environment without work is kept, milliseconds. */
const IDLE_LIFETIME = 5 * 60 * 1000;

/** What an environment was made for: it is used again for the same revision of the same function only. */
interface EnvironmentKey {
  readonly functionName: string;
  readonly revision: string;
}

/** An environment, taken from the pool until it is given back. */
export interface Lease<Kept> extends EnvironmentKey {
  readonly environment: ExecutionEnvironment;
  /** What the caller keeps with the environment. */
  readonly kept: Kept;
  /** No invocation has used it yet. */
  readonly fresh: boolean;
}

/** The account was stopped or reset while somebody waited for an environment. */
export class PoolStoppedError extends Error {
  override readonly name = "PoolStoppedError";
}

export class EnvironmentPool<Kept> {
  readonly #idle = new Map<Lease<Kept>, NodeJS.Timeout>();
  readonly #busy = new Set<Lease<Kept>>();
  /** Busy ones that are to end when they are given back. */
  readonly #retired = new Set<Lease<Kept>>();
  readonly #waiting: (() => void)[] = [];
  readonly #end = new AbortController();
  #starting = 0;

  constructor() {
    setMaxListeners(MAXIMUM_ENVIRONMENTS, this.#end.signal);
  }

  /** The most recently used warm environment; undefined when there is none. */
  takeWarm(key: EnvironmentKey): Lease<Kept> | undefined {
    const lease = [...this.#idle.keys()]
      .reverse()
      .find((idle) => idle.functionName === key.functionName && idle.revision === key.revision);
    if (lease === undefined) {
      return undefined;
    }
    this.#forget(lease);
    if (!lease.environment.alive) {
      return this.takeWarm(key);
    }
    this.#busy.add(lease);
    return lease;
  }

  /**
   * Starts an environment as soon as there is room for one, or takes a warm one that was given back in the meantime.
   *
   * @returns how the initialisation failed, if it did
   * @throws PoolStoppedError when the account ends meanwhile, and whatever `start` throws
   */
  async start(
    key: EnvironmentKey,
    kept: Kept,
    start: (ended: AbortSignal) => Promise<ExecutionEnvironment | RuntimeOutcome>,
  ): Promise<Lease<Kept> | RuntimeOutcome> {
    while (
      !this.#end.signal.aborted &&
      this.#idle.size + this.#busy.size + this.#starting >= MAXIMUM_ENVIRONMENTS
    ) {
      const [oldest] = this.#idle.keys();
      if (oldest !== undefined) {
        this.#discard(oldest);
      } else {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
      const warm = this.takeWarm(key);
      if (warm !== undefined) {
        return warm;
      }
    }
    if (this.#end.signal.aborted) {
      throw new PoolStoppedError();
    }
    this.#starting += 1;
    let lease: Lease<Kept> | undefined;
    try {
      const environment = await start(this.#end.signal);
      if (this.#end.signal.aborted) {
        if (!("kind" in environment)) {
          environment.stop();
        }
        throw new PoolStoppedError();
      }
      if ("kind" in environment) {
        return environment;
      }
      lease = { ...key, environment, kept, fresh: true };
      this.#busy.add(lease);
      return lease;
    } finally {
      this.#starting -= 1;
      // However the start failed, there is room for the next one.
      if (lease === undefined) {
        this.#wake();
      }
    }
  }

  /** Gives an environment back. One that has ended, or that `retire` has met meanwhile, isn't used again. */
  giveBack(lease: Lease<Kept>): void {
    this.#busy.delete(lease);
    if (this.#retired.delete(lease) || !lease.environment.alive) {
      lease.environment.stop();
    } else {
      const warm = { ...lease, fresh: false };
      this.#idle.set(warm, setTimeout(() => this.#discard(warm), IDLE_LIFETIME).unref());
    }
    this.#wake();
  }

  /** Ends a function's environments, busy ones when they are done: its code or configuration has changed, or it is gone. */
  retire(functionName: string): void {
    for (const lease of this.#idle.keys()) {
      if (lease.functionName === functionName) {
        this.#discard(lease);
      }
    }
    for (const lease of this.#busy) {
      if (lease.functionName === functionName) {
        this.#retired.add(lease);
      }
    }
  }

  /** Ends everything at once: idle, busy, and what is about to start. */
  stop(): void {
    this.#end.abort();
    for (const lease of this.#idle.keys()) {
      this.#discard(lease);
    }
    for (const lease of this.#busy) {
      lease.environment.stop();
    }
    for (const wake of this.#waiting.splice(0)) {
      wake();
    }
  }

  #wake(): void {
    this.#waiting.shift()?.();
  }

  #discard(lease: Lease<Kept>): void {
    this.#forget(lease);
    lease.environment.stop();
  }

  #forget(lease: Lease<Kept>): void {
    clearTimeout(this.#idle.get(lease));
    this.#idle.delete(lease);
  }
}
