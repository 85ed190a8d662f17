/** `npm run demo`: the whole on this machine, local AWS, what is deployed to it and the page, until Ctrl-C. */
import { ENDINGS, readOutputs } from "../harness";
import { startLocalAws } from "../local-aws";
import { readSettings } from "../stacks/settings";
import { Cdktf } from "./cdktf";
import { npmCommand, portOption } from "./command";
import { conduct, interrupted } from "./conduct";
import { PhaseFailedError, Phases } from "./phases";
import { bundlePage } from "./web/bundle";
import { DEMO_USERS, DemoLogin } from "./web/demo-login";
import { pageDeployment } from "./web/page-deployment";
import { PageServer, PortInUseError } from "./web/page-server";
import type { Workspace } from "./workspace";

const command = npmCommand(
  "demo",
  "Deploys this project with real Terraform to an AWS account inside this process, and serves the page that signs a user in and calls the API. Needs Terraform or OpenTofu on the PATH, and no AWS account.",
)
  .addOption(portOption("the page's port on 127.0.0.1, 0 for a free one", 0))
  .option("--verbose", "print a line for each resource, also at a terminal");

interface Options {
  readonly port: number;
  readonly verbose?: boolean;
}

/** Seconds that a token lasts: long enough to be exchanged, short enough to see it expire. */
const TOKEN_DURATION = 10;

async function demonstrate(options: Options, workspace: Workspace, signal: AbortSignal): Promise<void> {
  const { region } = readSettings(workspace.environment);
  const phases = new Phases(options);
  const login = await DemoLogin.ephemeral();
  const files = await phases.run("bundle the page", bundlePage, ({ size }) => `${size} files`);
  // Before it is deployed, since the deployment allows its origin.
  const page = await PageServer.start({ files, login, port: options.port }).catch((error: Error) => {
    throw error instanceof PortInUseError
      ? new PhaseFailedError(ENDINGS.settings.code, error.message)
      : error;
  });
  const account = await phases.run(
    "start local AWS",
    () => startLocalAws({ region }),
    ({ endpoint }) => `${region}, at ${endpoint}`,
  );
  try {
    const settings = {
      ...login.settings(page.origin),
      RESTRICTED_PROBE: "true",
      LOGIN_RETURNS: "token",
      LOGIN_TOKEN_DURATION: String(TOKEN_DURATION),
    };
    const cdktf = new Cdktf(workspace, { ...account.environment, ...settings }, signal, (change) =>
      phases.resource(change),
    );
    await phases.run(
      "deploy with cdktf",
      () => cdktf.deploy(),
      () => phases.counted(),
    );
    const outputs = readOutputs(workspace.outputsFile);
    page.serve(pageDeployment(outputs, account.endpoint, DEMO_USERS));
    console.log(`
Open ${page.origin}

Why a call was refused: ${account.endpoint}/_local/decisions?last=5
Ctrl-C ends it and removes everything.`);
    await interrupted(signal);
  } finally {
    await Promise.all([page.stop(), account.stop()]);
  }
}

const options = command.parse().opts<Options>();
void conduct((workspace, signal) => demonstrate(options, workspace, signal)).then((code) =>
  process.exit(code),
);
