/** A directory as it was given on the command line: npm runs scripts in the project's, wherever it was called. */
import { statSync } from "node:fs";
import path from "node:path";
import { InvalidArgumentError } from "commander";

/**
 * Reads the argument DIR. There need not be such a directory yet.
 *
 * @throws InvalidArgumentError when something else is there
 * @see https://docs.npmjs.com/cli/commands/npm-run#description
 */
export function givenDirectory(directory: string): string {
  const resolved = path.resolve(process.env.INIT_CWD ?? "", directory);
  if (statSync(resolved, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new InvalidArgumentError(`${resolved} is no directory.`);
  }
  return resolved;
}
