/** How explanations ask AWS: with the backend's credentials, within the run's limits. */
import type { HttpHandler } from "@smithy/core/protocols";
import { Calls } from "../calls/call";
import type { Credentials } from "../run/connections";
import { sdkRequestHandler } from "../run/connections";
import type { RunContext, WalkOptions } from "../run/context";

/** Reads from AWS with clients of the SDK. */
export interface AwsReader {
  /** For a client. */
  readonly client: {
    readonly region: string;
    readonly endpoint?: string;
    readonly credentials?: Credentials;
    readonly maxAttempts: number;
    readonly requestHandler: HttpHandler;
  };
  /** Sends one command, given its name and what ends it. @throws HarnessError when there is no answer */
  send<T>(what: string, command: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T>;
}

/** Makes it. @param options what the backend's client was made with */
export function awsReader(run: RunContext, { endpoint, credentials }: WalkOptions): AwsReader {
  const { region } = run.deployment;
  const requestHandler = sdkRequestHandler(run.dispatcher);
  return {
    client: { region, endpoint, credentials, maxAttempts: 2, requestHandler },
    send: (name, command) => new Calls(run).once(name, (abortSignal) => command({ abortSignal })),
  };
}
