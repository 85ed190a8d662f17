/** Walks the flow against a deployment, from the pool to the function's greeting, and then asks what must be refused. */
import { requireCredentials } from "./calls/cognito";
import { standInEndpoint } from "./calls/endpoint";
import { askRefusals, REFUSALS } from "./refusals";
import type { Report } from "./report";
import { investigator } from "./reporting/explain";
import { createWalk } from "./run/context";
import { HarnessError } from "./run/errors";
import { RunLimit } from "./run/limit";
import { type ProgressEvent, RUN_TIME_LIMIT, type WalkOptions } from "./run/options";
import { Redactor } from "./run/redact";
import { STEPS, walkSteps } from "./steps";
import { StepFailed, StepRecorder } from "./steps/recorder";
import type { Walk } from "./steps/step";

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
  const endpoint =
    options.endpoint === undefined
      ? standInEndpoint(process.env.AWS_ENDPOINT_URL, "AWS_ENDPOINT_URL")
      : standInEndpoint(options.endpoint, "The option endpoint");
  const startedAt = new Date();
  const started = performance.now();
  const { deployment, onProgress = () => {}, redactor = new Redactor() } = options;
  const { region, identityPoolId, invokeUrl } = deployment;
  redactor.keepPool(identityPoolId);
  redactor.add(options.credentials?.secretAccessKey);
  redactor.add(options.credentials?.sessionToken);
  const tell = (event: ProgressEvent) => onProgress(redactor.all(event));

  const limit = new RunLimit(options.timeLimit ?? RUN_TIME_LIMIT, options.signal);
  const walk = createWalk(options, { endpoint, redactor, signal: limit.signal, tell });
  const recorder = new StepRecorder({
    walk,
    budgets: options.stepBudgets ?? {},
    investigate: options.diagnose ? investigator(walk, options) : null,
    tell,
  });
  const warnings: string[] = [];
  let ending: Ending;
  try {
    ending = await walkToItsEnd(walk, recorder, options);
  } finally {
    const left = await limit.afterwards((signal) => cleanUp(walk, signal));
    for (const message of [walk.clock.warning(), left].filter((warning) => warning !== null)) {
      warnings.push(message);
      tell({ type: "warning", message });
    }
    walk.backend.destroy();
    await walk.dispatcher.destroy();
  }
  return redactor.all<Report>({
    schemaVersion: 1,
    target: { region, endpoint, identityPoolId, invokeUrl },
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    fresh: walk.patience.fresh,
    clockSkewMs: walk.clock.skew,
    ...ending,
    warnings,
    steps: recorder.results(STEPS, "an earlier step did not pass"),
    refusals:
      options.refusals === false ? [] : recorder.results(REFUSALS, "the flow was not walked to its end"),
  });
}

type Ending = Pick<Report, "outcome" | "error">;

async function walkToItsEnd(walk: Walk, recorder: StepRecorder, options: WalkOptions): Promise<Ending> {
  try {
    await requireCredentials(walk.backend, walk.redactor, walk);
    const passed = await walkSteps(recorder);
    const failed = options.refusals === false ? 0 : await askRefusals(walk, recorder, passed);
    const tooSlow = options.strict === true && recorder.has("degraded");
    return { outcome: failed > 0 || tooSlow ? "failed" : "passed", error: null };
  } catch (error) {
    if (error instanceof StepFailed) {
      return { outcome: "failed", error: null };
    }
    if (error instanceof HarnessError) {
      return { outcome: "error", error: { kind: error.kind, message: error.message } };
    }
    throw error;
  }
}

/** A warning when identities may be left over; null when all are gone. */
async function cleanUp(walk: Walk, signal: AbortSignal): Promise<string | null> {
  try {
    await walk.identities.deleteAll(signal);
    return null;
  } catch (error) {
    return `Clean-up: identities of this run may be left in the pool. ${(error as Error).message}`;
  }
}
