/** The one place where calls are limited in time, repeated where their failure may pass, and logged for the report. */
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import type { Connections } from "../run/connections";
import { Deadline } from "../run/deadline";
import { AssertionError, type ErrorResponse, errorResponseIn, interruption } from "../run/errors";
import { retryableFailure } from "./retryable";

/** A call as data: how it is sent and how its answer is read. It may be sent several times. */
// biome-ignore lint/suspicious/noExplicitAny: only the request itself knows what it is answered with
export interface ServiceRequest<Result, Answer = any> {
  /** An operation of AWS or a request line, for messages. */
  readonly name: string;
  send(connections: Connections, signal: AbortSignal): Promise<Answer>;
  /** Finds AWS's id of the call. @default it has none, and the one of the call before stays */
  requestIdOf?(answer: Answer): string | undefined;
  /** Finds the refusal in an answer. @default services that refuse by an error have none there */
  refusalOf?(answer: Answer): ErrorResponse | undefined;
  /** @throws AssertionError when the answer is not what it should be; it is repeated where that may pass */
  read(answer: Answer): Result;
}

/** A call that may be refused: the refusal is a result, too. */
export interface RefusableRequest<Result> extends ServiceRequest<Result> {
  /** Reads an error as a result, or throws it. */
  readError(error: unknown): Result;
}

/** Throttled and broken calls are made this often in all when the deployment is not fresh. */
const ATTEMPTS = 3;
/** Milliseconds: the longest wait before the second attempt, doubled before each further one. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 5_000;

/** One success is not readiness: of API Gateway's hosts, some may be behind the others. */
const SUCCESSES_IN_A_ROW = 3;
/** Milliseconds between them. */
const SUCCESS_INTERVAL = 250;

/** Makes the calls of one step, and keeps what they leave behind for the report. */
export class Calls {
  /** AWS's id of the last call; undefined when it had none. */
  requestId?: string;
  /** Calls that had to be repeated. */
  repeats = 0;
  /** Milliseconds spent waiting. */
  waitedMs = 0;
  /** Lines for the report. */
  readonly notes: string[] = [];
  private readonly causes = new Map<string, number>();

  constructor(private readonly connections: Connections) {}

  /**
   * Makes the call until it succeeds, fails for a reason that will not pass, or its time or attempts are used up.
   *
   * With `consecutive`, on a fresh deployment, it has to succeed three times in a row. A call that had to be repeated begins
   * the row anew, unless the window is over: then it has failed.
   *
   * @throws whatever the last attempt threw
   */
  readonly call = async <Result>(
    request: ServiceRequest<Result> | RefusableRequest<Result>,
    { consecutive = false }: { readonly consecutive?: boolean } = {},
  ): Promise<Result> => {
    const { fresh } = this.connections;
    let lastError: unknown;
    let failures = 0;
    let inARow = 0;
    for (;;) {
      let result: Result;
      try {
        const deadline = this.deadline(request.name);
        const answer = deadline.race(request.send(this.connections, deadline.signal));
        result = await answer.then(
          (came) => this.read(request, came),
          (error) => this.readError(request, error),
        );
      } catch (error) {
        lastError = error;
        failures += 1;
        await this.waitAfter(error, failures, request.name);
        continue;
      }
      if (!consecutive || fresh === undefined) {
        return result;
      }
      if (inARow > 0 && failures > 0 && this.windowLeft() <= 0) {
        const expected = `${SUCCESSES_IN_A_ROW} successes in a row within ${fresh.window / 1000} s`;
        const actual = "a failure every now and then";
        throw new AssertionError(request.name, expected, actual, errorResponseIn(lastError));
      }
      inARow = failures > 0 ? 1 : inARow + 1;
      failures = 0;
      if (inARow === SUCCESSES_IN_A_ROW) {
        this.notes.push(`succeeded ${SUCCESSES_IN_A_ROW} times in a row`);
        return result;
      }
      await this.wait(SUCCESS_INTERVAL);
    }
  };

  /** Makes a call once, within its limit. @throws HarnessError when there is no answer */
  readonly once = <T>(what: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const deadline = this.deadline(what);
    return deadline.race(send(deadline.signal));
  };

  /** Waits so many milliseconds. @throws HarnessError when the run ends meanwhile */
  readonly wait = async (milliseconds: number): Promise<void> => {
    const { signal } = this.connections;
    this.waitedMs += milliseconds;
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch {
      throw interruption(signal);
    }
  };

  /** Lists why calls were repeated, a line for each cause. */
  retries(): string[] {
    return [...this.causes].map(
      ([cause, times]) => `repeated ${times === 1 ? "once" : `${times} times`}: ${cause}`,
    );
  }

  /** Begins a call's time limit; its end is told with all its causes, for whoever follows the calls. */
  private deadline(what: string): Deadline {
    const { endpoint, callTimeLimit: timeLimit, signal, emit } = this.connections;
    return new Deadline({ what, endpoint, signal, timeLimit }, (durationMs, error) => {
      const shown = error === undefined ? null : inspect(error, { depth: 4 });
      emit({ type: "call", what, durationMs, error: shown });
    });
  }

  private read<Result>(request: ServiceRequest<Result>, answer: unknown): Result {
    this.requestId = request.requestIdOf === undefined ? this.requestId : request.requestIdOf(answer);
    return request.read(answer);
  }

  private readError<Result>(
    request: ServiceRequest<Result> | RefusableRequest<Result>,
    error: unknown,
  ): Result {
    this.requestId = request.requestIdOf === undefined ? this.requestId : errorResponseIn(error)?.requestId;
    if ("readError" in request) {
      return request.readError(error);
    }
    throw error;
  }

  /** Waits until the call is repeated. @throws the error when that would hide a fault, or no attempt is left */
  private async waitAfter(error: unknown, failures: number, name: string): Promise<void> {
    const failure = retryableFailure(error);
    const left = this.windowLeft();
    if (failure === undefined || !(left > 0 || (failure.when === "always" && failures < ATTEMPTS))) {
      throw error;
    }
    // Half of it at random ("equal jitter"): https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1));
    const jittered = Math.round((longest * (1 + Math.random())) / 2);
    const wait = left > 0 ? Math.min(jittered, Math.ceil(left)) : jittered;
    this.repeats += 1;
    this.causes.set(failure.what, (this.causes.get(failure.what) ?? 0) + 1);
    this.connections.emit({ type: "retry", what: name, cause: failure.what, wait });
    await this.wait(wait);
  }

  /** Milliseconds that answers of a fresh deployment are still waited for; not above 0 when they are not. */
  private windowLeft(): number {
    const { fresh } = this.connections;
    return fresh === undefined ? 0 : fresh.until - performance.now();
  }
}
