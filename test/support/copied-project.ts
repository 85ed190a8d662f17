/**
 * A project outside of this one, as `cdktf init` leaves it, with one module copied into it and nothing installed but TypeScript and what
 * the copying names.
 */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createWorkspace, type Workspace } from "../../scripts/workspace";
import { PROJECT, runToEnd, withoutAws } from "./programs";

/** The stack's id in every program here. */
export const STACK = "copied";

/** What `cdktf init` gives to a project in TypeScript. */
const TEMPLATE = path.join(PROJECT, "node_modules", "cdktf-cli", "bundle", "templates", "typescript");

/** `cdktf init` takes the newest, but ts-node, which it takes as well, needs a TypeScript with its former API. */
const TYPESCRIPT = "typescript@5.9.3";

export class CopiedProject {
  readonly workspace: Workspace = createWorkspace();
  readonly directory = this.workspace.directory;

  /**
   * Copies the module, installs what that names, and puts a program beside it.
   *
   * @param program the file of a program that imports the module from stacks/modules/
   * @param replaced packages to install in place of named ones, e.g. aliases: from a name to what `npm install` takes
   */
  async prepare(
    module: string,
    program: string,
    replaced: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    writeFileSync(path.join(this.directory, "package.json"), JSON.stringify({ private: true }));
    copyFileSync(path.join(TEMPLATE, "tsconfig.json"), path.join(this.directory, "tsconfig.json"));
    const printed = await this.#run(process.execPath, [
      ...["--import", path.join(PROJECT, "node_modules/tsx/dist/loader.mjs")],
      ...[path.join(PROJECT, "scripts/module.ts"), "copy", module, this.directory],
    ]);
    const installations = printed.match(/npm install .*/g) ?? [];
    for (const line of [...installations, `npm install --save-dev ${TYPESCRIPT}`]) {
      const packages = line.split(" ").map((word) => replaced[word.replace(/(?<=.)@[^@]*$/, "")] ?? word);
      await this.#run("sh", ["-c", `${packages.join(" ")} --prefer-offline --no-audit --no-fund`]);
    }
    const source = readFileSync(program, "utf8").replaceAll(/"(?:\.\.\/)+stacks\/modules\//g, '"./');
    writeFileSync(path.join(this.directory, "main.ts"), source);
  }

  /** Compiles as `npm run build` of `cdktf init` does, and returns the compiler's complaints. */
  async compile(): Promise<string> {
    const tsc = path.join(this.directory, "node_modules", "typescript", "bin", "tsc");
    return (await runToEnd(process.execPath, [tsc], withoutAws(), this.directory)).output;
  }

  /** Type-checks with this project's TypeScript, which has to be told of Node's types. */
  async checkWithLatest(): Promise<string> {
    const tsc = path.join(PROJECT, "node_modules", "typescript", "bin", "tsc");
    const hasTypes = existsSync(path.join(this.directory, "node_modules", "@types", "node"));
    const args = [tsc, "--noEmit", ...(hasTypes ? ["--types", "node"] : [])];
    return (await runToEnd(process.execPath, args, withoutAws(), this.directory)).output;
  }

  /**
   * Runs the compiled program.
   *
   * @param context what the app finds by `node.getContext`; it has no types of Node's unless its module names them
   * @throws Error with its words when it fails
   */
  async synthesize(context: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.#run(process.execPath, ["main.js"], { CDKTF_CONTEXT_JSON: JSON.stringify(context) });
  }

  async #run(command: string, args: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, output } = await runToEnd(command, args, { ...withoutAws(), ...settings }, this.directory);
    if (code !== 0) {
      throw new Error(`${command} ${args.join(" ")} failed (exit code ${code}):\n${output}`);
    }
    return output;
  }
}
