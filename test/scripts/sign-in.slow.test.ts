/** `npm run sign-in` and the lines that call the API afterwards, against an account to which the flow was deployed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { callLines } from "../../scripts/call-lines";
import { type DeploymentOutputs, deployWithSdk } from "../../scripts/sdk-deployment";
import { CALLERS_HERE, paste } from "../support/pasted";
import { runToEnd, withoutAws } from "../support/programs";

let aws: LocalAws;
let deployed: DeploymentOutputs;
let directory: string;
let outputs: string;

beforeAll(async () => {
  aws = await startLocalAws();
  deployed = await deployWithSdk(aws);
  directory = mkdtempSync(path.join(tmpdir(), "sign-in-"));
  outputs = path.join(directory, "outputs.json");
  writeFileSync(outputs, JSON.stringify({ stack: deployed }));
});

afterAll(async () => {
  await aws.stop();
  rmSync(directory, { recursive: true });
});

const backend = () => ({ ...withoutAws(), AWS_EC2_METADATA_DISABLED: "true", ...aws.environment });
const signIn = (args: readonly string[], more = {}) =>
  runToEnd("npm", ["run", "--silent", "sign-in", "--", ...args], { ...backend(), ...more });

test.each(CALLERS_HERE)("%s calls the API as the user who is signed in", async (caller) => {
  const lines = callLines(outputs).map((line) => `  ${line}`);
  const { code, output } = await paste(lines.join("\n"), caller, backend());
  expect(output).toContain('"message":"Hello, alice!"');
  expect(code).toBe(0);
});

test("whoever isn't signed in calls as the backend, whom the function doesn't know", async () => {
  const url = new URL(deployed.invoke_url);
  const API_URL = `${aws.endpoint}/_aws/execute-api/${url.host.split(".")[0]}${url.pathname}`;
  const lines = callLines(outputs)
    .slice(1)
    .map((line) => `  ${line}`);
  const { output } = await paste(lines.join("\n"), "Node", { ...backend(), API_URL });
  expect(output).toContain("caller without an identity");
});

test("a user's name is as given, whatever a shell makes of it", async () => {
  const name = 'o\'neill $(touch x) `id`; "q"';
  const { code, output } = await signIn(["--outputs", outputs, name]);
  expect([code, output.match(/^(export \w+=|unset AWS_PROFILE$)/gm)]).toEqual([
    0,
    [
      "unset AWS_PROFILE",
      "export AWS_REGION=",
      "export AWS_ACCESS_KEY_ID=",
      "export AWS_SECRET_ACCESS_KEY=",
      "export AWS_SESSION_TOKEN=",
      "export API_URL=",
    ],
  ]);
  const node = callLines()[2] as string;
  const { output: answer } = await runToEnd("sh", ["-c", `${output}\n${node}`], backend());
  expect(JSON.parse(answer).developerUserIdentifier).toBe(name);
});

test("without an endpoint the API is called by its own host", async () => {
  // Such a shell reaches AWS itself, so the one endpoint that the SDK may use is Cognito's.
  const { output } = await signIn(["--outputs", outputs], {
    AWS_ENDPOINT_URL: "",
    AWS_ENDPOINT_URL_COGNITO_IDENTITY: aws.endpoint,
  });
  expect(output).toContain(`export API_URL='${deployed.invoke_url}'\n`);
});

test("what is missing or refused is told, and no secret", async () => {
  const missing = await signIn(["--outputs", path.join(directory, "none.json")]);
  expect([missing.code, missing.output]).toEqual([2, expect.stringContaining("There is no file")]);
  const secret = "w".repeat(40);
  const refused = await signIn(["--outputs", outputs], { AWS_SECRET_ACCESS_KEY: secret });
  expect([refused.code, refused.output]).toEqual([
    1,
    // Not what was signed, which AWS repeats: a session's token is in it.
    expect.stringMatching(
      /^Could not sign alice in: InvalidSignatureException: The request signature we.*\n$/,
    ),
  ]);
  expect(refused.output).not.toContain(secret);
  expect(refused.output).not.toContain("export ");
});
