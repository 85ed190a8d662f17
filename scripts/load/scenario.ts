/** The scenario that Artillery runs, on this machine or on many: who arrives how fast, and the harness's own steps as its processor. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { stringify } from "yaml";
import type { Deployment } from "../../harness";
import type { LoadVariables } from "../../harness/load/processor";
import { arrivalsOf, type LoadPlan } from "../../harness/load/tally";
import { PROJECT } from "../workspace";

export const SCENARIO_FILE = "scenario.yml";
const PROCESSOR_FILE = "processor.cjs";

/** Milliseconds that users may walk after the last arrival. */
const FINISH = 5 * 60_000;

/** Writes the scenario and its processor into a directory; there is nothing else that a worker needs. */
export async function writeScenario(
  directory: string,
  deployment: Deployment,
  plan: LoadPlan,
  slot: string,
): Promise<void> {
  const { users, atATime, arrivalMs } = plan;
  const arrivals = arrivalsOf(plan);
  const variables: LoadVariables = {
    deployment,
    users,
    atATime,
    slot,
    arrivals,
    timeLimit: arrivalMs + FINISH,
  };
  const scenario = {
    config: {
      // Demanded by Artillery; the processor goes by the deployment.
      target: deployment.invokeUrl,
      processor: `./${PROCESSOR_FILE}`,
      variables,
      // Counted rather than given as a rate: Artillery would divide a rate among threads, which know nothing of each other.
      phases: [{ name: "arrivals", duration: `${arrivalMs / 1000}s`, arrivalCount: arrivals }],
    },
    scenarios: [{ name: "flow", flow: [{ function: "walk" }] }],
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    path.join(directory, SCENARIO_FILE),
    `# Written by npm run load -- --scenario. docs/load.md says how to run it on many machines.\n${stringify(scenario)}`,
  );
  await build({
    absWorkingDir: PROJECT,
    entryPoints: ["harness/load/processor.ts"],
    outfile: path.join(directory, PROCESSOR_FILE),
    bundle: true,
    platform: "node",
    format: "cjs",
    // Later than Artillery's own: it tells functions that return promises by their being async.
    target: "node22",
    logLevel: "error",
  });
}
