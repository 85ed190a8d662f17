// The two stacks together: names, tags, versions, state, the one grant, and the outputs that others rely on.
import path from "node:path";
import { Testing } from "cdktf";
import { ApiStack } from "../../stacks/api-stack";
import { IdentityStack } from "../../stacks/identity-stack";
import { readSettings } from "../../stacks/settings";
import { type Configuration, onlyResource, resources } from "../support/configuration";

function synthesize(environment: Record<string, string> = {}) {
  const app = Testing.app();
  const settings = readSettings(environment);
  const identity = new IdentityStack(app, "identity", { settings });
  const api = new ApiStack(app, "api", { settings, authenticatedRole: identity.authenticatedRole });
  // As the app does before it writes: cross-stack references come into being here.
  for (const stack of [identity, api]) {
    stack.prepareStack();
  }
  return {
    identity: JSON.parse(Testing.synth(identity)) as Configuration,
    api: JSON.parse(Testing.synth(api)) as Configuration,
  };
}

const dev = synthesize();
const longest = { STAGE: "s".repeat(20), NAME_PREFIX: "p".repeat(20), ALLOWED_ORIGIN: "https://a.example" };

test("the outputs carry the names that other programs look for", () => {
  const pool = onlyResource(dev.identity, "aws_cognito_identity_pool").address;
  const role = onlyResource(dev.identity, "aws_iam_role").address;
  const stage = onlyResource(dev.api, "aws_api_gateway_stage").address;
  expect(dev.identity.output).toMatchObject({
    identity_pool_id: { value: `\${${pool}.id}` },
    developer_provider_name: { value: "login.developer.example" },
    authenticated_role_arn: { value: `\${${role}.arn}` },
    region: { value: "us-east-1" },
  });
  expect(dev.api.output).toMatchObject({
    invoke_url: { value: `\${${stage}.invoke_url}` },
    allowed_origin: { value: "*" },
    probe_route: { value: "GET /hello" },
    refused_route: { value: "GET /restricted" },
  });
  expect(JSON.parse(dev.api.output?.access?.value as string)).toEqual({
    "GET /hello": ["signed-in"],
    "GET /restricted": [],
  });
  expect(Object.keys(dev.api.output ?? {})).toHaveLength(5);
  // What cdktf adds for the other stack is sensitive, and so stays out of the outputs file.
  const open = Object.entries(dev.identity.output ?? {}).filter(([, { sensitive }]) => !sensitive);
  expect(open.map(([name]) => name).sort()).toEqual([
    "authenticated_role_arn",
    "developer_provider_name",
    "identity_pool_id",
    "region",
  ]);
  for (const [name, { description }] of [...open, ...Object.entries(dev.api.output ?? {})]) {
    expect([name, description]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/)]);
  }
});

test("without the probe, /restricted isn't there, and nothing else changes", () => {
  const { identity, api } = synthesize({ RESTRICTED_PROBE: "false" });
  const body = JSON.parse(onlyResource(api, "aws_api_gateway_rest_api").body);
  expect(Object.keys(body.paths)).toEqual(["/hello"]);
  expect(resources(api, "aws_lambda_permission")).toHaveLength(1);
  expect(Object.keys(api.output ?? {}).sort()).toEqual([
    "access",
    "allowed_origin",
    "invoke_url",
    "probe_route",
  ]);
  expect(api.output?.access?.value).toBe('{"GET /hello":["signed-in"]}');
  expect(identity).toEqual(dev.identity);
  expect(resources(api, "aws_iam_role_policy")).toEqual(resources(dev.api, "aws_iam_role_policy"));
});

