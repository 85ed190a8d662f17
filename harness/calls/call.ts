/** The one place where calls are limited in time, repeated where their failure may pass, and logged for the report. */
import { setTimeout as sleep } from "node:timers/promises";
import { inspect, types } from "node:util";
import type { Connections } from "../run/connections";
import { CALL_TIME_LIMIT } from "../run/durations";
import { interruption, NoAnswerError, UnreachableError } from "../run/errors";
import { AssertionError, type ErrorResponse } from "./assert";
import { errorResponseIn, retryableFailure } from "./retryable";

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
    const { fresh, emit } = this.connections;
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
        const failure = retryableFailure(error);
        const wait = failure && this.waitAfter(failures, failure.when);
        if (failure === undefined || wait === undefined) {
          throw error;
        }
        this.repeats += 1;
        this.causes.set(failure.what, (this.causes.get(failure.what) ?? 0) + 1);
        emit({ type: "retry", what: request.name, cause: failure.what, wait });
        await this.wait(wait);
        continue;
      }
      if (!consecutive || fresh === undefined) {
        return result;
      }
      if (inARow > 0 && failures > 0 && this.windowLeft() <= 0) {
        throw new AssertionError(
          request.name,
          `${SUCCESSES_IN_A_ROW} successes in a row within ${fresh.window / 1000} s`,
          "a failure every now and then",
          errorResponseIn(lastError),
        );
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
  readonly once = async <T>(what: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> => {
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

  private deadline(what: string): Deadline {
    const { endpoint, callTimeLimit: timeLimit, signal, emit } = this.connections;
    const onEnd = (durationMs: number, error: unknown) =>
      // With its causes: whoever follows the calls wants to see what really happened.
      emit({
        type: "call",
        what,
        durationMs,
        error: error === undefined ? null : inspect(error, { depth: 4 }),
      });
    return new Deadline({ what, endpoint, signal, timeLimit, onEnd });
  }

  private read<Result>(request: ServiceRequest<Result>, answer: unknown): Result {
    if (request.requestIdOf !== undefined) {
      this.requestId = request.requestIdOf(answer);
    }
    return request.read(answer);
  }

  private readError<Result>(
    request: ServiceRequest<Result> | RefusableRequest<Result>,
    error: unknown,
  ): Result {
    if (request.requestIdOf !== undefined) {
      this.requestId = errorResponseIn(error)?.requestId;
    }
    if ("readError" in request) {
      return request.readError(error);
    }
    throw error;
  }

  /** Milliseconds that answers of a fresh deployment are still waited for; not above 0 when they are not. */
  private windowLeft(): number {
    const { fresh } = this.connections;
    return fresh === undefined ? 0 : fresh.until - performance.now();
  }

  /** Milliseconds to wait before the next attempt; undefined when there is none. */
  private waitAfter(failures: number, when: "always" | "fresh"): number | undefined {
    const left = this.windowLeft();
    // Half of it at random ("equal jitter"): https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1));
    const wait = Math.round((longest * (1 + Math.random())) / 2);
    if (left > 0) {
      return Math.min(wait, Math.ceil(left));
    }
    return when === "always" && failures < ATTEMPTS ? wait : undefined;
  }
}

/** What ends a call before its time, and how messages name it. */
export interface CallLimits {
  /** An operation of AWS or a request line. */
  readonly what: string;
  /** What stands in for AWS; undefined for AWS itself. */
  readonly endpoint?: string;
  /** Ends the call before its time; a reason that is a `HarnessError` is what the call then throws. */
  readonly signal?: AbortSignal;
  /** In milliseconds. @default CALL_TIME_LIMIT */
  readonly timeLimit?: number;
  /** Told how many milliseconds it took, and with which error it ended, if with any. @default nobody */
  readonly onEnd?: (durationMs: number, error: unknown) => void;
}

/**
 * Runs a call and ends it when its time limit passes or the signal is given, even if the call itself takes no notice.
 *
 * @throws NoAnswerError when the time limit passed
 * @throws UnreachableError when there was no connection, or it broke
 * @throws InterruptedError when the signal ended it, unless the signal gives another reason
 */
export async function withTimeout<T>(
  limits: CallLimits,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(limits);
  return deadline.race(call(deadline.signal));
}

/** The time limit of one call, which begins when it is made; as `withTimeout`, for who wants no function in between. */
class Deadline {
  /** Ends the call. */
  readonly signal: AbortSignal;
  private readonly started = performance.now();
  private readonly timer: NodeJS.Timeout;

  /** @throws HarnessError when the signal has been given before */
  constructor(private readonly limits: CallLimits) {
    const { what, endpoint, signal, timeLimit = CALL_TIME_LIMIT } = limits;
    if (signal?.aborted) {
      throw interruption(signal);
    }
    const timeUp = new AbortController();
    // Not AbortSignal.timeout, whose timer keeps no process alive.
    this.timer = setTimeout(() => {
      const message = `${what}: no answer within ${timeLimit / 1000} s. ${remediation(endpoint)}`;
      timeUp.abort(new NoAnswerError(message));
    }, timeLimit);
    this.signal = AbortSignal.any([timeUp.signal, ...(signal === undefined ? [] : [signal])]);
  }

  /** Waits for the call or the end of its time, whichever comes first. @throws as `withTimeout` */
  async race<T>(call: Promise<T>): Promise<T> {
    const { signal, limits, started } = this;
    let end = () => {};
    const ended = new Promise<never>((_, reject) => {
      end = () => reject(interruption(signal));
      signal.addEventListener("abort", end, { once: true });
      if (signal.aborted) {
        end();
      }
    });
    const told = (error: unknown) => limits.onEnd?.(Math.round(performance.now() - started), error);
    try {
      const answer = await Promise.race([call, ended]);
      told(undefined);
      return answer;
    } catch (error) {
      const explained = signal.aborted ? interruption(signal) : this.explained(error);
      told(explained);
      throw explained;
    } finally {
      clearTimeout(this.timer);
      signal.removeEventListener("abort", end);
    }
  }

  private explained(error: unknown): unknown {
    const code = transportCode(error);
    const { what, endpoint } = this.limits;
    return code === undefined
      ? error
      : new UnreachableError(`${what}: no connection (${code}). ${remediation(endpoint)}`, { cause: error });
  }
}

function remediation(endpoint: string | undefined): string {
  return endpoint === undefined
    ? "Check the network, the proxy settings and the region in the outputs."
    : `Calls go to AWS_ENDPOINT_URL (${endpoint}): start what should listen there, or unset it to reach AWS itself.`;
}

/** Codes of Node's sockets, its resolver and TLS, and of undici. Errors that AWS answered with have no such code. */
const TRANSPORT_CODE =
  /^(ECONN\w+|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|EPROTO|UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|SOCKET|ABORTED|PRX_TLS)|HPE_\w+|ERR_TLS_\w+|ERR_SSL_\w+|\w*CERT\w*)$/;

/** Finds the code of the transport's failure in the error, its cause or the first of the attempts that it sums up. */
function transportCode(error: unknown): string | undefined {
  if (!types.isNativeError(error)) {
    return undefined;
  }
  const { code, errors, cause } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  return code !== undefined && TRANSPORT_CODE.test(code) ? code : transportCode(errors?.[0] ?? cause);
}
