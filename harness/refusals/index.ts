/** The calls that must be refused, and how they are asked one after the other. */

import type { CallInput } from "../steps/5-call";
import { StepFailed, type StepRecorder } from "../steps/recorder";
import { NotApplicable, type Step, type Walk } from "../steps/step";
import { SIGNATURE_REFUSALS } from "./api";
import { IDENTITY_REFUSALS } from "./cognito";
import { CORS_CHECKS } from "./cors";
import { refusedCall } from "./refusal";
import { RefusalSession } from "./session";

/** In the order in which they are asked. */
export const REFUSALS: readonly Step<RefusalSession, void>[] = [
  ...SIGNATURE_REFUSALS.map(refusedCall),
  ...CORS_CHECKS,
  ...IDENTITY_REFUSALS.map(refusedCall),
];

/**
 * Asks them all: one that fails does not keep the others from being asked.
 *
 * @returns how many failed
 * @throws HarnessError when a service does not answer
 */
export async function askRefusals(
  walk: Walk,
  recorder: StepRecorder,
  { user, credentials }: CallInput,
): Promise<number> {
  const session = new RefusalSession(walk, user, credentials);
  let failed = 0;
  try {
    for (const refusal of REFUSALS) {
      try {
        await recorder.run(refusal, session);
      } catch (error) {
        if (error instanceof StepFailed) {
          failed += 1;
        } else if (!(error instanceof NotApplicable)) {
          throw error;
        }
      }
    }
  } finally {
    await session.settled();
  }
  return failed;
}
