/** A step's call to Cognito: limited in time and noted for the report. */
import type { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import type { CallLog } from "../call-log";
import { limitedCall } from "../limited-call";
import type { Walk } from "./step";

/** @param what the operation, for messages */
export function cognitoCall<T extends { $metadata: object }>(
  walk: Walk,
  calls: CallLog,
  what: string,
  call: (client: CognitoIdentityClient, options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const { endpoint, signal, backend } = walk;
  return calls.sdk(limitedCall({ what, endpoint, signal }, (abortSignal) => call(backend, { abortSignal })));
}
