/** Walks the flow against a deployment, from the pool to the function's greeting. */
import { Agent } from "undici";
import { type BackendCredentials, createBackend, requireCredentials } from "./backend";
import { standInEndpoint } from "./endpoint";
import { HarnessError } from "./errors";
import type { Deployment } from "./outputs";
import { Redactor } from "./redact";
import type { Report, StepName, StepResult } from "./report";
import { RunIdentities } from "./run-identities";
import { StepFailed, StepRecorder } from "./step-recorder";
import { callStep } from "./steps/call";
import { credentialsStep } from "./steps/credentials";
import { poolStep } from "./steps/pool";
import { rolesStep } from "./steps/roles";
import type { Walk } from "./steps/step";
import { tokenStep } from "./steps/token";
import { createTokenVerifier } from "./token";

export type ProgressEvent =
  | { readonly type: "step-started"; readonly name: StepName }
  | { readonly type: "step-finished"; readonly result: StepResult }
  | { readonly type: "warning"; readonly message: string };

export interface WalkOptions {
  readonly deployment: Deployment;
  /** Stands in for AWS, e.g. `http://127.0.0.1:4566`. @default AWS_ENDPOINT_URL, else AWS itself */
  readonly endpoint?: string;
  /** The backend's keys. @default what the SDK's default provider chain finds */
  readonly credentials?: BackendCredentials;
  /** Ends the walk; it still cleans up and reports what was done. @default none */
  readonly signal?: AbortSignal;
  /** Told what happens while it happens; texts hold no secrets. @default nobody */
  readonly onProgress?: (event: ProgressEvent) => void;
}

/**
 * Walks the five steps; the first failure stops, and identities that were created are deleted in any case.
 * Whatever the deployment does ends in the report, not in an exception.
 *
 * @example
 * const report = await walkFlow({ deployment: readOutputs("outputs.json") });
 * expect(report).toMatchObject({ outcome: "passed" });
 *
 * @throws SettingsError when the endpoint is not a URL
 */
export async function walkFlow(options: WalkOptions): Promise<Report> {
  const { deployment, onProgress = () => {}, signal = new AbortController().signal } = options;
  const endpoint = standInEndpoint(options.endpoint ?? process.env.AWS_ENDPOINT_URL);
  const startedAt = new Date();
  const started = performance.now();

  const { region, identityPoolId, invokeUrl } = deployment;
  const redactor = new Redactor();
  const dispatcher = new Agent();
  const backend = createBackend({ region, endpoint: options.endpoint, credentials: options.credentials });
  const identities = new RunIdentities({ backend, identityPoolId, endpoint });
  const tokens = createTokenVerifier({ identityPoolId, endpoint, dispatcher, signal });
  const walk: Walk = {
    deployment,
    endpoint,
    backend,
    tokens,
    identities,
    dispatcher,
    redactor,
    signal,
  };
  const recorder = new StepRecorder(walk, {
    started: (name) => onProgress({ type: "step-started", name }),
    finished: (result) => onProgress({ type: "step-finished", result }),
  });

  let outcome: Report["outcome"] = "passed";
  let error: Report["error"] = null;
  const warnings: string[] = [];
  try {
    await requireCredentials(backend, redactor, signal);
    await walkSteps(recorder);
  } catch (thrown) {
    if (thrown instanceof StepFailed) {
      outcome = "failed";
    } else if (thrown instanceof HarnessError) {
      outcome = "error";
      error = { kind: thrown.kind, message: redactor.text(thrown.message) };
    } else {
      throw thrown;
    }
  } finally {
    const message = await cleanUp(identities);
    if (message !== null) {
      warnings.push(redactor.text(message));
      onProgress({ type: "warning", message: redactor.text(message) });
    }
    backend.destroy();
    await dispatcher.destroy();
  }

  return {
    schemaVersion: 1,
    target: { region, endpoint, identityPoolId, invokeUrl },
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    outcome,
    error,
    warnings,
    steps: recorder.results(),
    refusals: [],
  };
}

/** The flow itself. */
async function walkSteps(recorder: StepRecorder): Promise<void> {
  await recorder.run(poolStep, undefined);
  await recorder.run(rolesStep, undefined);
  const user = await recorder.run(tokenStep, undefined);
  const credentials = await recorder.run(credentialsStep, user);
  await recorder.run(callStep, { user, credentials });
}

/** A warning when identities may be left over; null when all are gone. */
async function cleanUp(identities: RunIdentities): Promise<string | null> {
  try {
    await identities.deleteAll();
    return null;
  } catch (error) {
    return `Clean-up: identities of this run may be left in the pool. ${error}`;
  }
}
