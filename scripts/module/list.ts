/** `npm run module -- list`: what there is to copy. */
import type { Command } from "commander";
import { subcommand } from "../command";
import { copyableModules } from "./catalog";

export function listCommand(): Command {
  return subcommand("list", "Describes what can be copied.").action(() => {
    for (const { name, description, files } of copyableModules()) {
      const size = files.length === 1 ? "" : ` (${files.length} files)`;
      console.log(`${name}${size}\n  ${description}`);
    }
  });
}
