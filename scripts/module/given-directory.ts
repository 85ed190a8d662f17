/** A directory as it was given on the command line: npm runs scripts in the project's, wherever it was called. */
import path from "node:path";

/** @see https://docs.npmjs.com/cli/commands/npm-run#description */
export function givenDirectory(directory: string): string {
  return path.resolve(process.env.INIT_CWD ?? "", directory);
}
