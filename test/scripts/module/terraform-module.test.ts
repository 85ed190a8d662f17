/** The files of the Terraform module: what cdktf adds is gone, what the stacks declare is there, and nothing moves. */
import { terraformModule } from "../../../scripts/module/terraform-module";
import { SETTING_NAMES, SettingsError } from "../../../stacks/settings";

const EVERYTHING = {
  APP_JWKS_URI: "https://app.example/jwks.json",
  APP_ISSUER: "https://app.example",
  APP_AUDIENCE: "shop",
  PRINCIPAL_TAGS: "sub=username",
  USER_ROUTES: "true",
};

const plain = terraformModule({}, "identities");
const everything = terraformModule(EVERYTHING, "identities");

function read(files: typeof plain, name: string) {
  return JSON.parse(String(files.get(name)));
}

/** TYPE.NAME of every block. */
function addresses(files: typeof plain): string[] {
  const { resource } = read(files, "main.tf.json");
  return Object.entries<object>(resource).flatMap(([type, named]) =>
    Object.keys(named).map((name) => `${type}.${name}`),
  );
}

test("has the files of a module, with a zip for each function", () => {
  const always = [
    "README.md",
    "main.tf.json",
    "outputs.tf.json",
    "variables.tf.json",
    "versions.tf.json",
    "api_hello.zip",
  ];
  expect([...plain.keys()]).toEqual(always);
  expect([...everything.keys()]).toEqual([...always, "login.zip"]);
  const { aws_lambda_function } = read(everything, "main.tf.json").resource;
  expect(aws_lambda_function.login_function.filename).toBe("${path.module}/login.zip");
  expect(aws_lambda_function.api_hello_function.filename).toBe("${path.module}/api_hello.zip");
});

test("is the same, byte for byte, when nothing has changed", () => {
  expect(terraformModule(EVERYTHING, "identities")).toEqual(everything);
});

