/** What of this project can be copied: sets of files that need nothing else of it. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const PROJECT = path.join(__dirname, "..", "..");

/** Files that are copied together. */
export interface CopyableModule {
  readonly name: string;
  /** What it is, in a sentence: the first of its first file. */
  readonly description: string;
  /** Where its files lie, relative to the project, with `/`; below it they keep their places. */
  readonly folder: string;
  /** Relative to the folder, with `/`; the first is the one to import, or to bundle. */
  readonly files: readonly string[];
}

/** Where the stacks' modules are. */
export const STACK_MODULES = "stacks/modules";

/** Lists the modules: those of the stacks, and the two ends of the login, which need no CDKTF. */
export function copyableModules(): CopyableModule[] {
  const login = sources("functions/login").map((file) => `login/${file}`);
  return [
    ...sources(STACK_MODULES).map((file) => copyable(STACK_MODULES, [file])),
    copyable("functions", ["login.ts", ...login]),
    copyable("web", ["developer-identity.ts"]),
  ];
}

/**
 * Reads a file of this project.
 *
 * @param file relative to the project
 */
export function sourceOf(file: string): string {
  return readFileSync(path.join(PROJECT, file), "utf8");
}

/** The name and the version under which copies remember where they come from. */
export function provenance(): { readonly name: string; readonly version: string } {
  return JSON.parse(sourceOf("package.json"));
}

function sources(folder: string): string[] {
  return readdirSync(path.join(PROJECT, folder))
    .filter((file) => file.endsWith(".ts"))
    .sort();
}

function copyable(folder: string, files: readonly [string, ...string[]]): CopyableModule {
  const [first] = files;
  return {
    name: path.basename(first, ".ts"),
    description: firstSentence(sourceOf(`${folder}/${first}`)),
    folder,
    files,
  };
}

function firstSentence(source: string): string {
  const [comment = ""] = /^(\/\/.*\n)+|^\/\*\*[\s\S]*?\*\//.exec(source) ?? [];
  const text = comment.replace(/^(\/\/|\/\*\*| \*\/?)/gm, " ").replace(/\s+/g, " ");
  return /^.*?\.(?= |$)/.exec(text.trim())?.[0] ?? "";
}
