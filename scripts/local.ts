/** `npm run local`: local AWS that stays up, with all that Terraform needs to be used against it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runLocalAws } from "../local-aws/cli";
import { providerEnvironment } from "./terraform";

const directory = mkdtempSync(path.join(tmpdir(), "local-aws-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));

void runLocalAws(process.argv.slice(2), providerEnvironment(process.env, directory)).then((code) => {
  process.exitCode = code;
});
