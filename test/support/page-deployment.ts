/** The whole deployed with Terraform for its page to work with, on an account whose clock a test moves, and `npm run web` in front. */
import { createServer } from "node:net";
import path from "node:path";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { Cdktf } from "../../scripts/cdktf";
import { createWorkspace } from "../../scripts/workspace";
import { runToEnd, Sandbox, type Started, start } from "./programs";

export interface PageDeployment {
  readonly aws: LocalAws;
  /** What cdktf wrote. */
  readonly outputsFile: string;
  /** Of the page that the deployment allows. */
  readonly origin: string;
  /** Of the same page where the deployment doesn't allow it. */
  readonly foreignOrigin: string;
  /** What the server of the foreign page says. */
  readonly foreignWords: string;
  /** Puts the account's clock so many milliseconds ahead. */
  setAhead(milliseconds: number): void;
  stop(): Promise<void>;
}

/** @param settings beside those that `npm run web -- --print-settings` prints */
export async function deployForPage(settings: Readonly<Record<string, string>>): Promise<PageDeployment> {
  let ahead = 0;
  const sandbox = new Sandbox();
  const keyFile = path.join(sandbox.directory, "key.json");
  const [port, foreignPort] = [await freePort(), await freePort()];
  const web = (...args: string[]) => ["--import", "tsx", "scripts/web.ts", "--key-file", keyFile, ...args];
  const servers: Started[] = [];
  const aws = await startLocalAws({ now: () => new Date(Date.now() + ahead) });
  const workspace = createWorkspace();
  const stop = async () => {
    for (const { process: server, finished } of servers) {
      server.kill("SIGINT");
      await finished;
    }
    await aws.stop();
    workspace.remove();
    sandbox.remove();
  };
  try {
    const { output } = await runToEnd(
      process.execPath,
      web("--print-settings", "--port", String(port)),
      sandbox.environment,
    );
    const printed = [...output.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]);
    const account = { ...aws.environment, ...Object.fromEntries(printed), ...settings };
    await new Cdktf(workspace, account).deploy();
    const serve = async (onPort: number) => {
      const environment = { ...sandbox.environment, AWS_ENDPOINT_URL: aws.endpoint };
      const args = web("--outputs", workspace.outputsFile, "--port", String(onPort));
      const server = start(process.execPath, args, environment);
      servers.push(server);
      return server.said(/Ctrl-C ends it/);
    };
    await serve(port);
    const foreignWords = await serve(foreignPort);
    return {
      aws,
      outputsFile: workspace.outputsFile,
      origin: `http://127.0.0.1:${port}`,
      foreignOrigin: `http://127.0.0.1:${foreignPort}`,
      foreignWords,
      setAhead: (milliseconds) => {
        ahead = milliseconds;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A port that nobody listens on now: the origin has to be known before the page is served. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
