/** The time limit of one call: it ends when its time is up or the run ends, whatever the call itself takes notice of. */
import { types } from "node:util";
import { CALL_TIME_LIMIT } from "./durations";
import { interruption, NoAnswerError, UnreachableError } from "./errors";

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
}

/**
 * Runs a call within its limits.
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

/** The limit as an object, which begins when it is made; as `withTimeout`, for who wants no function in between. */
export class Deadline {
  /** Ends the call. */
  readonly signal: AbortSignal;
  private readonly started = performance.now();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param onEnd told how many milliseconds it took, and with which error it ended, if with any
   * @throws HarnessError when the signal has been given before
   */
  constructor(
    private readonly limits: CallLimits,
    private readonly onEnd: (durationMs: number, error?: unknown) => void = () => {},
  ) {
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
    this.signal = AbortSignal.any([timeUp.signal, signal ?? []].flat());
  }

  /** Waits for the call or the end of its time, whichever comes first. @throws as `withTimeout` */
  async race<T>(call: Promise<T>): Promise<T> {
    const { signal, limits, started, onEnd } = this;
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", reject, { once: true });
    });
    const told = (error?: unknown) => onEnd(Math.round(performance.now() - started), error);
    try {
      const answer = await Promise.race([call, ended]);
      told();
      return answer;
    } catch (error) {
      const reason = signal.aborted ? interruption(signal) : explained(error, limits);
      told(reason);
      throw reason;
    } finally {
      clearTimeout(this.timer);
    }
  }
}

function explained(error: unknown, { what, endpoint }: CallLimits): unknown {
  const code = transportCode(error);
  return code === undefined
    ? error
    : new UnreachableError(`${what}: no connection (${code}). ${remediation(endpoint)}`, { cause: error });
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
