/** Walks the flow against a deployment, from the pool to the function's greeting, and then asks what must be refused. */
import { AccessMatrix, accessRulesOf } from "./access/matrix";
import { API_REFUSALS } from "./refusals/api";
import { COGNITO_REFUSALS } from "./refusals/cognito";
import { CORS_CHECKS } from "./refusals/cors";
import { LOGIN_REFUSALS, type LoginSession } from "./refusals/login";
import { RefusalSession, refusalStep } from "./refusals/refusal";
import { type TaggedUser, USER_ROUTE_CHECKS } from "./refusals/user-route";
import type { Report } from "./report";
import { requireCredentials } from "./run/cognito-client";
import { createRun, type RunContext, type WalkOptions } from "./run/context";
import { HarnessError } from "./run/errors";
import type { LeftBehind } from "./run/identities";
import { pool } from "./steps/1-pool";
import { roles } from "./steps/2-roles";
import { token } from "./steps/3-token";
import { getCredentials } from "./steps/4-credentials";
import { callApi } from "./steps/5-call";
import { login } from "./steps/login";
import { type Explain, type Step, StepFailedError, StepRecorder } from "./steps/step";

const STEPS = [pool, roles, token, getCredentials, callApi];
const CLIENT_STEPS = [login, getCredentials, callApi];

/** In the order in which they are asked. */
export const REFUSALS: readonly Step<RefusalSession, void>[] = [
  ...API_REFUSALS.map(refusalStep),
  ...CORS_CHECKS,
  ...COGNITO_REFUSALS.map(refusalStep),
];

/** Makes what explains the failures of a walk; nothing has been called by then. */
export type Explainer = (run: RunContext, options: WalkOptions) => Explain;

/**
 * Walks the flow, as `index.ts` says.
 *
 * @param explainer adds hints and findings to what failed
 * @throws SettingsError when the endpoint is not a URL, the slot is no name, nothing says who may call what, or the environment
 *   names a proxy that is none
 */
export async function walkFlow(options: WalkOptions, explainer?: Explainer): Promise<Report> {
  const startedAt = new Date();
  const started = performance.now();
  const rules = accessRulesOf(options);
  const run = createRun(options);
  const access = rules && new AccessMatrix(run, rules, options);
  const steps = new StepRecorder(run, options.stepBudgets, explainer?.(run, options));
  const { deployment, sessions, refusals: asksRefusals = true } = options;
  const ofUsers = deployment.userRoute === undefined ? [] : USER_ROUTE_CHECKS;
  const refusals = [...ofUsers, ...REFUSALS];
  const clientRefusals: readonly Step<LoginSession & TaggedUser, void>[] = [...LOGIN_REFUSALS, ...ofUsers];
  const [asked, mustBeRefused] = sessions === undefined ? [STEPS, refusals] : [CLIENT_STEPS, clientRefusals];
  run.emit({
    type: "planned",
    count: asked.length + (asksRefusals ? mustBeRefused.length : 0) + (access ? 1 : 0),
  });
  let ending: Pick<Report, "outcome" | "error">;
  let leftBehind: LeftBehind | undefined;
  let warnings: string[] = [];
  try {
    if (sessions === undefined) {
      await requireCredentials(run);
      await steps.run(pool);
      await steps.run(roles);
      leftBehind = await run.deleteLeftBehind();
      const user = await steps.run(token);
      const credentials = await steps.run(getCredentials, user);
      await steps.run(callApi, { user, credentials });
      if (asksRefusals) {
        const session = new RefusalSession(run, { user, credentials });
        await steps.runEach(refusals, session).finally(() => session.settled());
      }
      await access?.ask({ ...user, credentials, username: run.principalTags?.username });
    } else {
      const user = await steps.run(login, sessions);
      const credentials = await steps.run(getCredentials, user);
      await steps.run(callApi, { user, credentials });
      if (asksRefusals) {
        await steps.runEach(clientRefusals, { sessions, credentials, username: user.username });
      }
      await access?.ask({ ...user, credentials });
    }
    const failed =
      steps.has("failed") || access?.failed || (options.strict === true && steps.has("degraded"));
    ending = { outcome: failed ? "failed" : "passed", error: null };
  } catch (error) {
    ending = endingOf(error);
  } finally {
    warnings = [...(leftBehind?.warnings ?? []), ...(await run.end())];
  }
  const { region, identityPoolId, invokeUrl } = deployment;
  return run.redactor.all<Report>({
    schemaVersion: 1,
    target: { region, endpoint: run.endpoint ?? null, identityPoolId, invokeUrl },
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    fresh: run.fresh !== undefined,
    clockSkewMs: run.clock.skew ?? null,
    ...ending,
    warnings,
    ...(sessions === undefined ? {} : { via: "login" }),
    steps: steps.results(asked, "an earlier step did not pass"),
    refusals: asksRefusals ? steps.results(mustBeRefused, "the flow was not walked to its end") : [],
    ...(access === undefined ? {} : { access: access.report() }),
    ...(leftBehind?.count === undefined ? {} : { leftBehind: leftBehind.count }),
  });
}

function endingOf(error: unknown): Pick<Report, "outcome" | "error"> {
  if (error instanceof StepFailedError) {
    return { outcome: "failed", error: null };
  }
  if (error instanceof HarnessError) {
    return { outcome: "error", error: { kind: error.kind, message: error.message } };
  }
  throw error;
}
