// The verifier stack: whom its role trusts by which setting, and exactly what it may do.
import { type TerraformStack, Testing } from "cdktf";
import { ApiStack } from "../../stacks/api-stack";
import { IdentityStack } from "../../stacks/identity-stack";
import { readSettings } from "../../stacks/settings";
import type { VerifierSettings } from "../../stacks/verifier-settings";
import { VerifierStack } from "../../stacks/verifier-stack";
import { type Configuration, onlyResource, resources } from "../support/configuration";

const ON = { VERIFIER: "on", VERIFIER_REPOSITORY: "octo-org/octo-repo" };

function synthesize(environment: Record<string, string>) {
  const app = Testing.app();
  const settings = readSettings(environment);
  const identity = new IdentityStack(app, "identity", { settings });
  const api = new ApiStack(app, "api", { settings, authenticatedRole: identity.authenticatedRole });
  const verifier = new VerifierStack(app, "verifier", {
    settings,
    verifier: settings.verifier as VerifierSettings,
    pool: identity.pool,
    api: api.api,
  });
  const read = (stack: TerraformStack): Configuration => JSON.parse(Testing.synth(stack));
  for (const stack of [identity, api, verifier]) {
    stack.prepareStack();
  }
  return { identity: read(identity), api: read(api), verifier: read(verifier) };
}

const subjectOf = (configuration: Configuration) =>
  JSON.parse(onlyResource(configuration, "aws_iam_role").assume_role_policy).Statement[0].Condition
    .StringEquals["token.actions.githubusercontent.com:sub"];

test("it may walk the flow of this pool, read this API and this role, and nothing else", () => {
  const { identity, api, verifier } = synthesize({ ...ON, AWS_REGION: "eu-central-1" });
  const outputs = { ...identity.output, ...api.output };
  const policy = onlyResource(verifier, "aws_iam_role_policy").policy.replaceAll(
    /\$\{data\.terraform_remote_state\.[\w-]+\.outputs\.([\w-]+)\}/g,
    (_: string, name: string) => outputs[name]?.value ?? "?",
  );
  const pool = `\${${onlyResource(identity, "aws_cognito_identity_pool").address}.arn}`;
  const role = `\${${onlyResource(identity, "aws_iam_role").address}.arn}`;
  const restApi = `arn:aws:apigateway:eu-central-1::/restapis/\${${onlyResource(api, "aws_api_gateway_rest_api").address}.id}`;
  const allow = (Sid: string, Action: unknown, Resource: unknown) => ({
    Sid,
    Effect: "Allow",
    Action,
    Resource,
  });
  expect(JSON.parse(policy).Statement).toEqual([
    allow("Pool", "cognito-identity:DescribeIdentityPool", pool),
    allow("Roles", "cognito-identity:GetIdentityPoolRoles", pool),
    allow("Token", "cognito-identity:GetOpenIdTokenForDeveloperIdentity", pool),
    allow("CleanUpUnknown", "cognito-identity:LookupDeveloperIdentity", pool),
    {
      ...allow("CleanUp", "cognito-identity:DeleteIdentities", "*"),
      Condition: { ArnEquals: { "cognito-identity:IdentityPoolArn": pool } },
    },
    allow("Routes", "apigateway:GET", `${restApi}/resources`),
    allow("ResourcePolicy", "apigateway:GET", restApi),
    allow(
      "Grants",
      ["iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"],
      role,
    ),
  ]);
});

test("the role has a name of the stage's, lasts an hour, and is an output", () => {
  const { verifier } = synthesize({ ...ON, STAGE: "prod", ALLOWED_ORIGIN: "https://app.example" });
  const role = onlyResource(verifier, "aws_iam_role");
  expect(role).toMatchObject({ name: "developer-identities-prod-verifier", max_session_duration: 3600 });
  expect(verifier.output).toMatchObject({ verifier_role_arn: { value: `\${${role.address}.arn}` } });
});

test.each<[Record<string, string>, string]>([
  [{}, "repo:octo-org/octo-repo:ref:refs/heads/main"],
  [{ VERIFIER_BRANCH: "trunk" }, "repo:octo-org/octo-repo:ref:refs/heads/trunk"],
  [{ VERIFIER_ENVIRONMENT: "nightly" }, "repo:octo-org/octo-repo:environment:nightly"],
  [{ VERIFIER_REPOSITORY_IDS: "12/74" }, "repo:octo-org@12/octo-repo@74:ref:refs/heads/main"],
])("%j is the subject %s", (more, subject) => {
  expect(subjectOf(synthesize({ ...ON, ...more }).verifier)).toBe(subject);
});

test("an existing provider is taken", () => {
  const arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
  const { verifier } = synthesize({ ...ON, VERIFIER_OIDC_PROVIDER_ARN: arn });
  expect(resources(verifier, "aws_iam_openid_connect_provider")).toEqual([]);
  expect(onlyResource(verifier, "aws_iam_role").assume_role_policy).toContain(arn);
});

test.each<[string, Record<string, string>, RegExp]>([
  ["no repository", { VERIFIER: "on" }, /VERIFIER_REPOSITORY: found nothing; .*needed with VERIFIER=on/],
  [
    "a repository alone",
    { VERIFIER_REPOSITORY: "octo-org/octo-repo" },
    /VERIFIER_REPOSITORY: .*only with VERIFIER=on/,
  ],
  ["settings of what is off", { VERIFIER: "off", VERIFIER_BRANCH: "main" }, /VERIFIER_BRANCH: .*only with/],
  ["another word", { VERIFIER: "yes" }, /VERIFIER: found "yes"; allowed: on or off/],
  ["a URL", { ...ON, VERIFIER_REPOSITORY: "https://github.com/a/b" }, /VERIFIER_REPOSITORY: .*ORG\/REPO/],
  ["a wildcard", { ...ON, VERIFIER_BRANCH: "*" }, /VERIFIER_BRANCH: found "\*"/],
  ["names for ids", { ...ON, VERIFIER_REPOSITORY_IDS: "a/b" }, /VERIFIER_REPOSITORY_IDS: .*two numbers/],
  [
    "branch and environment",
    { ...ON, VERIFIER_BRANCH: "main", VERIFIER_ENVIRONMENT: "prod" },
    /VERIFIER_BRANCH: .*this or VERIFIER_ENVIRONMENT/,
  ],
  [
    "another provider",
    { ...ON, VERIFIER_OIDC_PROVIDER_ARN: "arn:aws:iam::123456789012:oidc-provider/gitlab.com" },
    /VERIFIER_OIDC_PROVIDER_ARN: .*the ARN of GitHub's provider/,
  ],
])("%s is refused", (_name, environment, problem) => {
  expect(() => readSettings(environment)).toThrow(problem);
});

test("off, there is none", () => {
  expect(readSettings({ VERIFIER: "off" }).verifier).toBeUndefined();
});
