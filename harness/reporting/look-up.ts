/** How the diagnosis asks AWS: with the backend's credentials, within the walk's limits. */
import type { HttpHandler } from "@smithy/protocol-http";
import type { BackendCredentials } from "../calls/cognito";
import { attempt } from "../calls/service-call";
import { sdkRequestHandler } from "../run/connections";
import type { Walk } from "../steps/step";

export interface LookUp {
  /** For an SDK client. */
  readonly client: {
    readonly region: string;
    readonly endpoint?: string;
    readonly credentials?: BackendCredentials;
    readonly maxAttempts: number;
    readonly requestHandler: HttpHandler;
  };
  /** Sends one command, given its name and what ends it. */
  send<T>(what: string, command: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T>;
}

export function lookUpFor(
  walk: Walk,
  { endpoint, credentials }: { readonly endpoint?: string; readonly credentials?: BackendCredentials },
): LookUp {
  return {
    client: {
      region: walk.deployment.region,
      endpoint,
      credentials,
      maxAttempts: 2,
      requestHandler: sdkRequestHandler(walk.dispatcher),
    },
    send: (what, command) => attempt(walk, what, (abortSignal) => command({ abortSignal })),
  };
}
