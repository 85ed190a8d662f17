/**
 * Artillery, which brings the users. It is no dependency of the project: its 461 packages of 460 MB would make `npm ci`
 * half as large again for a command that few run, and it wants a later Node than the project does. So it is installed apart, once, when
 * it is first needed.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { UnreachableError } from "../../harness";
import { LOAD_CHANNEL } from "../../harness/load/processor";
import type { LoadEngine, LoadEvent } from "../../harness/load/run";
import { run } from "../process";
import { PROJECT } from "../workspace";
import { SCENARIO_FILE } from "./scenario";

/** Its version and those of all its packages, with their hashes. License MPL-2.0, the others' more permissive. */
const LOCKED = path.join(PROJECT, "scripts/load/artillery");
/** https://www.npmjs.com/package/artillery */
const NEEDED_NODE = [22, 18] as const;
/** License MIT; it brings a Node as a package, where this one is older. */
const NODE = "22.23.3";

/** The programs to run. */
export interface Artillery {
  readonly node: string;
  readonly program: string;
}

/** Descriptors below are standard input, output and error. */
const CHANNEL = 3;

/**
 * Finds Artillery where an earlier run put it, or installs it there.
 *
 * @param say told before something takes long
 * @throws UnreachableError when it cannot be installed
 */
export async function findArtillery(
  say: (line: string) => void,
  signal: AbortSignal,
  cache = cacheDirectory(),
): Promise<Artillery> {
  const { dependencies } = JSON.parse(readFileSync(path.join(LOCKED, "package.json"), "utf8"));
  const artillery = await installed(`artillery-${dependencies.artillery}`, "460 MB", [
    "ci",
    "--ignore-scripts",
  ]);
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const suits = major > NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor >= NEEDED_NODE[1]);
  const node = suits
    ? process.execPath
    : path.join(
        await installed(`node-${NODE}`, "190 MB", ["install", "--save-exact", `node@${NODE}`]),
        "node_modules/node/bin/node",
      );
  return { node, program: path.join(artillery, "node_modules/artillery/bin/run") };

  async function installed(name: string, size: string, args: readonly string[]): Promise<string> {
    const directory = path.join(cache, name);
    const complete = path.join(directory, "complete");
    if (existsSync(complete)) {
      return directory;
    }
    say(`Installing ${name} (about ${size}) in ${directory}, for this and later runs.`);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    if (args[0] === "ci") {
      cpSync(LOCKED, directory, { recursive: true });
    }
    const quiet = ["--no-audit", "--no-fund"];
    const npm = {
      command: "npm",
      args: [...args, ...quiet],
      cwd: directory,
      env: installEnvironment(),
      signal,
    };
    const { code, output } = await run(npm);
    if (code !== 0) {
      const said = output.split("\n").slice(-20).join("\n");
      throw new UnreachableError(
        `Could not install ${name}, which brings the users, in ${directory} (npm ended with ${code}). Let npm reach its registry once, or put the directory of a machine that can in its place.\n${said}`,
      );
    }
    writeFileSync(complete, "");
    return directory;
  }
}

/** https://specifications.freedesktop.org/basedir-spec/latest/ */
function cacheDirectory(): string {
  const base = process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache");
  return path.join(base, "developer-authenticated-identities");
}

/** Makes npm's environment, without what an npm script hands on to npm. */
function installEnvironment(): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle)_|INIT_CWD$)/i.test(name),
  );
  // No scenario of ours opens a browser.
  return { ...Object.fromEntries(own), PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
}

/** Makes the engine that runs the scenario of a directory. @param onLine told what Artillery says */
export function artilleryEngine(
  { node, program }: Artillery,
  directory: string,
  onLine: (line: string) => void,
): LoadEngine {
  return async (tell, signal) => {
    const { code, output } = await run({
      command: node,
      // Its parent's end ends it too.
      args: ["--import", endWithParent(), program, "run", SCENARIO_FILE],
      cwd: directory,
      env: {
        ...process.env,
        [LOAD_CHANNEL]: String(CHANNEL),
        ARTILLERY_DISABLE_TELEMETRY: "true",
        // With it Artillery prints what it is given.
        DEBUG: undefined,
        // Settings of another Node.
        NODE_OPTIONS: undefined,
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      },
      signal,
      onLine,
      onMessage: (line) => {
        const event = parsed(line);
        if (event !== undefined) {
          tell(event);
        }
      },
    });
    if (code !== 0) {
      const said = output.split("\n").slice(-20).join("\n");
      throw new UnreachableError(`Artillery ended with ${code}; see what it said with --verbose.\n${said}`);
    }
  };
}

/** Reads a line; undefined when it is cut off, as the last one of a process that was killed may be. */
function parsed(line: string): LoadEvent | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function endWithParent(): string {
  return path.join(PROJECT, "scripts/end-with-parent.ts");
}
