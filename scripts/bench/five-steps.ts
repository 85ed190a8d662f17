/** What the harness's asserting, measuring and reporting costs: its five steps against a bare script with the same calls. */
import { parseOutputs, walkFlow } from "../../harness";
import { startLocalAws } from "../../local-aws";
import { deployWithSdk } from "../sdk-deployment";
import { bareFlow } from "./bare-flow";
import { compare, comparisonLines, type Rounds } from "./comparison";
import { requestsOf } from "./requests";

export const TITLE = "five steps: the harness against a bare script with the same calls, both on local AWS";

/**
 * Returns the lines to print.
 *
 * @throws Error when the two do not do the same
 */
export async function benchFiveSteps(rounds: Rounds): Promise<string[]> {
  const local = await startLocalAws();
  try {
    const { endpoint, credentials } = local;
    const deployment = parseOutputs({ stack: await deployWithSdk(local) }, "the bench's deployment");
    const harness = {
      name: "harness",
      async run() {
        const { outcome } = await walkFlow({ deployment, endpoint, credentials, refusals: false });
        if (outcome !== "passed") {
          throw new Error(`The walk ${outcome}: look at it with npm run e2e.`);
        }
      },
    };
    const bare = { name: "bare script", run: () => bareFlow(local, deployment) };

    const requests = await requestsOf(local, harness.run);
    const bareRequests = await requestsOf(local, bare.run);
    if (requests.join("\n") !== bareRequests.join("\n")) {
      throw new Error(
        `The bare script no longer makes the harness's calls; bring scripts/bench/bare-flow.ts up to date.\n` +
          `harness:\n  ${requests.join("\n  ")}\nbare script:\n  ${bareRequests.join("\n  ")}`,
      );
    }
    const comparison = await compare(harness, bare, rounds);
    return [`  ${requests.length} requests a run`, ...comparisonLines(harness, bare, comparison)];
  } finally {
    await local.stop();
  }
}
