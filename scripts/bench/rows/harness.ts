/** The harness: what its asserting, measuring and reporting costs beside the bare calls, and how soon it is there. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Deployment, parseOutputs, walkFlow } from "../../../harness";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { deployWithSdk } from "../../sdk-deployment";
import { PROJECT } from "../../workspace";
import { bareFlow } from "../bare-flow";
import { bundled } from "../bundled";
import { compare, inThisProcess } from "../comparison";
import { runProgram } from "../program";
import { requestsOf } from "../requests";
import type { Pairs, Rounds, Row } from "../row";

export const HARNESS_ROWS: readonly Row[] = [
  {
    name: "harness",
    what: "five steps of the harness, warm process",
    against: "a bare script with the same calls",
    aims: [{ of: "cpu", atMost: 1.1 }],
    rounds: { warmUp: 10, counted: 40 },
    measure: measureFiveSteps,
  },
  {
    name: "harness-cold",
    what: "`verify` from the shell up to its first call (`--print-policy`)",
    against: "`node -e` with the same imports",
    aims: [{ of: "cpu", atMost: 1.3 }],
    rounds: { warmUp: 1, counted: 9 },
    measure: (rounds) => measureCold(rounds, ["--print-policy"]),
  },
  {
    name: "harness-walk",
    what: "`verify` from the shell, five steps and all refusals",
    against: "`node -e` with the same imports",
    rounds: { warmUp: 1, counted: 5 },
    measure: (rounds) => measureCold(rounds, []),
  },
];

async function onDeployment<T>(
  use: (local: LocalAws, deployment: Deployment, outputs: object) => Promise<T>,
) {
  const local = await startLocalAws();
  try {
    const outputs = { stack: await deployWithSdk(local) };
    return await use(local, parseOutputs(outputs, "the bench's deployment"), outputs);
  } finally {
    await local.stop();
  }
}

/** @throws Error when the two do not do the same */
export function measureFiveSteps(rounds: Rounds): Promise<Pairs> {
  return onDeployment(async (local, deployment) => {
    const { endpoint, credentials } = local;
    const harness = async () => {
      const { outcome } = await walkFlow({ deployment, endpoint, credentials, refusals: false });
      if (outcome !== "passed") {
        throw new Error(`The walk ${outcome}: look at it with npm run e2e.`);
      }
    };
    const bare = () => bareFlow(local, deployment);
    const requests = await requestsOf(local, harness);
    const bareRequests = await requestsOf(local, bare);
    if (requests.join("\n") !== bareRequests.join("\n")) {
      throw new Error(
        `The bare script no longer makes the harness's calls; bring scripts/bench/bare-flow.ts up to date.\n` +
          `harness:\n  ${requests.join("\n  ")}\nbare script:\n  ${bareRequests.join("\n  ")}`,
      );
    }
    return compare(inThisProcess(harness), inThisProcess(bare), rounds);
  });
}

function measureCold(rounds: Rounds, options: readonly string[]): Promise<Pairs> {
  const { file, imports } = bundled("harness/cli/main.ts", ["harness/reporting/html/style.css"]);
  return onDeployment(async ({ environment }, _, outputs) => {
    const directory = mkdtempSync(path.join(tmpdir(), "bench-cold-"));
    try {
      const outputsFile = path.join(directory, "outputs.json");
      writeFileSync(outputsFile, JSON.stringify(outputs));
      const node = (...args: readonly string[]) => {
        const env = { ...process.env, ...environment };
        // Packages are looked for from the working directory on.
        return () => runProgram({ command: process.execPath, args, cwd: PROJECT, env });
      };
      const requires = imports.map((name) => `require(${JSON.stringify(name)})`).join(";");
      return await compare(node(file, "--outputs", outputsFile, ...options), node("-e", requires), rounds);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
