/** `npm run local`: local AWS that stays up, with all that Terraform needs to be used against it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runLocalAws } from "../local-aws/cli";
import { callLines } from "./call-lines";
import { providerEnvironment } from "./terraform";

const directory = mkdtempSync(path.join(tmpdir(), "local-aws-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));

const environment = {
  // A stage of its own: with the default one, cdktf would overwrite the state of a real deployment of stage dev.
  STAGE: "local",
  CHECKPOINT_DISABLE: "1",
  ...providerEnvironment(process.env, directory),
};

const hint = [
  "Once the stacks are deployed, with their outputs in outputs.json, the API is called as a user who is signed in, in a shell",
  "that is the user's from then on:",
  "",
  ...callLines().map((line) => `  ${line}`),
].join("\n");

const command = "npm run local --";
void runLocalAws(process.argv.slice(2), { command, environment, hint }).then((code) => {
  process.exitCode = code;
});
