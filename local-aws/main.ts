#!/usr/bin/env node
/** The package's command `local-aws`; `npm run local` is the same with what the project's stacks need. */
import { runLocalAws } from "./cli";

void runLocalAws(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
