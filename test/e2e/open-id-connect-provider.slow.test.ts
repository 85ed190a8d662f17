/** An OpenID Connect provider by real Terraform: made, read by both data sources' ways, changed in place, and gone. */
import { mkdirSync, writeFileSync } from "node:fs";
import { GetOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { createWorkspace, type Workspace } from "../../scripts/workspace";
import { DEFAULT_PROVIDER_VERSION } from "../../stacks/settings";
import { stackDirectory, terraform } from "../support/terraform";
import { Clients } from "./life-cycle/clients";

jest.setTimeout(240_000);

const STACK = "provider";

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

const inStack = (...args: readonly string[]) => terraform(workspace, account.environment, STACK, ...args);

/** Applies a provider with these attributes, after which the plan is empty, and returns what IAM has. */
async function applied(attributes: object) {
  const directory = stackDirectory(workspace, STACK);
  mkdirSync(directory, { recursive: true });
  const type = "aws_iam_openid_connect_provider";
  const configuration = {
    terraform: {
      required_providers: { aws: { source: "hashicorp/aws", version: DEFAULT_PROVIDER_VERSION } },
    },
    provider: { aws: {} },
    resource: { [type]: { issuer: { url: "https://issuer.example/realm", ...attributes } } },
    data: {
      [type]: {
        by_arn: { arn: `\${${type}.issuer.arn}` },
        by_url: { url: "https://issuer.example/realm", depends_on: [`${type}.issuer`] },
      },
    },
    output: { arns: { value: [`\${data.${type}.by_arn.arn}`, `\${data.${type}.by_url.arn}`] } },
  };
  writeFileSync(`${directory}/main.tf.json`, JSON.stringify(configuration));
  await inStack("init", "-input=false");
  await inStack("apply", "-input=false", "-auto-approve");
  expect((await inStack("plan", "-input=false", "-detailed-exitcode")).code).toBe(0);
  const [first, second] = JSON.parse((await inStack("output", "-json")).output).arns.value;
  expect(second).toBe(first);
  return clients.iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: first }));
}

test("it is made without thumbprints, changed in place, and destroyed", async () => {
  const made = await applied({ client_id_list: ["a", "b"] });
  expect(made).toMatchObject({ ClientIDList: ["a", "b"], ThumbprintList: [], Tags: [] });
  const thumbprint_list = ["a".repeat(40)];
  const changed = await applied({ client_id_list: ["b", "c"], thumbprint_list, tags: { team: "blue" } });
  expect(changed).toMatchObject({
    ClientIDList: ["b", "c"],
    ThumbprintList: thumbprint_list,
    Tags: [{ Key: "team", Value: "blue" }],
    CreateDate: made.CreateDate,
  });
  await inStack("destroy", "-auto-approve");
  expect(account.resources()).toEqual([]);
});
