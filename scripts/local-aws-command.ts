#!/usr/bin/env node
/** The package's command `local-aws`; `npm run local` is the same with what the project's stacks need. */
import { runLocalAws } from "../local-aws/cli";

async function main(): Promise<number> {
  // Ended by SIGTERM, npx and npm end the shell between them and the command, and nobody tells the command.
  // Started without npm, it may outlive its shell: a CI job's steps share it.
  if (process.env.npm_lifecycle_event !== undefined) {
    await import("./end-with-parent");
  }
  return runLocalAws(process.argv.slice(2));
}

void main().then((code) => {
  process.exitCode = code;
});
