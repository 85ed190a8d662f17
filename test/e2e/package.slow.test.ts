/** The package in an empty project: installed from the tarball that `npm pack` gives, and used as its README says. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Format, transformSync } from "esbuild";
import { deployWithSdk } from "../../scripts/sdk-deployment";
import { type Finished, PROJECT, runToEnd, type Started, start, withoutAws } from "../support/programs";

jest.setTimeout(180_000);

const { name: PACKAGE, devDependencies } = JSON.parse(
  readFileSync(path.join(PROJECT, "package.json"), "utf8"),
);

/** Versions of Node, each brought by the npm package of that name. */
const NODES = ["20", "24"];
const MODULES: readonly [type: "commonjs" | "module", format: Format][] = [
  ["commonjs", "cjs"],
  ["module", "esm"],
];
const CASES = NODES.flatMap((node) => MODULES.map(([type]) => [node, type] as const));

let directory: string;
let project: string;
let tarball: string;

/** The environment without what npm and Jest have set for this run. */
function environment(node?: string): NodeJS.ProcessEnv {
  const own = Object.entries(withoutAws()).filter(([name]) => !/^(npm_|NODE_|JEST_|INIT_CWD$)/i.test(name));
  const nodes =
    node === undefined ? [] : [path.join(directory, "nodes", "node_modules", `node${node}`, "bin")];
  return {
    ...Object.fromEntries(own),
    PATH: [...nodes, process.env.PATH].join(path.delimiter),
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
}

function npm(cwd: string, ...args: readonly string[]): string {
  return execFileSync("npm", args, {
    cwd,
    env: environment(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function emptyProject(name: string): string {
  const made = path.join(directory, name);
  mkdirSync(made);
  npm(made, "init", "--yes");
  return made;
}

const install = (cwd: string, ...packages: readonly string[]) =>
  npm(cwd, "install", "--prefer-offline", "--no-audit", "--no-fund", ...packages);

/** What this project has tested with. */
const asHere = (...names: readonly string[]) => names.map((name) => `${name}@${devDependencies[name]}`);

/** Writes a file of a user's, in JavaScript, for both kinds of modules. */
function writeScript(source: string, name: string): void {
  const code = readFileSync(path.join(PROJECT, source), "utf8");
  for (const [type, format] of MODULES) {
    const script = transformSync(code, { loader: "ts", format, target: "es2022" }).code;
    writeFileSync(path.join(project, type, name), script);
  }
}

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "package-"));
  const [packed] = JSON.parse(npm(PROJECT, "pack", "--json", "--pack-destination", directory));
  tarball = path.join(directory, packed.filename);
  project = emptyProject("project");
  install(project, tarball);
  install(emptyProject("nodes"), ...NODES.map((node) => `node${node}@npm:node@${node}`));
  for (const [type] of MODULES) {
    mkdirSync(path.join(project, type));
    writeFileSync(path.join(project, type, "package.json"), JSON.stringify({ type }));
  }
  writeScript("test/e2e/package/flow.ts", "flow.js");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Starts the account by the package's command, and deploys into it. */
async function deploy(node: string, faults?: Parameters<typeof deployWithSdk>[1]) {
  const command = path.join(project, "node_modules", ".bin", "local-aws");
  const account = start(command, ["--port", "0"], environment(node), project);
  const said = await account.said(/Ctrl-C ends it/);
  const exported = Object.fromEntries(
    [...said.matchAll(/export (\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = exported;
  const outputs = await deployWithSdk(
    {
      endpoint: exported.AWS_ENDPOINT_URL,
      region: exported.AWS_REGION,
      accountId: "123456789012",
      credentials: { accessKeyId, secretAccessKey },
    },
    faults,
  );
  for (const [type] of MODULES) {
    writeFileSync(path.join(project, type, "outputs.json"), JSON.stringify({ shop: outputs }));
  }
  return { account, env: { ...environment(node), ...exported } };
}

async function end({ process: child, finished }: Started): Promise<Finished> {
  child.kill("SIGINT");
  return finished;
}

/** What was said, where it ended well. */
async function output(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<string> {
  const ended = await runToEnd(command, args, env, cwd);
  if (ended.code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${ended.code}:\n${ended.output}`);
  }
  return ended.output;
}

test("it brings code, types and the modules' sources, and installs nothing that only some need", () => {
  const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n");
  const foreseen = /^package\/(LICENSE|README\.md|package\.json|dist\/.+|stacks\/modules\/[^/]+)$/;
  expect(files.filter((file) => !foreseen.test(file) || file.includes("test"))).toEqual([]);
  const installed = npm(project, "ls", "--all", "--parseable").trim().split("\n").slice(1);
  const names = installed.map((folder) =>
    folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length),
  );
  expect(names).toContain(PACKAGE);
  expect(names.filter((name) => /cdktf|constructs|esbuild|jest|^jose$|tsx/.test(name))).toEqual([]);
  expect(names.length).toBeLessThan(60);
});

test("who imports and who requires shares one copy", () => {
  const same = `import("${PACKAGE}").then((imported) => { console.log(imported.SettingsError === require("${PACKAGE}").SettingsError); });`;
  const options = { cwd: project, env: environment(), encoding: "utf8" } as const;
  expect(execFileSync("node", ["--eval", same], options)).toBe("true\n");
});

test("publint and are-the-types-wrong find nothing", () => {
  const lint = emptyProject("lint");
  install(lint, "publint@0.3.25", "@arethetypeswrong/cli@0.18.5");
  expect(npm(lint, "exec", "--", "publint", tarball)).toContain("All good!");
  const sources = readdirSync(path.join(PROJECT, "stacks/modules")).filter((file) => file.endsWith(".ts"));
  const modules = sources.map((file) => `modules/${path.basename(file, ".ts")}`);
  // TypeScript 7 doesn't resolve as Node 10 did.
  const options = ["--profile", "node16", "--include-entrypoints", ...modules];
  // It ends with 1 if there is a problem.
  const resolved = npm(lint, "exec", "--", "attw", tarball, ...options).match(/^bundler: 🟢/gm);
  expect(resolved).toHaveLength(["harness", "local-aws", "jest", "package.json", ...modules].length);
});

test.each(NODES)("on Node %s: commands, and a walk in five lines by require and import", async (node) => {
  const { account, env } = await deploy(node);
  try {
    for (const [type] of MODULES) {
      const said = await output("node", ["flow.js"], env, path.join(project, type));
      expect(said.trim()).toBe("passed pool roles token credentials call");
    }
    const verify = ["verify-developer-identities", "--outputs", "outputs.json", "--report-dir", "reports"];
    const shop = path.join(project, "commonjs");
    expect(await output("npx", verify, env, shop)).toMatch(/passed: 5 of 5 steps, \d+ of \d+ refusals/);
    expect(readFileSync(path.join(shop, "reports", "report.html"), "utf8")).toContain("prefers-color-scheme");
    expect((await output("npx", ["verify-developer-identities", "--help"], env, shop)).split("\n")[0]).toBe(
      "Usage: verify-developer-identities --outputs FILE [options]",
    );
  } finally {
    expect((await end(account)).code).toBe(0);
  }
});

test("a deployment with a fault ends the command with 1, at the call", async () => {
  const { account, env } = await deploy("20", { withoutInvokeGrant: true });
  try {
    const verify = ["verify-developer-identities", "--outputs", "outputs.json"];
    const { code, output } = await runToEnd("npx", verify, env, path.join(project, "commonjs"));
    expect(code).toBe(1);
    expect(output).toMatch(/✗ 5 call/);
  } finally {
    await end(account);
  }
});

test("an account ends with the npx that started it", async () => {
  const npx = start("npx", ["local-aws", "--port", "0"], environment(), project);
  await npx.said(/Ctrl-C ends it/);
  npx.process.kill("SIGTERM");
  // Not before the account has closed its output too.
  await expect(npx.finished).resolves.toMatchObject({ output: expect.stringContaining("Ctrl-C ends it") });
}, 20_000);

test("a command runs from the tarball, with nothing installed", async () => {
  const empty = emptyProject("empty");
  const said = await output(
    "npx",
    ["--yes", `--package=${tarball}`, "local-aws", "--help"],
    environment(),
    empty,
  );
  expect(said).toContain("Usage: local-aws [options]");
});

describe("with Jest, TypeScript and CDKTF beside it", () => {
  beforeAll(() => {
    install(
      project,
      ...asHere(
        "jest",
        "typescript",
        "@types/jest",
        "@types/node",
        "cdktf",
        "constructs",
        "@cdktf/provider-aws",
        "esbuild",
      ),
      ...asHere("@aws-sdk/client-lambda"),
    );
    writeScript("test/e2e/package/synth.ts", "synth.js");
    writeScript("test/e2e/package/account.ts", "account.test.js");
    writeScript("test/e2e/package/walk.ts", "walk.test.js");
    writeScript("examples/local-aws-in-jest/permissions.test.ts", "permissions.test.js");
    const jest = { testEnvironment: `${PACKAGE}/jest` };
    for (const [type] of MODULES) {
      writeFileSync(path.join(project, type, "package.json"), JSON.stringify({ type, jest }));
    }
  });

  test.each(CASES)("on Node %s, in a project of type %s: suites with local AWS", async (node, type) => {
    const env = {
      ...environment(node),
      ...(type === "module" ? { NODE_OPTIONS: "--experimental-vm-modules" } : {}),
      // Of a shell whose user works with a real account.
      AWS_PROFILE: "somebody",
      AWS_SESSION_TOKEN: "somebody's",
      AWS_ENDPOINT_URL_IAM: "http://127.0.0.1:1",
    };
    const said = await output("npx", ["jest", "--ci"], env, path.join(project, type));
    expect(said).toMatch(/Tests: +5 passed, 5 total/);
  });

  test.each(CASES)("on Node %s, in a project of type %s: a module synthesises", async (node, type) => {
    const said = await output("node", ["synth.js"], environment(node), path.join(project, type));
    expect(said).toMatch(/^aws_cognito_identity_pool .*aws_iam_role.* true\n$/);
  });

  test.each([
    ["nodenext", "nodenext"],
    ["node16", "node16"],
    ["preserve", "bundler"],
  ])("its types, under module %s and moduleResolution %s", async (module, moduleResolution) => {
    const types = path.join(project, `types-${module}`);
    mkdirSync(types);
    const compilerOptions = {
      module,
      moduleResolution,
      strict: true,
      noEmit: true,
      types: ["node", "jest", `${PACKAGE}/jest`],
    };
    writeFileSync(path.join(types, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    for (const name of ["types", "synth", "flow", "account", "walk"]) {
      const code = readFileSync(path.join(PROJECT, "test/e2e/package", `${name}.ts`), "utf8");
      for (const extension of ["mts", "cts"]) {
        writeFileSync(path.join(types, `${name}.${extension}`), code);
      }
    }
    await expect(output("npx", ["tsc", "-p", types], environment(), project)).resolves.toBe("");
  });
});
