/** How the diagnosis asks AWS: with the backend's credentials, within the walk's limits. */
import type { BackendCredentials } from "../backend";
import { attempt } from "../service-call";
import type { Walk } from "../steps/step";

export interface LookUp {
  /** For an SDK client. */
  readonly client: {
    readonly region: string;
    readonly endpoint?: string;
    readonly credentials?: BackendCredentials;
    readonly maxAttempts: 2;
  };
  /** Sends one command, given what ends it. */
  send<T>(command: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T>;
}

export function lookUpFor(
  walk: Walk,
  options: { endpoint?: string; credentials?: BackendCredentials },
): LookUp {
  const { endpoint, credentials } = options;
  return {
    client: { region: walk.deployment.region, endpoint, credentials, maxAttempts: 2 },
    send: (command) => attempt(walk, "diagnosis", (abortSignal) => command({ abortSignal })),
  };
}
