/** Which permissions Terraform needed in each phase of a deployment's life. */
import type { AccessRecord } from "../../local-aws";
import { startLocalAws } from "../../local-aws";
import type { Life, Phase } from "./life";

/** A permission, and when it was needed. */
export interface Access extends Pick<AccessRecord, "action" | "resource" | "context"> {
  readonly phase: Phase;
}

/**
 * Lives the phases in an account of its own, as its root user, who may do everything, and records what was asked for.
 *
 * @param follow told when a phase begins
 * @throws ToolFailedError
 */
export async function record(
  life: Life,
  phases: readonly Phase[],
  { region, accountId }: { readonly region: string; readonly accountId?: string },
  follow: (phase: Phase) => void = () => {},
): Promise<Access[]> {
  const recording: Access[] = [];
  let phase: Phase | undefined;
  const account = await startLocalAws({
    region,
    accountId,
    onAccess: ({ action, resource, context }) => {
      if (phase !== undefined) {
        recording.push({ phase, action, resource, context });
      }
    },
  });
  try {
    for (phase of phases) {
      follow(phase);
      await life.live(phase, account.environment);
    }
    return recording;
  } finally {
    await account.stop();
  }
}
