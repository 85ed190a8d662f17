/** `npm run deployer-policy`: the permissions that a deployment needs, recorded while real Terraform deploys to local AWS. */
import { ENDINGS } from "../harness";
import { readSettings, SETTING_NAMES, type Settings } from "../stacks/settings";
import { npmCommand } from "./command";
import { conduct } from "./conduct";
import { Life, type Phase } from "./deployer-policy/life";
import { MANAGED_POLICY_LIMIT, policyFor, sizeOf } from "./deployer-policy/policy";
import { record } from "./deployer-policy/recording";
import { UndocumentedAccessError } from "./deployer-policy/reference";
import { stateStatements } from "./deployer-policy/state-statements";
import { PhaseFailedError, Phases } from "./phases";
import type { Workspace } from "./workspace";

const command = npmCommand(
  "deployer-policy",
  "Prints the IAM policy (JSON) of a role that deploys, changes and destroys the stacks as the settings in the environment have them. It is recorded: real Terraform does all of that in an AWS account inside this process. Needs Terraform or OpenTofu on the PATH, and no AWS account.",
)
  .option("--plan", "the policy of a role that only plans, for pull requests and drift")
  .addHelpText(
    "after",
    `
Give it the settings of the deployment, and AWS_ACCOUNT_ID, without which every ARN has * for the account. With STATE_BUCKET the
policy covers the state. Progress is told on standard error: npm run --silent deployer-policy > deployer-policy.json

Exit codes: 0 printed, 1 Terraform needed what AWS doesn't document, 2 wrong usage or settings or no Terraform, 3 could not
deploy, 130 interrupted.`,
  );

/** @throws NoTerraformError, SettingsError, ToolFailedError, PhaseFailedError */
async function printPolicy(planning: boolean, workspace: Workspace, signal: AbortSignal): Promise<void> {
  const phases = new Phases({ json: true });
  // Of the workspace's own settings only the origin stays, if there is none: a stage may require one, and which makes no difference.
  const { ALLOWED_ORIGIN } = workspace.environment;
  const given = { ALLOWED_ORIGIN, ...settingsIn(process.env) };
  const settings = readSettings(given);
  const life = await phases.run(
    "synthesise the stacks",
    () => Life.begin(workspace, { ...given, ...recordable(settings) }, signal),
    ({ stacks }) => stacks.join(", "),
  );
  const lived = life.phases.filter(({ name }) => !planning || name === "create" || name === "plan");
  const recording = await phases.run(
    "record what Terraform needs",
    () => record(life, lived, settings, ({ name, stack }: Phase) => phases.line(`${name} ${stack}`)),
    (accesses) => `${accesses.length} permissions asked for`,
  );
  const needed = recording.filter(({ phase }) => !planning || phase.name === "plan");
  const { namePrefix: project, stage, awsProviderVersion } = settings;
  const known = { configuration: life.configuration, tags: { project, stage } };
  const { Version, Statement } = await policyFor(needed, known).catch((error: Error) => {
    throw error instanceof UndocumentedAccessError
      ? new PhaseFailedError(ENDINGS.failed.code, error.message)
      : error;
  });
  const policy = { Version, Statement: [...Statement, ...stateStatements(settings, life.stacks, planning)] };
  console.log(JSON.stringify(policy, null, 2));
  const size = sizeOf(policy);
  console.error(`
For provider ${awsProviderVersion}, recorded on local AWS. ${size} characters${
    size > MANAGED_POLICY_LIMIT
      ? `, more than a managed policy may have (${MANAGED_POLICY_LIMIT}): put it into the role as an inline policy.`
      : "."
  }`);
  if (settings.stateBucket !== undefined) {
    console.error(
      "The statements on the state are Terraform's documentation of its S3 backend, and not recorded.",
    );
  }
  if (settings.accountId === undefined) {
    console.error("AWS_ACCOUNT_ID isn't set: the ARNs have * for the account.");
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The caller's settings of the project. */
function settingsIn(environment: Environment): Record<string, string> {
  const given = SETTING_NAMES.map((name) => [name, environment[name]]);
  return Object.fromEntries(given.filter(([, value]) => value));
}

/** What is other than the workspace's settings and the caller's: a pool that can be destroyed, and no TLS policy, which local AWS refuses. */
function recordable({ stage, region }: Settings): Environment {
  return {
    STAGE: stage,
    AWS_REGION: region,
    PROTECT_IDENTITIES: "false",
    STATE_BUCKET: undefined,
    TLS_POLICY: undefined,
  };
}

const { plan = false } = command.parse().opts<{ plan?: boolean }>();
void conduct((workspace, signal) => printPolicy(plan, workspace, signal)).then((code) => process.exit(code));
