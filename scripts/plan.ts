/** `npm run plan`: synthesises and plans every stack with the settings and the state of the shell, and applies nothing. */
import { writeFileSync } from "node:fs";
import { ENDINGS } from "../harness";
import { readSettings } from "../stacks/settings";
import { checkLocalState } from "../stacks/state";
import { Cdktf } from "./cdktf";
import { npmCommand } from "./command";
import { conduct } from "./conduct";
import { PhaseFailedError } from "./phases";
import { markdownReport, plainReport, verdict } from "./plan/plan-report";
import { planStacks } from "./plan/stack-plan";
import { openProject, type Workspace } from "./workspace";

const command = npmCommand(
  "plan",
  "Plans every stack with the settings, the credentials and the state that `cdktf deploy` would use, and says what would change. Applies nothing and takes no lock.",
)
  .option("--markdown <FILE>", "write the result as Markdown too, with Terraform's own words")
  .addHelpText(
    "after",
    `
A stack that takes outputs of one that isn't deployed yet cannot be planned; it counts as a change, and the result says so.

Exit codes: 0 no change, 1 changes, 2 wrong usage or settings or no Terraform, 3 could not plan, 130 interrupted.`,
  );

interface Options {
  readonly markdown?: string;
}

/** @throws NoTerraformError, SettingsError, StateMovedError, ToolFailedError; PhaseFailedError unless nothing would change */
async function plan({ markdown }: Options, workspace: Workspace, signal: AbortSignal): Promise<void> {
  const settings = readSettings(workspace.environment);
  checkLocalState(settings);
  await new Cdktf(workspace, {}, signal).synth();
  const plans = await planStacks(workspace, signal);
  if (markdown !== undefined) {
    writeFileSync(markdown, markdownReport(plans, settings.stage, settings.region));
  }
  console.log(plainReport(plans));
  if (plans.some(({ outcome }) => outcome === "failed")) {
    throw new PhaseFailedError(ENDINGS.unreachable.code, `Plan: ${verdict(plans)}.`);
  }
  if (plans.some(({ outcome }) => outcome !== "unchanged")) {
    throw new PhaseFailedError(ENDINGS.failed.code, `Plan: ${verdict(plans)}.`);
  }
  console.log(`\nPlan: ${verdict(plans)}.`);
}

const options = command.parse().opts<Options>();
void conduct((workspace, signal) => plan(options, workspace, signal), openProject).then((code) =>
  process.exit(code),
);
