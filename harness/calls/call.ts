/** Gives every call its time limit, and says in one message what kept a service from answering. */
import { types } from "node:util";
import { interruption, NoAnswerError, UnreachableError } from "../run/errors";

/** Time limit of one call, in milliseconds, unless another is asked for. */
export const CALL_TIME_LIMIT = 10_000;

/** What ends a call before its time, and how messages name it. */
export interface CallLimits {
  /** What is called, for messages: an operation of AWS or a request line. */
  readonly what: string;
  /** The stand-in for AWS that it goes to; null for AWS itself. */
  readonly endpoint: string | null;
  /** Ends the call before its time; a reason that is a `HarnessError` is what the call then throws. */
  readonly signal?: AbortSignal;
  /** In milliseconds. @default CALL_TIME_LIMIT */
  readonly timeLimit?: number;
}

/**
 * Runs a call and ends it when its time limit passes or the signal is given, even if the call itself takes no notice.
 *
 * @throws NoAnswerError when the time limit passed
 * @throws UnreachableError when there was no connection, or it broke
 * @throws InterruptedError when the signal ended it, unless the signal gives another reason
 */
export async function limitedCall<T>(
  { what, endpoint, signal, timeLimit = CALL_TIME_LIMIT }: CallLimits,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const interrupt = () => end.abort(interruption(signal));
  if (signal?.aborted) {
    throw interruption(signal);
  }
  signal?.addEventListener("abort", interrupt);
  const timer = setTimeout(() => {
    end.abort(new NoAnswerError(`${what}: no answer within ${timeLimit / 1000} s. ${cure(endpoint)}`));
  }, timeLimit);
  const ended = new Promise<never>((_, reject) => {
    end.signal.addEventListener("abort", () => reject(end.signal.reason));
  });
  try {
    return await Promise.race([call(end.signal), ended]);
  } catch (error) {
    if (end.signal.aborted) {
      throw end.signal.reason;
    }
    const code = transportFailure(error);
    if (code !== null) {
      throw new UnreachableError(`${what}: no connection (${code}). ${cure(endpoint)}`, { cause: error });
    }
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
  }
}

function cure(endpoint: string | null): string {
  return endpoint === null
    ? "Check the network, the proxy settings and the region in the outputs."
    : `Calls go to AWS_ENDPOINT_URL (${endpoint}): start what should listen there, or unset it to reach AWS itself.`;
}

/** Codes of Node's sockets, its resolver and TLS, and of undici. Errors that AWS answered with have no such code. */
const TRANSPORT_CODE =
  /^(ECONN\w+|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|EPROTO|UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|SOCKET|ABORTED|PRX_TLS)|HPE_\w+|ERR_TLS_\w+|ERR_SSL_\w+|\w*CERT\w*)$/;

/** The code of the transport's failure, looked for in the error, its cause and the first of the attempts that it sums up. */
function transportFailure(error: unknown): string | null {
  // Not `instanceof`: inside Jest, Node's own errors are of another realm.
  if (!types.isNativeError(error)) {
    return null;
  }
  const { code, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  // For the same reason the SDK wraps them, and only their text remains; "aborted" is an answer that was cut off.
  const wrapped = /^AWS SDK error wrapper for .*\b(E[A-Z_]+|aborted)\b/.exec(error.message)?.[1];
  const found = code ?? (wrapped === "aborted" ? "ECONNRESET" : wrapped);
  if (typeof found === "string" && TRANSPORT_CODE.test(found)) {
    return found;
  }
  return transportFailure(errors?.[0] ?? error.cause);
}
