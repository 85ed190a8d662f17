/**
 * `npm run node-matrix`: the README's two commands on several versions of Node, each in a copy of this checkout with nothing
 * installed, and a table of what came of it. The npm package `node` brings the versions; nothing else is downloaded, and
 * nothing can be compiled.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { npmCommand } from "./command";
import { killRunning, run } from "./process";
import { PROJECT } from "./workspace";

const VERSIONS = ["20", "22", "24", "26"];

const COMMANDS = [["ci"], ["run", "e2e"]] as const;

/** What a user would wonder about. */
const WARNING = /deprecat|EBADENGINE|unsupported engine/i;

interface Row {
  readonly node: string;
  readonly commands: readonly { readonly code: number | null; readonly seconds: number }[];
  readonly warnings: readonly string[];
}

/** Copies the files that git knows, as they are now. */
function copyCheckout(to: string): void {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const files = execFileSync("git", args, { cwd: PROJECT, encoding: "utf8" }).split("\0").filter(Boolean);
  for (const file of files) {
    cpSync(path.join(PROJECT, file), path.join(to, file), { recursive: true });
  }
}

async function tryOn(version: string, directory: string): Promise<Row> {
  const [tools, checkout] = [path.join(directory, "tools"), path.join(directory, "checkout")];
  for (const made of [tools, checkout]) {
    mkdirSync(made);
  }
  const npm = (args: readonly string[], cwd: string, env: Record<string, string | undefined>) =>
    run({ command: "npm", args, cwd, env, signal: new AbortController().signal });
  const installed = await npm(["install", "--prefix", tools, `node@${version}`], tools, process.env);
  if (installed.code !== 0) {
    throw new Error(`npm install node@${version} failed:\n${installed.output}`);
  }
  const binaries = path.join(tools, "node_modules", "node", "bin");
  copyCheckout(checkout);
  const env = {
    ...inherited(),
    PATH: `${binaries}${path.delimiter}${process.env.PATH}`,
    // Whatever wants to be compiled fails, compiler or not.
    npm_config_node_gyp: path.join(directory, "no-node-gyp"),
  };
  const commands: { code: number | null; seconds: number }[] = [];
  const warnings: string[] = [];
  for (const args of COMMANDS) {
    const began = Date.now();
    const { code, output } = await npm(args, checkout, env);
    commands.push({ code, seconds: Math.round((Date.now() - began) / 1000) });
    warnings.push(...output.split("\n").filter((line) => WARNING.test(line)));
    if (code === 0) {
      continue;
    }
    console.error(`npm ${args.join(" ")} on Node ${version}:\n${output}`);
    break;
  }
  const node = execFileSync(path.join(binaries, "node"), ["--version"], { encoding: "utf8" }).trim();
  return { node, commands, warnings };
}

/** Copies the environment without what npm set for this run, and what would be handed on to the other Node. */
function inherited(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|INIT_CWD$)/i.test(name)),
  );
}

async function main(versions: readonly string[]): Promise<boolean> {
  console.log(`| Node | ${COMMANDS.map((args) => `\`npm ${args.join(" ")}\``).join(" | ")} | warnings |`);
  console.log(`|---|${COMMANDS.map(() => "---|").join("")}---|`);
  let passed = true;
  for (const version of versions) {
    const directory = mkdtempSync(path.join(tmpdir(), "node-matrix-"));
    try {
      const { node, commands, warnings } = await tryOn(version, directory);
      const cells = COMMANDS.map((_, index) => {
        const { code, seconds } = commands[index] ?? {};
        return code === 0 ? `passed (${seconds} s)` : code === undefined ? "not run" : `failed (${code})`;
      });
      console.log(`| ${node} | ${cells.join(" | ")} | ${warnings.length || "none"} |`);
      for (const warning of warnings) {
        console.error(`Node ${version}: ${warning}`);
      }
      passed &&= commands.length === COMMANDS.length && commands.every(({ code }) => code === 0);
    } finally {
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  return passed;
}

process.on("exit", killRunning);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => process.exit(130));
}
const { args } = npmCommand("node-matrix", "Runs the README's two commands on several versions of Node.")
  .argument("[versions...]", `major versions of Node (default: ${VERSIONS.join(" ")})`)
  .parse();
void main(args.length > 0 ? args : VERSIONS).then((passed) => {
  process.exitCode = passed ? 0 : 1;
});
