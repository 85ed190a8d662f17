/** Copying modules into another project, and what is said there of the copies later. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { version } from "../../package.json";
import { copyableModules, sourceOf } from "../../scripts/module/catalog";
import { asCopy } from "../../scripts/module/copied-file";
import { type Finished, PROJECT, runToEnd } from "../support/programs";

const POOL = "stacks/modules/developer-identity-pool.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), "module-"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

/** Runs the command as npm does, called from the project. */
function module(...args: readonly string[]): Promise<Finished> {
  const environment = { ...process.env, INIT_CWD: project };
  return runToEnd(process.execPath, ["--import", "tsx", "scripts/module.ts", ...args], environment, PROJECT);
}

function inProject(file: string): string {
  return path.join(project, file);
}

/** Writes a copy of what the module was before its last line came. */
function copyOlder(file: string, edit: (copy: string) => string = (copy) => copy): void {
  const older = `${sourceOf(POOL).replace("const MAX_TAGS = 50;", "const MAX_TAGS = 40;")}`;
  expect(older).not.toBe(sourceOf(POOL));
  mkdirSync(path.dirname(inProject(file)), { recursive: true });
  writeFileSync(inProject(file), edit(asCopy(POOL, older)));
}

test("list describes every module in a sentence", async () => {
  const { code, output } = await module("list");
  expect(code).toBe(0);
  for (const { name, description } of copyableModules()) {
    expect(description).toMatch(/^.{20,}\.$/);
    expect(output).toContain(`${name}`);
    expect(output).toContain(`  ${description}\n`);
  }
});

test("copy says which libraries of TypeScript the client's file needs", async () => {
  const { output } = await module("copy", "developer-identity", "src");
  expect(output).toContain(`"lib": ["es2022", "dom"]`);
});

test("copy writes the file below a line that remembers where it is from, and says what it needs", async () => {
  const { code, output } = await module("copy", "node-function", "infra");
  expect(code).toBe(0);
  const [header, ...rest] = readFileSync(inProject("infra/node-function.ts"), "utf8").split("\n");
  expect(header).toMatch(
    /^\/\/ Copied from developer-authenticated-identities \S+: stacks\/modules\/node-function\.ts \(sha256 [0-9a-f]{16}\)$/,
  );
  expect(header).toContain(` ${version}: `);
  expect(rest.join("\n")).toBe(sourceOf("stacks/modules/node-function.ts"));
  const { devDependencies } = JSON.parse(sourceOf("package.json"));
  for (const name of ["cdktf", "constructs", "@cdktf/provider-aws"]) {
    expect(output).toMatch(new RegExp(`npm install --save-exact .*${name}@${devDependencies[name]}`));
  }
  expect(output).toContain(`--save-dev --save-exact @types/node@${devDependencies["@types/node"]} esbuild@`);
  expect(output).toContain("terraform.required_providers.aws");
});

test("a module of several files keeps their places, and names their packages once", async () => {
  const { output } = await module("copy", "login", "functions");
  expect(existsSync(inProject("functions/login/authenticator.ts"))).toBe(true);
  expect(output.match(/aws-jwt-verify@/g)).toHaveLength(1);
  // Its types alone are imported: the package aws-lambda is another one.
  expect(output).toMatch(/--save-dev .*@types\/aws-lambda@.* @types\/node@/);
  expect(output).not.toMatch(/ aws-lambda@|required_providers/);
});

test("what is there is overwritten by --force only, of a set nothing or all", async () => {
  await module("copy", "login", ".");
  rmSync(inProject("login.ts"));
  const own = "export {};\n";
  writeFileSync(inProject("login/cognito.ts"), own);
  const refused = await module("copy", "login", ".");
  expect(refused.code).toBe(1);
  expect(refused.output).toContain("cognito.ts is there already, and no copy.");
  expect(refused.output).toContain("authenticator.ts is there already (current).");
  expect(existsSync(inProject("login.ts"))).toBe(false);
  expect(readFileSync(inProject("login/cognito.ts"), "utf8")).toBe(own);
  expect((await module("copy", "login", ".", "--force")).code).toBe(0);
  expect(readFileSync(inProject("login/cognito.ts"), "utf8")).toContain("Copied from");
});

