/** The flow: its five steps in their order. */

import { poolStep } from "./1-pool";
import { rolesStep } from "./2-roles";
import { tokenStep } from "./3-token";
import { credentialsStep } from "./4-credentials";
import { type CallInput, callStep } from "./5-call";
import type { StepRecorder } from "./recorder";

/** In the order of `STEP_NAMES`. */
export const STEPS = [poolStep, rolesStep, tokenStep, credentialsStep, callStep] as const;

/**
 * Walks the flow; returns the user who came through it.
 *
 * @throws StepFailed at the first step that fails
 * @throws HarnessError when a service does not answer
 */
export async function walkSteps(recorder: StepRecorder): Promise<CallInput> {
  await recorder.run(poolStep, undefined);
  await recorder.run(rolesStep, undefined);
  const user = await recorder.run(tokenStep, undefined);
  const credentials = await recorder.run(credentialsStep, user);
  await recorder.run(callStep, { user, credentials });
  return { user, credentials };
}
