#!/usr/bin/env node
/** `npm run verify` and `verify-developer-identities`: the command as a process. */
import { runAsProcess } from "./process";
import { verify } from "./verify";

runAsProcess((given) => {
  const command = given.environment.npm_lifecycle_event === "verify" ? "npm run verify --" : undefined;
  return verify(process.argv.slice(2), { ...given, command });
});
