/**
 * A deployment of an earlier version, taken over by today's: `upgrade/VERSION` holds what that version synthesised, with
 * WORKSPACE for its directory.
 */
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  GetOpenIdTokenForDeveloperIdentityCommand,
  LookupDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { readOutputs, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { Cdktf } from "../../scripts/cdktf";
import { createWorkspace, type Workspace } from "../../scripts/workspace";
import { terraform } from "../support/terraform";
import { Clients } from "./life-cycle/clients";

jest.setTimeout(300_000);

let account: LocalAws;
let workspace: Workspace;
let clients: Clients;

beforeAll(async () => {
  account = await startLocalAws();
  workspace = createWorkspace();
  clients = new Clients(account);
});

afterAll(async () => {
  clients?.close();
  workspace?.remove();
  await account?.stop();
});

/** Applies what the version synthesised and returns its outputs. */
async function deployVersion(version: string): Promise<Record<string, string>> {
  const stacks = path.join(workspace.directory, "cdktf.out", "stacks");
  cpSync(path.join(__dirname, "upgrade", version), stacks, { recursive: true });
  const outputs: Record<string, string> = {};
  for (const stack of readdirSync(stacks).sort().reverse()) {
    const file = path.join(stacks, stack, "cdk.tf.json");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("WORKSPACE", workspace.directory));
    const run = (...args: string[]) => terraform(workspace, account.environment, stack, ...args);
    await run("init", "-input=false");
    await run("apply", "-input=false", "-auto-approve");
    const values = JSON.parse((await run("output", "-json")).output);
    for (const [name, { value }] of Object.entries<{ value: string }>(values)) {
      outputs[name] = value;
    }
  }
  return outputs;
}

test("0.1.0 is taken over by one apply: pool, identities and URL stay", async () => {
  const before = await deployVersion("0.1.0");
  const pool = { IdentityPoolId: before.identity_pool_id };
  const Logins = { [before.developer_provider_name as string]: "kept" };
  const { IdentityId } = await clients.cognito.send(
    new GetOpenIdTokenForDeveloperIdentityCommand({ ...pool, Logins }),
  );

  const cdktf = new Cdktf(workspace, account.environment);
  const refused = await cdktf.deploy().then(() => "deployed beside the old state", String);
  const command = /^ *(mkdir -p .*)$/m.exec(refused)?.[1];
  expect(refused).toContain("where version 0.1 kept it");
  execFileSync("sh", ["-c", command ?? "false"], { cwd: workspace.directory });
  await cdktf.deploy();

  const deployment = readOutputs(workspace.outputsFile);
  expect(deployment).toMatchObject({
    identityPoolId: before.identity_pool_id,
    invokeUrl: before.invoke_url,
  });
  expect(
    await clients.cognito.send(
      new LookupDeveloperIdentityCommand({ ...pool, DeveloperUserIdentifier: "kept" }),
    ),
  ).toMatchObject({ IdentityId });
  const { endpoint, credentials } = account;
  expect((await walkFlow({ deployment, endpoint, credentials })).outcome).toBe("passed");
  expect(await cdktf.plan()).toBeUndefined();
});
