/** The flow: its five steps in their order. */
import type { StepRecorder } from "../step-recorder";
import { type CallInput, callStep } from "./call";
import { credentialsStep } from "./credentials";
import { poolStep } from "./pool";
import { rolesStep } from "./roles";
import { tokenStep } from "./token";

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
