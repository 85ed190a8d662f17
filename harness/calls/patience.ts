/** Repeats calls that failed for a passing reason, within bounds: AWS is eventually consistent, and networks drop calls. */
import { setTimeout as sleep } from "node:timers/promises";
import { interruption } from "../run/errors";
import { AssertionFailure } from "./assert";
import type { CallLog } from "./call-log";
import { refusalIn, transientOf } from "./retryable";

/** Throttled and broken calls are made this often in all when the deployment is not fresh. */
const ATTEMPTS = 3;

/** Milliseconds: the longest wait before the second attempt, doubled before each further one. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 5_000;

/** One success is not readiness: of API Gateway's hosts, some may be behind the others. */
const SUCCESSES_IN_A_ROW = 3;
/** Milliseconds between them. */
const SUCCESS_INTERVAL = 250;

/** The bounds of all repetitions of one walk. */
export interface PatienceOptions {
  /** Milliseconds from now within which the answers of a fresh deployment are waited for; null when it is not fresh. */
  readonly freshWindow: number | null;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** Told before each wait. */
  readonly onRetry?: (what: string, cause: string, wait: number) => void;
}

/** Decides for one walk what is repeated, when and how often; its window begins when it is made. */
export class Patience {
  /** On the clock of `performance.now()`. */
  private readonly freshUntil: number | null;

  constructor(private readonly options: PatienceOptions) {
    this.freshUntil = options.freshWindow === null ? null : performance.now() + options.freshWindow;
  }

  /** Whether the answers of a fresh deployment are waited for. */
  get fresh(): boolean {
    return this.freshUntil !== null;
  }

  /**
   * Makes the call until it succeeds, fails for a reason that will not pass, or its time or attempts are used up.
   *
   * @param what is called, for the report
   * @throws whatever the last attempt threw
   */
  async call<T>(calls: CallLog, what: string, attempt: () => Promise<T>): Promise<T> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt();
      } catch (error) {
        const transient = transientOf(error);
        if (transient === null) {
          throw error;
        }
        const wait = this.waitBefore(transient.when, attempts);
        if (wait === null) {
          throw error;
        }
        calls.repeat(transient.what, wait);
        this.options.onRetry?.(what, transient.what, wait);
        await this.sleep(wait);
      }
    }
  }

  /**
   * Makes the call until it succeeds: once, and three times in a row where the deployment is fresh. A call
   * that had to be repeated begins the row anew, unless the window is over: then it has failed.
   *
   * @throws AssertionFailure when the window is over and the call still fails now and then
   * @throws whatever the last attempt of a call threw
   */
  async steady<T>(calls: CallLog, what: string, attempt: () => Promise<T>): Promise<T> {
    let lastError: unknown;
    const watched = async () => {
      try {
        return await attempt();
      } catch (error) {
        lastError = error;
        throw error;
      }
    };
    let result = await this.call(calls, what, watched);
    const { freshWindow } = this.options;
    if (freshWindow === null) {
      return result;
    }
    for (let inARow = 1; inARow < SUCCESSES_IN_A_ROW; ) {
      calls.waited(SUCCESS_INTERVAL);
      await this.sleep(SUCCESS_INTERVAL);
      const before = calls.repeats;
      result = await this.call(calls, what, watched);
      inARow = calls.repeats === before ? inARow + 1 : 1;
      if (calls.repeats !== before && this.windowLeft() <= 0) {
        throw new AssertionFailure(
          what,
          `${SUCCESSES_IN_A_ROW} successes in a row within ${freshWindow / 1000} s`,
          "a failure every now and then",
          refusalIn(lastError),
        );
      }
    }
    calls.notes.push(`succeeded ${SUCCESSES_IN_A_ROW} times in a row`);
    return result;
  }

  /** @throws HarnessError when the signal ends the wait */
  async sleep(milliseconds: number): Promise<void> {
    const { signal } = this.options;
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch {
      throw interruption(signal);
    }
  }

  /** Milliseconds that answers of a fresh deployment are still waited for; not above 0 when they are not. */
  private windowLeft(): number {
    return this.freshUntil === null ? 0 : this.freshUntil - performance.now();
  }

  /** Milliseconds to wait before the next attempt; null when there is none. */
  private waitBefore(when: "always" | "fresh", attempts: number): number | null {
    const left = this.windowLeft();
    // Half of it at random ("equal jitter"): https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1));
    const wait = Math.round((longest * (1 + Math.random())) / 2);
    if (left > 0) {
      return Math.min(wait, Math.ceil(left));
    }
    return when === "always" && attempts < ATTEMPTS ? wait : null;
  }
}