test("diff tells a current, a stale and an edited copy apart, and shows the differences", async () => {
  await module("copy", "rest-api", "infra/current");
  copyOlder("infra/stale/pool.ts");
  await module("copy", "node-function", "infra/edited");
  const edited = inProject("infra/edited/node-function.ts");
  writeFileSync(edited, readFileSync(edited, "utf8").replace("?? 256", "?? 512"));
  copyOlder("infra/both.ts", (copy) => copy.replace("const ONE_HOUR = 3600;", "const ONE_HOUR = 7200;"));
  mkdirSync(inProject("node_modules/other"), { recursive: true });
  copyOlder("node_modules/other/pool.ts");
  const before = readFileSync(edited, "utf8");

  const { code, output } = await module("diff", ".");
  expect(code).toBe(1);
  const states = output.split("\n").filter((line) => line.includes(", copied from "));
  expect(states).toEqual([
    `infra/both.ts: behind and edited by hand, copied from ${version}`,
    `infra/current/rest-api.ts: current, copied from ${version}`,
    `infra/edited/node-function.ts: edited by hand, copied from ${version}`,
    `infra/stale/pool.ts: behind, copied from ${version}`,
  ]);
  expect(output).toContain("\n-const MAX_TAGS = 40;\n+const MAX_TAGS = 50;\n");
  expect(output).toContain("\n-const ONE_HOUR = 7200;\n+const ONE_HOUR = 3600;\n");
  expect(output).toContain("?? 512,\n+");
  expect(output.match(/^@@ /gm)).toHaveLength(4);
  expect(readFileSync(edited, "utf8")).toBe(before);
});

test("what git made of the line ends, and a copy that was brought up to date by hand, are current", async () => {
  await module("copy", "rest-api", ".");
  writeFileSync(
    inProject("rest-api.ts"),
    readFileSync(inProject("rest-api.ts"), "utf8").replaceAll("\n", "\r\n"),
  );
  copyOlder("pool.ts", (copy) => copy.replace("const MAX_TAGS = 40;", "const MAX_TAGS = 50;"));
  const { code, output } = await module("diff", ".");
  expect(output.match(/^.*: current, /gm)).toEqual(["pool.ts: current, ", "rest-api.ts: current, "]);
  expect(code).toBe(0);
});

test("an edited copy of what is current is nobody's business; one without an original is", async () => {
  await module("copy", "rest-api", ".");
  const copy = readFileSync(inProject("rest-api.ts"), "utf8");
  writeFileSync(inProject("rest-api.ts"), `${copy}// ours\n`);
  expect((await module("diff", ".")).code).toBe(0);
  writeFileSync(inProject("rest-api.ts"), copy.replace("modules/rest-api.ts", "modules/removed.ts"));
  expect(await module("diff", ".")).toMatchObject({
    code: 1,
    output: expect.stringContaining("original removed"),
  });
});

test("what can't be copied isn't shown, whatever a copy says", async () => {
  await module("copy", "rest-api", ".");
  const copy = readFileSync(inProject("rest-api.ts"), "utf8");
  writeFileSync(inProject("rest-api.ts"), copy.replace("stacks/modules/rest-api.ts", "package.json"));
  const { output } = await module("diff", ".");
  expect(output).toBe(`rest-api.ts: original removed, copied from ${version}\n`);
});

test.each([
  ["no command", [], "Usage:"],
  ["another command", ["merge"], "unknown command 'merge'"],
  [
    "a module that there isn't",
    ["copy", "pool", "."],
    "invalid for argument 'NAME'. Take one of developer-identity-pool, ",
  ],
  ["copy without a directory", ["copy", "rest-api"], "missing required argument 'DIR'"],
  ["copy into a file", ["copy", "rest-api", path.join(PROJECT, "package.json")], "is no directory"],
  ["export into a file", ["export-terraform", path.join(PROJECT, "package.json")], "is no directory"],
  ["diff of no directory", ["diff", "nowhere"], "There is no directory"],
  ["diff where there are no copies", ["diff", "."], "has no copies"],
])("%s is wrong usage", async (_what, args, message) => {
  const { code, output } = await module(...args);
  expect(output).toContain(message);
  expect(code).toBe(2);
});
