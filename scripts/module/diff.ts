/** `npm run module -- diff`: how copies in another project differ from what this project has today. It writes nothing. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { createTwoFilesPatch } from "diff";
import { ENDINGS } from "../../harness";
import { subcommand } from "../command";
import { copyableModules, sourceOf } from "./catalog";
import { type CopyState, readCopy, stateOf } from "./copied-file";
import { givenDirectory } from "./given-directory";

export function diffCommand(): Command {
  return subcommand("diff", "Compares the copies below a directory with this project's files.")
    .argument("<DIR>", "where they are", givenDirectory)
    .addHelpText(
      "after",
      `
Differences lead from the copy to what is here: what is marked - is the copy's, + is new. Take it over with copy --force, or, where the
copy was edited by hand, piece by piece.
Exit codes: 0 no copy is behind; 1 at least one is, or its original was removed; 2 wrong usage, or no copies there.`,
    )
    .action((directory: string) => {
      process.exitCode = compare(directory);
    });
}

const BEHIND: readonly CopyState[] = ["behind", "behind and edited by hand", "original removed"];

function compare(directory: string): number {
  if (!existsSync(directory)) {
    console.error(`There is no directory ${directory}.`);
    return ENDINGS.settings.code;
  }
  const states = sourceFiles(directory).flatMap((file) => {
    const copied = readCopy(readFileSync(file, "utf8"));
    return copied === undefined ? [] : [{ file, copied, original: originalOf(copied.origin.file) }];
  });
  if (states.length === 0) {
    console.error(`${directory} has no copies: no file there begins with a line "// Copied from …".`);
    return ENDINGS.settings.code;
  }
  let behind = false;
  for (const { file, copied, original } of states) {
    const state = stateOf(copied, original);
    behind ||= BEHIND.includes(state);
    console.log(`${path.relative(directory, file)}: ${state}, copied from ${copied.origin.version}`);
    if (original !== undefined && state !== "current") {
      console.log(createTwoFilesPatch(file, copied.origin.file, copied.content, original, "", ""));
    }
  }
  return behind ? ENDINGS.failed.code : ENDINGS.passed.code;
}

/** The file as it is in this project today, if it is one that can be copied: what a copy names is anybody's to write. */
function originalOf(file: string): string | undefined {
  const isCopyable = copyableModules().some((one) =>
    one.files.some((own) => `${one.folder}/${own}` === file),
  );
  return isCopyable ? sourceOf(file) : undefined;
}

/** What is nobody's own work, or none of it. */
const PASSED_OVER = /^(node_modules|cdktf\.out|\..*)$/;

function sourceFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => !PASSED_OVER.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(directory, entry.name);
      return entry.isDirectory() ? sourceFiles(file) : /\.[cm]?tsx?$/.test(entry.name) ? [file] : [];
    });
}
