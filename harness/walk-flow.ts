/** Walks the flow against a deployment, from the pool to the function's greeting, and then asks what must be refused. */
import { inspect } from "node:util";
import { Agent } from "undici";
import { type BackendCredentials, createBackend, requireCredentials } from "./backend";
import { Clock } from "./clock";
import { investigator } from "./diagnosis";
import { standInEndpoint } from "./endpoint";
import { HarnessError, InterruptedError, TimeUpError } from "./errors";
import { CALL_TIME_LIMIT } from "./limited-call";
import type { Deployment } from "./outputs";
import { Patience } from "./patience";
import { Redactor } from "./redact";
import { askRefusals, REFUSALS } from "./refusals";
import type { Report, StepName, StepResult } from "./report";
import { RunIdentities } from "./run-identities";
import type { CallConditions } from "./service-call";
import { StepFailed, StepRecorder } from "./step-recorder";
import { STEPS, walkSteps } from "./steps";
import type { Walk } from "./steps/step";
import { createTokenVerifier } from "./token";

/** Milliseconds that the answers of a fresh deployment are waited for. */
export const FRESH_WINDOW = 90_000;
/** Milliseconds that a whole run may take. */
export const RUN_TIME_LIMIT = 5 * 60_000;
/** Milliseconds that clean-up may take when the run was ended: whoever pressed Ctrl-C does not want to wait. */
const HURRIED_CLEAN_UP = 700;

/** What happens while the walk runs; texts hold no secrets. */
export type ProgressEvent =
  | { readonly type: "step-started" | "refusal-started"; readonly name: string; readonly title: string }
  | { readonly type: "step-finished" | "refusal-finished"; readonly result: StepResult }
  /** Before a call is repeated; `wait` in milliseconds. */
  | { readonly type: "retry"; readonly what: string; readonly cause: string; readonly wait: number }
  /** After every attempt of a call; the error with its causes, null when there was an answer. */
  | {
      readonly type: "call";
      readonly what: string;
      readonly durationMs: number;
      readonly error: string | null;
    }
  | { readonly type: "warning"; readonly message: string };

export interface WalkOptions {
  readonly deployment: Deployment;
  /** Stands in for AWS, e.g. `http://127.0.0.1:4566`. @default AWS_ENDPOINT_URL, else AWS itself */
  readonly endpoint?: string;
  /** The backend's keys. @default what the SDK's default provider chain finds */
  readonly credentials?: BackendCredentials;
  /** Ends the walk; it still cleans up and reports what was done. @default none */
  readonly signal?: AbortSignal;
  /**
   * Whether the deployment was just made: answers that AWS gives until everything is in effect are then waited for,
   * for `FRESH_WINDOW` or as many milliseconds as given.
   *
   * @default false - only throttled calls and broken connections are repeated
   */
  readonly fresh?: boolean | number;
  /** Milliseconds that the run may take, clean-up not counted. @default RUN_TIME_LIMIT */
  readonly timeLimit?: number;
  /** Milliseconds that a call may take. @default CALL_TIME_LIMIT */
  readonly callTimeLimit?: number;
  /** Milliseconds that a step may take before it counts as degraded. @default none */
  readonly stepBudgets?: Readonly<Partial<Record<StepName, number>>>;
  /** Whether a degraded step makes the outcome `failed`. @default false */
  readonly strict?: boolean;
  /** Whether to ask, after the flow, for what must be refused. @default true */
  readonly refusals?: boolean;
  /**
   * Whether to look up what is behind a failure, with the backend's credentials: the role's policies, the API's
   * settings, and the account's own explanation where it is local AWS. @default false
   */
  readonly diagnose?: boolean;
  /** Attributes to sign the users in with, for roles that decide by `aws:PrincipalTag`. @default none */
  readonly principalTags?: Readonly<Record<string, string>>;
  /** What takes the secrets out; it learns those of the run. @default one that shortens the ids of identities */
  readonly redactor?: Redactor;
  /** Told what happens while it happens. @default nobody */
  readonly onProgress?: (event: ProgressEvent) => void;
}

/**
 * Walks the five steps, of which the first failure stops, and asks for the refusals if all passed. Identities that
 * were created are deleted in any case. Whatever the deployment does ends in the report, not in an exception.
 *
 * @example
 * const report = await walkFlow({ deployment: readOutputs("outputs.json") });
 * expect(report).toMatchObject({ outcome: "passed" });
 *
 * @throws SettingsError when the endpoint is not a URL
 */
