/**
 * The stacks on CDK Terrain, the fork of CDKTF that goes on: by each of the README's two ways it synthesises what CDKTF does, and
 * with its own CLI it deploys. Each way is walked in a project that has the stacks and nothing else of this one.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readOutputs, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { run } from "../../scripts/process";
import { createWorkspace, PROJECT, type Workspace } from "../../scripts/workspace";
import { terraformIn } from "../support/terraform";

jest.setTimeout(300_000);

const README = readFileSync(path.join(PROJECT, "README.md"), "utf8");
const [ALIAS, RENAME] = blocksOf("After the archiving of CDKTF");
const [, VERSION] = /cdktn@([\d.]+)/.exec(README) ?? [];

/** Four stacks, with everything that a setting can add. */
const SETTINGS = {
  ALLOWED_ORIGIN: "https://app.example",
  APP_INTROSPECTION_URL: "https://app.example/introspect",
  PRINCIPAL_TAGS: "sub=username",
  USER_ROUTES: "true",
  VERIFIER: "on",
  VERIFIER_REPOSITORY: "octo-org/octo-repo",
};

/** What someone writes who has copied the modules, without a word about the provider's version. */
const COPIERS_APP = `
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { DeveloperIdentityPool } from "./stacks/modules/developer-identity-pool";
import { NodeFunction } from "./stacks/modules/node-function";
import { RestApi } from "./stacks/modules/rest-api";

const app = new App();
const stack = new TerraformStack(app, "copied");
new AwsProvider(stack, "aws", { region: "us-east-1" });
const pool = new DeveloperIdentityPool(stack, "pool", {
  identityPoolName: "copied",
  developerProviderName: "login.copied.example",
});
const handler = new NodeFunction(stack, "hello", { name: "copied", entry: "functions/hello.ts" });
const routes = [{ method: "GET", path: "/hello", handler } as const];
const api = new RestApi(stack, "api", { name: "copied", stageName: "dev", routes });
api.grantInvoke(pool.authenticatedRole, "GET", "/hello");
app.synth();
`;

let account: LocalAws;
let workspace: Workspace;
/** A Node that the fork supports, whichever runs the tests. */
let node: string;

beforeAll(async () => {
  account = await startLocalAws();
  workspace = createWorkspace();
  const tools = path.join(workspace.directory, "tools");
  mkdirSync(tools);
  await shell(tools, "npm install --prefix . node@24", process.env.PATH);
  node = path.join(tools, "node_modules", "node", "bin");
});

afterAll(async () => {
  workspace?.remove();
  await account?.stop();
});

/** The commands for a shell below a heading of the README. */
function blocksOf(heading: string): string[] {
  const section = README.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands = ""]) => commands);
}

async function shell(cwd: string, commands: string, searchPath = pathWithNode()): Promise<string> {
  const npm = { npm_config_prefer_offline: "true", npm_config_audit: "false", npm_config_fund: "false" };
  const env = { ...workspace.environment, ...account.environment, ...SETTINGS, ...npm, PATH: searchPath };
  const args = ["-euc", commands];
  const { code, output } = await run({ command: "sh", args, cwd, env, signal: new AbortController().signal });
  if (code !== 0) {
    throw new Error(`${commands}\nfailed (exit code ${code}):\n${output}`);
  }
  return output;
}

function pathWithNode(): string {
  return [node, process.env.PATH].join(path.delimiter);
}

/** A project with the stacks, what they import, and a compiler. */
function createProject(name: string): string {
  const directory = path.join(workspace.directory, name);
  mkdirSync(directory);
  for (const file of ["main.ts", "cdktf.json", "package-lock.json", "stacks", "functions"]) {
    cpSync(path.join(PROJECT, file), path.join(directory, file), { recursive: true });
  }
  writeFileSync(path.join(directory, "copied.ts"), COPIERS_APP);
  // As in this project, down to the peers of its package, which npm heeds at every install; but no tools that this doesn't take.
  const { devDependencies, ...declared } = readJson(path.join(PROJECT, "package.json"));
  const taken = [
    "@aws-lambda-powertools/logger",
    "@aws-lambda-powertools/metrics",
    "@cdktf/node-pty-prebuilt-multiarch",
    "@cdktf/provider-aws",
    "@types/aws-lambda",
    "@types/node",
    "cdktf",
    "cdktf-cli",
    "constructs",
    "esbuild",
    "tsx",
    "typescript",
  ];
  writeJson(path.join(directory, "package.json"), {
    ...declared,
    devDependencies: Object.fromEntries(taken.map((name) => [name, devDependencies[name]])),
  });
  const { compilerOptions } = readJson(path.join(PROJECT, "tsconfig.json"));
  writeJson(path.join(directory, "tsconfig.json"), {
    compilerOptions: { ...compilerOptions, types: ["node"] },
    include: ["main.ts", "copied.ts", "stacks", "functions"],
  });
  return directory;
}

