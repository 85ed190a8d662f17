/** Every call goes through here: limited in time, told to whoever follows, and noted for the report. */
import type { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import type { Dispatcher } from "undici";
import { UnreadableAnswer } from "./assert";
import { limitedCall } from "./call";
import type { CallLog } from "./call-log";
import type { Patience } from "./patience";
import { refusalIn } from "./retryable";

/** The conditions under which every call is made. */
export interface CallConditions {
  /** What stands in for AWS; null for AWS itself. */
  readonly endpoint: string | null;
  /** Milliseconds a call may take. */
  readonly callTimeLimit: number;
  /** Ends the walk. */
  readonly signal: AbortSignal;
  /** Told of every attempt when it has ended; the error is null when there was an answer. */
  readonly onCall: (what: string, durationMs: number, error: unknown) => void;
}

/** How the services are reached. */
export interface ServiceConnection extends CallConditions {
  /** Cognito, with the backend's credentials. */
  readonly backend: CognitoIdentityClient;
  /** undici's connections. */
  readonly dispatcher: Dispatcher;
}

/**
 * One attempt of a call.
 *
 * @param what the operation or request line, for messages
 * @throws HarnessError when there is no answer
 */
export async function attempt<T>(
  { endpoint, signal, callTimeLimit, onCall }: CallConditions,
  what: string,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const told = (error: unknown) => onCall(what, Math.round(performance.now() - started), error);
  try {
    const answer = await limitedCall({ what, endpoint, signal, timeLimit: callTimeLimit }, call);
    told(null);
    return answer;
  } catch (error) {
    told(error);
    throw error;
  }
}

/** One attempt of a call to Cognito. */
export async function cognitoAttempt<T extends { $metadata: object }>(
  connection: ServiceConnection,
  calls: CallLog,
  what: string,
  call: (client: CognitoIdentityClient, options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  try {
    return await calls.sdk(
      attempt(connection, what, (abortSignal) => call(connection.backend, { abortSignal })),
    );
  } catch (error) {
    throw unreadable(what, error) ?? error;
  }
}

/** A call to Cognito, repeated where its failure may pass. */
export function cognitoCall<T extends { $metadata: object }>(
  connection: ServiceConnection & { readonly patience: Patience },
  calls: CallLog,
  what: string,
  call: (client: CognitoIdentityClient, options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  return connection.patience.call(calls, what, () => cognitoAttempt(connection, calls, what, call));
}

/** The SDK could not read what came; it keeps the response in a property of its error. */
function unreadable(what: string, error: unknown): UnreadableAnswer | null {
  const { $response } = error as { $response?: { statusCode: number } };
  if ($response === undefined || refusalIn(error) !== null) {
    return null;
  }
  return new UnreadableAnswer(
    what,
    "an answer of Cognito",
    `${$response.statusCode} with a body that is not`,
    {
      service: "cognito-identity",
      status: $response.statusCode,
      code: null,
      message: "unreadable",
    },
  );
}