test("what is deployed keeps its addresses: a changed one would be another resource", () => {
  const addresses = Object.values(dev).flatMap(({ resource }) =>
    Object.entries(resource).flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`)),
  );
  expect(addresses.sort()).toEqual([
    "aws_api_gateway_deployment.api_deployment_3C116365",
    "aws_api_gateway_method_settings.api_throttling_5D686DB2",
    "aws_api_gateway_rest_api.api_4F59AA66",
    "aws_api_gateway_stage.api_stage_9CA2AE48",
    "aws_cloudwatch_log_group.hello_logs_C8FCDF05",
    "aws_cognito_identity_pool.pool_8FF6099E",
    "aws_cognito_identity_pool_roles_attachment.pool_roles_8C4B26EB",
    "aws_iam_role.hello_role_639261F1",
    "aws_iam_role.pool_authenticated-role_2420CAE6",
    "aws_iam_role_policy.hello-grant",
    "aws_iam_role_policy.hello_logging_D77ECAA6",
    "aws_lambda_function.hello_function_8300D95A",
    "aws_lambda_permission.api_permission-GET---hello_33289FBC",
    "aws_lambda_permission.api_permission-GET---restricted_04AFE3CB",
  ]);
});

test("exactly GET /hello is granted, to the authenticated role", () => {
  const policies = resources(dev.api, "aws_iam_role_policy");
  expect(policies.map(({ name }) => name).sort()).toEqual([
    "developer-identities-dev-call-hello",
    "write-own-logs",
  ]);
  const grant = policies.find(({ name }) => name === "developer-identities-dev-call-hello");
  const arn = `\${${onlyResource(dev.api, "aws_api_gateway_rest_api").address}.execution_arn}`;
  expect(JSON.parse(grant?.policy)).toEqual({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: `${arn}/dev/GET/hello` }],
  });
  const [exported] = Object.entries(dev.identity.output ?? {}).filter(([name]) =>
    name.startsWith("cross-stack"),
  );
  const role = onlyResource(dev.identity, "aws_iam_role").address;
  expect(exported?.[1].value).toBe(`\${${role}.name}`);
  expect(grant?.role).toBe(
    `\${data.terraform_remote_state.cross-stack-reference-input-identity.outputs.${exported?.[0]}}`,
  );
});

test("the function knows origin and provider", () => {
  const { api } = synthesize({ ALLOWED_ORIGIN: "https://a.example", DEVELOPER_PROVIDER_NAME: "login.a" });
  expect(onlyResource(api, "aws_lambda_function").environment.variables).toEqual({
    ALLOWED_ORIGIN: "https://a.example",
    DEVELOPER_PROVIDER_NAME: "login.a",
  });
});

test.each(["identity", "api"] as const)("stack %s: versions, region and tags", (name) => {
  const stack = synthesize({ AWS_REGION: "eu-west-1" })[name];
  expect(stack.terraform.required_version).toBe(">= 1.6");
  expect(stack.terraform.required_providers).toEqual({
    aws: { source: "hashicorp/aws", version: "5.100.0" },
  });
  expect(stack.provider.aws).toEqual([
    {
      region: "eu-west-1",
      default_tags: [{ tags: { project: "developer-identities", stage: "dev", stack: name } }],
    },
  ]);
});

test("another provider, one account only and a TLS policy are passed on", () => {
  const settings = { AWS_PROVIDER_VERSION: "~> 6.53", AWS_ACCOUNT_ID: "123456789012", TLS_POLICY: "TLS_1_2" };
  const { api } = synthesize(settings);
  expect(api.terraform.required_providers.aws).toMatchObject({ version: "~> 6.53" });
  expect(api.provider.aws).toMatchObject([{ allowed_account_ids: ["123456789012"] }]);
  expect(onlyResource(api, "aws_api_gateway_rest_api")).toMatchObject({ security_policy: "TLS_1_2" });
});

test("without a bucket, state is a file below the working directory, one a region", () => {
  const directory = path.join(process.cwd(), ".terraform-state", "dev", "us-east-1");
  const file = (stack: string) => path.join(directory, `${stack}.tfstate`);
  expect(dev.identity.terraform.backend).toEqual({ local: { path: file("identity") } });
  expect(dev.api.terraform.backend).toEqual({ local: { path: file("api") } });
  expect(onlyRemoteState(dev.api)).toMatchObject({ backend: "local", config: { path: file("identity") } });
});

test("with a bucket, state is there, encrypted and locked", () => {
  const { identity, api } = synthesize({ STATE_BUCKET: "shop-state", AWS_REGION: "eu-west-1" });
  const place = (stack: string) => ({
    bucket: "shop-state",
    key: `developer-identities/dev/${stack}.tfstate`,
    region: "eu-west-1",
    encrypt: true,
  });
  expect(identity.terraform.backend).toEqual({ s3: { ...place("identity"), use_lockfile: true } });
  expect(api.terraform.backend).toEqual({ s3: { ...place("api"), use_lockfile: true } });
  expect(identity.terraform.required_version).toBe(">= 1.10");
  expect(onlyRemoteState(api)).toMatchObject({ backend: "s3", config: place("identity") });
});

test("a bucket may be in another region, and its keys may name the stage's", () => {
  const { identity, api } = synthesize({
    STATE_BUCKET: "shop-state",
    STATE_REGION: "eu-central-1",
    STATE_KEY_HAS_REGION: "true",
    AWS_REGION: "eu-west-1",
  });
  const key = (stack: string) => `developer-identities/dev/eu-west-1/${stack}.tfstate`;
  expect(identity.terraform.backend.s3).toMatchObject({ key: key("identity"), region: "eu-central-1" });
  expect(api.terraform.backend.s3).toMatchObject({ key: key("api"), region: "eu-central-1" });
  const config = { key: key("identity"), region: "eu-central-1" };
  expect(onlyRemoteState(api)).toMatchObject({ config });
});

test.each([
  [{}, undefined],
  [{ PROTECT_IDENTITIES: "true" }, { prevent_destroy: true }],
  [longest, { prevent_destroy: true }],
])("with %j the pool's lifecycle is %j", (environment, lifecycle) => {
  const { identity } = synthesize(environment as Record<string, string>);
  expect(onlyResource(identity, "aws_cognito_identity_pool").lifecycle).toEqual(lifecycle);
});

test("names begin with prefix and stage, and the longest of them still fit", () => {
  const { identity, api } = synthesize(longest);
  const names = [
    onlyResource(identity, "aws_cognito_identity_pool").identity_pool_name,
    onlyResource(identity, "aws_iam_role").name,
    onlyResource(api, "aws_lambda_function").function_name,
    onlyResource(api, "aws_iam_role").name,
    onlyResource(api, "aws_api_gateway_rest_api").name,
  ];
  for (const name of names) {
    expect(name).toMatch(new RegExp(`^${longest.NAME_PREFIX}-${longest.STAGE}-[a-z-]+$`));
    expect(name.length).toBeLessThanOrEqual(64);
  }
});

test("no attribute that only version 6 of the provider has", () => {
  for (const stack of Object.values(dev)) {
    for (const type of Object.keys(stack.resource)) {
      for (const resource of resources(stack, type)) {
        expect(resource).not.toHaveProperty("region");
      }
    }
  }
});

function onlyRemoteState(configuration: Configuration): unknown {
  const found = Object.values(configuration.data?.terraform_remote_state ?? {});
  expect(found).toHaveLength(1);
  return found[0];
}
