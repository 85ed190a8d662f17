/** `npm run plan` with real Terraform: before anything is deployed, with nothing to change, after a change by hand, and when it can't. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { readOutputs } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { Cdktf } from "../../scripts/cdktf";
import { createWorkspace, tsx, type Workspace } from "../../scripts/workspace";
import { PROJECT, runToEnd } from "../support/programs";

jest.setTimeout(600_000);

let account: LocalAws;
let workspace: Workspace;

beforeAll(async () => {
  account = await startLocalAws();
  workspace = createWorkspace();
});

afterAll(async () => {
  workspace?.remove();
  await account?.stop();
});

/** Runs the command as a user does who has deployed from this directory. */
async function plan(settings: Readonly<Record<string, string>> = {}) {
  const { code, output } = await runToEnd(
    process.execPath,
    ["--import", tsx(), path.join(PROJECT, "scripts", "plan.ts"), "--markdown", "plan.md"],
    { ...workspace.environment, ...account.environment, ...settings },
    workspace.directory,
  );
  return { code, output, markdown: () => readFileSync(path.join(workspace.directory, "plan.md"), "utf8") };
}

test("settings that cannot be used: exit code 2, and what is wrong", async () => {
  const { code, output } = await plan({ STAGE: "Not a stage" });
  expect(output).toContain("STAGE: found");
  expect(code).toBe(2);
});

test("nothing deployed: what would be created, and that the API can't be planned before", async () => {
  const { code, output, markdown } = await plan();
  expect(output).toMatch(/^identity +not deployed yet, 3 to create$/m);
  expect(output).toContain("+ create aws_cognito_identity_pool.");
  expect(output).toMatch(/^api +cannot be planned before identity is applied, .* it declares 11 resources$/m);
  expect(code).toBe(1);
  expect(markdown()).toContain("## Plan: changes in 2 of 2 stacks");
  expect(account.resources()).toEqual([]);
});

test("deployed: no change; changed by hand: just that, and it stays; a new stack; another account", async () => {
  await new Cdktf(workspace, account.environment).deploy();
  const deployed = account.resources();
  const untouched = await plan();
  expect(untouched).toMatchObject({
    code: 0,
    output: expect.stringContaining("Plan: no change in 2 stacks."),
  });

  const iam = new IAMClient({ ...account, maxAttempts: 1 });
  const { authenticatedRoleArn } = readOutputs(workspace.outputsFile);
  const grant = {
    RoleName: authenticatedRoleArn.replace(/.*\//, ""),
    PolicyName: "developer-identities-local-call-hello",
  };
  const widened = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }],
  };
  await iam.send(new PutRolePolicyCommand({ ...grant, PolicyDocument: JSON.stringify(widened) }));
  const drifted = await plan();
  expect(drifted.output).toMatch(/^identity +no change$/m);
  expect(drifted.output).toMatch(/^api +1 to update, 1 changed outside of Terraform$/m);
  expect(drifted.output).toContain(
    "~ update aws_iam_role_policy.hello-grant (policy), changed outside of Terraform",
  );
  expect(drifted.markdown()).toMatch(/- `~` update `aws_iam_role_policy.hello-grant` \(policy\)/);
  expect(drifted.markdown()).toContain("Plan: 0 to add, 1 to change, 0 to destroy.");
  expect(drifted.code).toBe(1);
  const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand(grant));
  expect(JSON.parse(decodeURIComponent(PolicyDocument))).toEqual(widened);

  const introspection = "https://app.example/introspect";
  const withLogin = await plan({ APP_INTROSPECTION_URL: introspection });
  expect(withLogin.output).toMatch(/^identity +outputs: cross-stack-output-/m);
  expect(withLogin.output).toMatch(/^login +cannot be planned before identity is applied/m);
  // Terraform holds what stacks take from each other to be secret, and so its words don't have it.
  expect(withLogin.markdown()).toContain("(sensitive value)");
  expect(withLogin.code).toBe(1);

  const refused = await plan({ AWS_ACCOUNT_ID: "999999999999" });
  expect(refused.output).toContain("Plan: 2 of 2 stacks could not be planned.");
  expect(refused.markdown()).toContain("AWS account ID not allowed: 123456789012");
  expect(refused.code).toBe(3);

  expect(account.resources()).toEqual(deployed);
});