// biome-ignore lint/suspicious/noExplicitAny: files of npm and TypeScript
function readJson(file: string): any {
  return JSON.parse(readFileSync(file, "utf8"));
}

function writeJson(file: string, value: object): void {
  writeFileSync(file, JSON.stringify(value, undefined, 2));
}

/** What Terraform is given, by stack. */
function synthesized(directory: string): unknown {
  const stacks = path.join(directory, "cdktf.out", "stacks");
  return Object.fromEntries(
    readdirSync(stacks).map((stack) => {
      const text = readFileSync(path.join(stacks, stack, "cdk.tf.json"), "utf8");
      // The state of each project is kept in it.
      return [stack, JSON.parse(text.replaceAll(directory, "HERE"))];
    }),
  );
}

/** Where two values differ, and what they are there. */
function differences(before: unknown, after: unknown, at = ""): Record<string, [unknown, unknown]> {
  if (!isObject(before) || !isObject(after)) {
    return Object.is(before, after) ? {} : { [at]: [before, after] };
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.assign({}, ...[...keys].map((key) => differences(before[key], after[key], `${at}/${key}`)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** What cdktf makes of the project, and of the copier's app. */
let original: { readonly stacks: unknown; readonly copied: unknown };

async function synthesizeBoth(directory: string, command: string) {
  await shell(directory, command);
  const stacks = synthesized(directory);
  rmSync(path.join(directory, "cdktf.out"), { recursive: true });
  await shell(directory, "node --import tsx copied.ts");
  return { stacks, copied: synthesized(directory) };
}

/** That both are what cdktf makes of them, but for the versions. */
function expectOnlyVersionsDiffer(forked: typeof original): void {
  const library = [expect.stringMatching(/^0\.21\./), VERSION];
  expect(differences(original.stacks, forked.stacks)).toEqual({
    "/api////metadata/version": library,
    "/identity////metadata/version": library,
    "/login////metadata/version": library,
    "/verifier////metadata/version": library,
  });
  expect(differences(original.copied, forked.copied)).toEqual({
    "/copied////metadata/version": library,
    // One provider under both names.
    "/copied/terraform/required_providers/aws/source": ["aws", "hashicorp/aws"],
    "/copied/terraform/required_providers/aws/version": ["6.25.0", "6.66.0"],
  });
}

test("cdktf itself", async () => {
  const project = createProject("original");
  original = await synthesizeBoth(project, "npm install; node --import tsx main.ts");
  expect(Object.keys(original.stacks as object)).toEqual(["api", "identity", "login", "verifier"]);
});

test("under an alias the sources and the CLI stay, and the versions alone differ", async () => {
  const project = createProject("alias");
  expectOnlyVersionsDiffer(await synthesizeBoth(project, ALIAS as string));
  await shell(project, "npx tsc --noEmit");
});

test("under its own name the imports change, and the versions alone differ", async () => {
  const project = createProject("rename");
  expectOnlyVersionsDiffer(await synthesizeBoth(project, RENAME as string));
  await shell(project, "npx tsc --noEmit; test ! -e node_modules/cdktf");
});

test("its own CLI deploys, the harness walks, nothing is left to change, and it destroys", async () => {
  const project = path.join(workspace.directory, "rename");
  const said = await shell(project, "npx cdktn deploy '*' --auto-approve --outputs-file outputs.json");
  expect(said).toContain("Apply complete!");

  const { endpoint, credentials } = account;
  const deployment = readOutputs(path.join(project, "outputs.json"));
  const { outcome, refusals } = await walkFlow({ deployment, endpoint, credentials });
  expect(outcome).toBe("passed");
  expect(refusals.filter(({ status }) => status !== "passed")).toEqual([]);

  for (const stack of ["identity", "api", "login", "verifier"]) {
    const directory = path.join(project, "cdktf.out", "stacks", stack);
    const plan = await terraformIn(directory, workspace, account.environment, "plan", "-detailed-exitcode");
    expect({ stack, code: plan.code }).toEqual({ stack, code: 0 });
  }
  await shell(project, "npx cdktn destroy '*' --auto-approve");
  expect(account.resources()).toEqual([]);
});
