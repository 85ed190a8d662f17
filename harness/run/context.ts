/** Makes what lives as long as one walk: connections, limits, and what is learnt on the way. */
import { inspect } from "node:util";
import { CALL_TIME_LIMIT } from "../calls/call";
import { createBackend } from "../calls/cognito";
import { Patience } from "../calls/patience";
import type { CallConditions } from "../calls/service-call";
import { createTokenVerifier } from "../calls/token";
import type { Walk } from "../steps/step";
import { Clock } from "./clock";
import { createDispatcher, sdkRequestHandler } from "./connections";
import { RunIdentities } from "./identities";
import { FRESH_WINDOW, type ProgressEvent, TOKEN_LEEWAY, type WalkOptions } from "./options";
import type { Redactor } from "./redact";

/** What the caller has settled before: where calls go, who takes secrets out, what ends the walk, who is told. */
export interface WalkCircumstances {
  readonly endpoint: string | null;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  readonly tell: (event: ProgressEvent) => void;
}

/**
 * Makes it without any call; whoever made it destroys its `backend` and its `dispatcher`.
 *
 * @throws SettingsError when the environment names a proxy that is no URL
 */
export function createWalk(
  options: WalkOptions,
  { endpoint, redactor, signal, tell }: WalkCircumstances,
): Walk {
  const { deployment, callTimeLimit = CALL_TIME_LIMIT } = options;
  const { region, identityPoolId } = deployment;
  const clock = new Clock();
  const conditions: CallConditions = {
    endpoint,
    callTimeLimit,
    signal,
    onCall: (what, durationMs, error) =>
      // With its causes: whoever follows the calls wants to see what really happened.
      tell({ type: "call", what, durationMs, error: error === null ? null : inspect(error, { depth: 4 }) }),
  };
  const { endpoint: given, credentials } = options;
  const dispatcher = createDispatcher();
  const connection = { ...conditions, dispatcher };
  const requestHandler = sdkRequestHandler(dispatcher);
  const backend = createBackend({ region, endpoint: given, credentials, clock, redactor, requestHandler });
  return {
    ...connection,
    deployment,
    backend,
    tokens: createTokenVerifier({ identityPoolId, connection }),
    identities: new RunIdentities({ backend, identityPoolId, endpoint, callTimeLimit }),
    patience: new Patience({
      freshWindow: freshWindow(options),
      signal,
      onRetry: (what, cause, wait) => tell({ type: "retry", what, cause, wait }),
    }),
    clock,
    redactor,
    principalTags: options.principalTags ?? null,
    tokenLeeway: options.tokenLeeway ?? TOKEN_LEEWAY,
  };
}

/** Milliseconds; null when the deployment is not fresh. */
function freshWindow({ fresh = false }: WalkOptions): number | null {
  return fresh === true ? FRESH_WINDOW : fresh === false ? null : fresh;
}