export async function walkFlow(options: WalkOptions): Promise<Report> {
  const endpoint = standInEndpoint(options.endpoint ?? process.env.AWS_ENDPOINT_URL);
  const startedAt = new Date();
  const started = performance.now();
  const { deployment, onProgress = () => {}, redactor = new Redactor() } = options;
  const { timeLimit = RUN_TIME_LIMIT } = options;
  const { region, identityPoolId, invokeUrl } = deployment;
  redactor.keepPool(identityPoolId);
  redactor.add(options.credentials?.secretAccessKey);
  redactor.add(options.credentials?.sessionToken);
  const tell = (event: ProgressEvent) => onProgress(redactor.all(event));

  const end = new AbortController();
  const timer = setTimeout(() => end.abort(new TimeUpError(timeLimit)), timeLimit);
  const interrupt = () => end.abort(new InterruptedError());
  options.signal?.addEventListener("abort", interrupt, { once: true });
  if (options.signal?.aborted) {
    interrupt();
  }

  const walk = createWalk(options, { endpoint, redactor, signal: end.signal, tell });
  let asking: "step" | "refusal" = "step";
  const recorder = new StepRecorder({
    walk,
    budgets: options.stepBudgets ?? {},
    investigate: options.diagnose ? investigator(walk, options) : null,
    onStarted: (step) => tell({ type: `${asking}-started`, ...step }),
    onFinished: (result) => tell({ type: `${asking}-finished`, result }),
  });

  let outcome: Report["outcome"] = "passed";
  let error: Report["error"] = null;
  const warnings: string[] = [];
  try {
    await requireCredentials(walk.backend, redactor, walk);
    const passed = await walkSteps(recorder);
    if (options.refusals !== false) {
      asking = "refusal";
      if ((await askRefusals(walk, recorder, passed)) > 0) {
        outcome = "failed";
      }
    }
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
    clearTimeout(timer);
    const left = await cleanUp(walk, options.signal);
    options.signal?.removeEventListener("abort", interrupt);
    for (const message of [walk.clock.warning(), left]) {
      if (message !== null) {
        warnings.push(redactor.text(message));
        tell({ type: "warning", message });
      }
    }
    walk.backend.destroy();
    await walk.dispatcher.destroy();
  }

  const steps = recorder.results(STEPS, "an earlier step did not pass");
  if (options.strict && outcome === "passed" && steps.some(({ status }) => status === "degraded")) {
    outcome = "failed";
  }
  return redactor.all<Report>({
    schemaVersion: 1,
    target: { region, endpoint, identityPoolId, invokeUrl },
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    fresh: freshWindow(options) !== null,
    clockSkewMs: walk.clock.skew,
    outcome,
    error,
    warnings,
    steps,
    refusals:
      options.refusals === false ? [] : recorder.results(REFUSALS, "the flow was not walked to its end"),
  });
}

interface WalkCircumstances {
  readonly endpoint: string | null;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  readonly tell: (event: ProgressEvent) => void;
}

function createWalk(options: WalkOptions, { endpoint, redactor, signal, tell }: WalkCircumstances): Walk {
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
  const backend = createBackend({ region, endpoint: given, credentials, clock, callTimeLimit });
  const connection = { ...conditions, dispatcher: new Agent() };
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
  };
}

/** Milliseconds; null when the deployment is not fresh. */
function freshWindow({ fresh = false }: WalkOptions): number | null {
  return fresh === true ? FRESH_WINDOW : fresh === false ? null : fresh;
}

/** A warning when identities may be left over; null when all are gone. */
async function cleanUp(walk: Walk, interruption: AbortSignal | undefined): Promise<string | null> {
  const end = new AbortController();
  const hurry = () => setTimeout(() => end.abort(), HURRIED_CLEAN_UP).unref();
  if (walk.signal.aborted) {
    hurry();
  } else {
    interruption?.addEventListener("abort", hurry, { once: true });
  }
  try {
    await walk.identities.deleteAll(end.signal);
    return null;
  } catch (error) {
    return `Clean-up: identities of this run may be left in the pool. ${error}`;
  } finally {
    interruption?.removeEventListener("abort", hurry);
  }
}
