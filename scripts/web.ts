/** `npm run web`: serves the page against what was deployed, on AWS or on local AWS. */
import path from "node:path";
import { ENDINGS, readOutputs, SettingsError } from "../harness";
import { endpointOverride } from "../harness/run/connections";
import { npmCommand, portOption } from "./command";
import { bundlePage } from "./web/bundle";
import { DEMO_USERS, DemoLogin, UnusableDemoKeyError } from "./web/demo-login";
import { pageDeployment } from "./web/page-deployment";
import { PageServer, PortInUseError } from "./web/page-server";
import { PROJECT } from "./workspace";

const DEFAULT_PORT = 5173;

/** Ignored by git. */
const KEY_FILE = path.join(PROJECT, "demo-key.json");

/** What whoever started it can mend. */
const CURABLE = [SettingsError, PortInUseError, UnusableDemoKeyError];

const command = npmCommand(
  "web",
  "Serves the page that signs a user in and calls the API, against a deployment with a login endpoint. Where AWS_ENDPOINT_URL is set, the page calls that in place of AWS.",
)
  .option("--outputs <FILE>", "what cdktf deploy --outputs-file wrote", "outputs.json")
  .addOption(
    portOption("the port on 127.0.0.1, which is part of the origin that the deployment allows", DEFAULT_PORT),
  )
  .option(
    "--print-settings",
    "print the settings to deploy with, so that the page's sessions are taken; serve nothing",
  )
  .option("--key-file <FILE>", "the key that signs sessions; made on first use", KEY_FILE)
  .addHelpText(
    "after",
    `
Whoever reads the key file can sign in as anybody where that key is trusted: deploy a stage of its own with it, never one that
has users.`,
  );

interface Options {
  readonly outputs: string;
  readonly port: number;
  readonly keyFile: string;
  readonly printSettings?: true;
}

async function serve({ outputs: file, port, keyFile }: Options): Promise<void> {
  const endpoint = endpointOverride();
  const { deployment, allowedOrigin } = readDeployment(file, endpoint, port);
  const [files, login] = await Promise.all([bundlePage(), DemoLogin.fromFile(keyFile)]);
  const page = await PageServer.start({ files, login, port });
  page.serve(deployment);
  if (allowedOrigin !== undefined && !["*", page.origin].includes(allowedOrigin)) {
    console.error(
      `The deployment allows pages of ${allowedOrigin}, and this one is of ${page.origin}: the browser will keep the answers from it.\n\n${howToDeploy(port)}\n`,
    );
  }
  console.log(
    `The page is at ${page.origin} and works with ${endpoint ?? `AWS in ${deployment.region}`}.\n\nCtrl-C ends it.`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => resolve());
    }
  });
  await page.stop();
}

/** @throws SettingsError that says how to deploy */
function readDeployment(file: string, endpoint: string | undefined, port: number) {
  try {
    const outputs = readOutputs(file);
    const { allowedOrigin } = outputs;
    return { deployment: pageDeployment(outputs, endpoint, DEMO_USERS), allowedOrigin };
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      throw error;
    }
    throw new SettingsError(`${error.message}\n\n${howToDeploy(port)}`, { cause: error });
  }
}

function howToDeploy(port: number): string {
  const option = port === DEFAULT_PORT ? "" : ` --port ${port}`;
  return `To deploy with a login endpoint that takes the page's sessions:

  eval "$(npm run web --silent -- --print-settings${option})"
  npx cdktf deploy '*' --outputs-file outputs.json
  npm run web --${option} --outputs outputs.json

Without an AWS account: npm run demo`;
}

async function printSettings({ port, keyFile }: Options): Promise<void> {
  const login = await DemoLogin.fromFile(keyFile);
  for (const [name, value] of Object.entries(login.settings(`http://127.0.0.1:${port}`))) {
    console.log(`export ${name}='${value}'`);
  }
}

async function main(): Promise<number> {
  const options = command.parse().opts<Options>();
  try {
    await (options.printSettings ? printSettings(options) : serve(options));
    return ENDINGS.passed.code;
  } catch (error) {
    if (!CURABLE.some((curable) => error instanceof curable)) {
      throw error;
    }
    console.error((error as Error).message);
    return ENDINGS.settings.code;
  }
}

void main().then((code) => process.exit(code));