test("keeps nothing of cdktf, and neither a provider nor a state", () => {
  const text = [...everything].filter(([name]) => name.endsWith(".json")).join("\n");
  expect(text).not.toMatch(/"\/\/"|TfToken|cdktf|remote_state|"backend"|"provider"|assets\//);
  expect(read(plain, "versions.tf.json")).toEqual({
    terraform: {
      required_version: ">= 1.6",
      required_providers: { aws: { source: "hashicorp/aws", version: ">= 5.100.0, < 7.0.0" } },
    },
  });
});

test("what was applied keeps its addresses: a changed one would be another resource", () => {
  expect(addresses(everything).sort()).toEqual([
    "aws_api_gateway_deployment.api_deployment",
    "aws_api_gateway_deployment.login_api_deployment",
    "aws_api_gateway_method_settings.api_throttling",
    "aws_api_gateway_method_settings.login_api_throttling",
    "aws_api_gateway_rest_api.api",
    "aws_api_gateway_rest_api.login_api",
    "aws_api_gateway_stage.api_stage",
    "aws_api_gateway_stage.login_api_stage",
    "aws_cloudwatch_log_group.api_hello_logs",
    "aws_cloudwatch_log_group.login_logs",
    "aws_cognito_identity_pool.identity_pool",
    "aws_cognito_identity_pool_roles_attachment.identity_pool_roles",
    "aws_iam_role.api_hello_role",
    "aws_iam_role.identity_pool_authenticated_role",
    "aws_iam_role.login_role",
    "aws_iam_role_policy.api_grant_GET_users_username_8dd392a0",
    "aws_iam_role_policy.api_hello_logging",
    "aws_iam_role_policy.hello-grant",
    "aws_iam_role_policy.login_logging",
    "aws_iam_role_policy.login_minting",
    "aws_lambda_function.api_hello_function",
    "aws_lambda_function.login_function",
    "aws_lambda_permission.api_permission_GET_hello",
    "aws_lambda_permission.api_permission_GET_restricted",
    "aws_lambda_permission.api_permission_GET_users_username",
    "aws_lambda_permission.login_api_permission_POST_login",
  ]);
  expect(addresses(everything)).toEqual(expect.arrayContaining(addresses(plain)));
});

test("names are made of variables, whose defaults are the settings", () => {
  const files = terraformModule(
    { ...EVERYTHING, STAGE: "prod", ALLOWED_ORIGIN: "https://shop.example", NAME_PREFIX: "shop" },
    "identities",
  );
  const { resource } = read(files, "main.tf.json");
  expect(resource.aws_iam_role.identity_pool_authenticated_role.name).toBe(
    "${var.name_prefix}-${var.stage}-pool-authenticated",
  );
  expect(resource.aws_api_gateway_stage.api_stage.stage_name).toBe("${var.stage}");
  const defaults = Object.entries<{ default: string }>(read(files, "variables.tf.json").variable).map(
    ([name, variable]) => [name, variable.default],
  );
  expect(Object.fromEntries(defaults)).toEqual({
    allowed_origin: "https://shop.example",
    app_audience: "shop",
    app_issuer: "https://app.example",
    app_jwks_uri: "https://app.example/jwks.json",
    developer_provider_name: "login.developer.example",
    name_prefix: "shop",
    stage: "prod",
  });
});

test("the pool is protected unless the settings say otherwise", () => {
  const lifecycle = (files: typeof plain) =>
    read(files, "main.tf.json").resource.aws_cognito_identity_pool.identity_pool.lifecycle;
  expect(lifecycle(plain)).toEqual({ prevent_destroy: true });
  expect(lifecycle(terraformModule({ PROTECT_IDENTITIES: "false" }, "identities"))).toBeUndefined();
});

test("settings decide what is in it, and wrong ones are refused", () => {
  expect(Object.keys(read(plain, "outputs.tf.json").output)).not.toContain("login_url");
  expect(Object.keys(read(everything, "outputs.tf.json").output)).toEqual(
    expect.arrayContaining(["invoke_url", "login_url", "refused_route", "user_route"]),
  );
  expect(read(terraformModule({ AWS_PROVIDER_VERSION: "~> 5.100" }, "x"), "versions.tf.json")).toMatchObject({
    terraform: { required_providers: { aws: { version: "~> 5.100" } } },
  });
  expect(() => terraformModule({ STAGE: "Prod" }, "identities")).toThrow(SettingsError);
});

test("every setting is a variable, fixed by the export, or its caller's", () => {
  const callers = /^(AWS_REGION|AWS_ACCOUNT_ID|AWS_PROVIDER_VERSION|(STATE|VERIFIER)_\w+|VERIFIER)$/;
  const { APP_JWKS_URI: _, ...others } = EVERYTHING;
  const jwks = JSON.stringify({ keys: [{ kid: "1", kty: "OKP", crv: "Ed25519", x: "AA" }] });
  const readmes = [
    EVERYTHING,
    { ...others, APP_JWKS: jwks },
    { ...others, APP_INTROSPECTION_URL: "https://app.example/introspect" },
  ].map((environment) => String(terraformModule(environment, "identities").get("README.md")));
  const named = (name: string) =>
    readmes.some(
      (text) => text.includes(`| \`${name}\` |`) || text.includes(`| \`${name.toLowerCase()}\` |`),
    );
  expect(SETTING_NAMES.filter((name) => !callers.test(name) && !named(name))).toEqual([]);
});

test("its README names every variable, every output, and what the export fixed", () => {
  const readme = String(everything.get("README.md"));
  const names = ["variables", "outputs"].flatMap((kind) =>
    Object.values(read(everything, `${kind}.tf.json`)).flatMap((blocks) => Object.keys(blocks as object)),
  );
  expect(names.filter((name) => !readme.includes(`| \`${name}\` |`))).toEqual([]);
  expect(readme).toContain("| `USER_ROUTES` | true |");
  expect(readme).toContain("| `PROTECT_IDENTITIES` | true |");
  expect(readme).toMatch(/^ {2}app_issuer += "https:\/\/app\.example"$/m);
});
