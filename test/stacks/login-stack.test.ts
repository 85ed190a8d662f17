// The login stack, and what its settings change in the other two: policies as objects, what the function is told, outputs.
import { type TerraformStack, Testing } from "cdktf";
import { ApiStack } from "../../stacks/api-stack";
import { IdentityStack } from "../../stacks/identity-stack";
import type { LoginSettings } from "../../stacks/login-settings";
import { LoginStack } from "../../stacks/login-stack";
import { readSettings } from "../../stacks/settings";
import { type Attributes, type Configuration, onlyResource, resources } from "../support/configuration";

const KEYS = {
  APP_JWKS_URI: "https://app.example/keys",
  APP_ISSUER: "https://app.example",
  APP_AUDIENCE: "shop",
};

function synthesize(environment: Record<string, string>) {
  const app = Testing.app();
  const settings = readSettings(environment);
  const identity = new IdentityStack(app, "identity", { settings });
  const api = new ApiStack(app, "api", { settings, authenticatedRole: identity.authenticatedRole });
  const login = new LoginStack(app, "login", {
    settings,
    login: settings.login as LoginSettings,
    pool: identity.pool,
  });
  for (const stack of [identity, api, login]) {
    stack.prepareStack();
  }
  const read = (stack: TerraformStack): Configuration => JSON.parse(Testing.synth(stack));
  return { identity: read(identity), api: read(api), login: read(login) };
}

const { identity, login } = synthesize(KEYS);

/** A policy's statements, with the cross-stack reference to an attribute of the pool in place of its name. */
function statements({ policy }: Attributes): unknown {
  const references =
    /\$\{data\.terraform_remote_state\.cross-stack-reference-input-identity\.outputs\.([\w-]+)\}/g;
  const resolved = (policy as string).replaceAll(
    references,
    (_, name) => identity.output?.[name]?.value ?? "?",
  );
  return JSON.parse(resolved).Statement;
}

test("the function may mint tokens for this pool and write its own log, and nothing else", () => {
  const pool = onlyResource(identity, "aws_cognito_identity_pool").address;
  const log = onlyResource(login, "aws_cloudwatch_log_group").address;
  const role = onlyResource(login, "aws_iam_role").address;
  const policies = resources(login, "aws_iam_role_policy");
  expect(policies.map((policy) => policy.role)).toEqual([`\${${role}.name}`, `\${${role}.name}`]);
  expect(policies.flatMap(statements)).toEqual([
    {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: `\${${log}.arn}:*`,
    },
    {
      Effect: "Allow",
      Action: "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
      Resource: `\${${pool}.arn}`,
    },
  ]);
  expect(resources(login, "aws_iam_role_policy_attachment")).toEqual([]);
});

test("POST /login takes unsigned calls, few at a time, and pages of the allowed origin may make them", () => {
  const { paths } = JSON.parse(onlyResource(login, "aws_api_gateway_rest_api").body);
  expect(Object.keys(paths)).toEqual(["/login"]);
  expect(Object.keys(paths["/login"])).toEqual(["post", "options"]);
  expect(paths["/login"].post["x-amazon-apigateway-auth"]).toEqual({ type: "NONE" });
  expect(onlyResource(login, "aws_api_gateway_method_settings").settings).toMatchObject({
    throttling_rate_limit: 20,
    throttling_burst_limit: 40,
  });
  const { responseParameters } = paths["/login"].options["x-amazon-apigateway-integration"].responses.default;
  expect(responseParameters["method.response.header.Access-Control-Allow-Headers"]).toMatch(
    /^'Authorization,Content-Type,/,
  );
});

test("the output is the URL to POST to", () => {
  const stage = onlyResource(login, "aws_api_gateway_stage").address;
  expect(login.output).toEqual({
    login_url: {
      value: `\${${stage}.invoke_url}/login`,
      description: expect.stringMatching(/^[A-Z].*\.$/),
    },
  });
});

const ALWAYS = {
  ALLOWED_ORIGIN: "*",
  DEVELOPER_PROVIDER_NAME: "login.developer.example",
  IDENTITY_POOL_ID: expect.stringMatching(/^\$\{data\.terraform_remote_state\./),
  LOGIN_RETURNS: "token",
  LOGIN_TOKEN_DURATION: "900",
  POWERTOOLS_SERVICE_NAME: "login",
  POWERTOOLS_METRICS_NAMESPACE: "developer-identities-dev-login",
};
const KEY = '{"kty":"OKP","kid":"a","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}';

test.each<[string, Record<string, string>, object]>([
  ["keys that are fetched", KEYS, { ...KEYS, APP_ALGORITHMS: "RS256,ES256,EdDSA" }],
  [
    "keys that are given, without what verifies nothing",
    {
      APP_JWKS: `{ "keys": [${KEY.replace("}", ', "x5c": ["…"] }')}] }`,
      APP_ISSUER: "a",
      APP_AUDIENCE: "b",
      APP_ALGORITHMS: "EdDSA",
    },
    { APP_JWKS: expect.any(String), APP_ISSUER: "a", APP_AUDIENCE: "b", APP_ALGORITHMS: "EdDSA" },
  ],
  [
    "introspection",
    { APP_INTROSPECTION_URL: "https://app.example/introspect" },
    { APP_INTROSPECTION_URL: "https://app.example/introspect" },
  ],
  [
    "everything that can be chosen",
    {
      ...KEYS,
      PRINCIPAL_TAGS: "sub=username, team=team",
      LOGIN_RETURNS: "credentials",
      LOGIN_TOKEN_DURATION: "60",
    },
    {
      ...KEYS,
      APP_ALGORITHMS: "RS256,ES256,EdDSA",
      PRINCIPAL_TAGS: "sub=username,team=team",
      LOGIN_RETURNS: "credentials",
      LOGIN_TOKEN_DURATION: "60",
    },
  ],
])("the function is told of %s, and nothing that isn't set", (_, environment, expected) => {
  const { variables } = onlyResource(synthesize(environment).login, "aws_lambda_function").environment;
  expect(variables).toEqual({ ...ALWAYS, ...expected });
  if (variables.APP_JWKS !== undefined) {
    expect(JSON.parse(variables.APP_JWKS)).toEqual({ keys: [JSON.parse(KEY)] });
  }
});

test("the function has time for its own limits, and API Gateway waits longer", () => {
  expect(onlyResource(login, "aws_lambda_function").timeout).toBe(25);
});

test("names fit with the longest prefix and stage", () => {
  const longest = { STAGE: "s".repeat(20), NAME_PREFIX: "p".repeat(20), ALLOWED_ORIGIN: "https://a.example" };
  expect(onlyResource(synthesize({ ...KEYS, ...longest }).login, "aws_lambda_function").function_name).toBe(
    `${longest.NAME_PREFIX}-${longest.STAGE}-login`,
  );
});

describe("principal tags", () => {
  const tagged = synthesize({ ...KEYS, PRINCIPAL_TAGS: "sub=username,team=team", USER_ROUTES: "true" });

  test("the pool's role allows exactly the mapped ones", () => {
    const tagging = (stack: Configuration) =>
      JSON.parse(onlyResource(stack, "aws_iam_role").assume_role_policy).Statement.filter(
        ({ Action }: { Action: string }) => Action === "sts:TagSession",
      );
    expect(tagging(tagged.identity)).toMatchObject([
      { Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["username", "team"] } } },
    ]);
    expect(tagging(identity)).toEqual([]);
  });

  test("the user route is granted by the caller's own tag, beside /hello", () => {
    const arn = `\${${onlyResource(tagged.api, "aws_api_gateway_rest_api").address}.execution_arn}`;
    const granted = resources(tagged.api, "aws_iam_role_policy")
      .flatMap(({ policy }) => JSON.parse(policy).Statement)
      .filter(({ Action }) => Action === "execute-api:Invoke");
    expect(granted).toEqual([
      // Terraform makes one $ of two.
      {
        Effect: "Allow",
        Action: "execute-api:Invoke",
        Resource: `${arn}/dev/GET/users/$\${aws:PrincipalTag/username}`,
      },
      { Effect: "Allow", Action: "execute-api:Invoke", Resource: `${arn}/dev/GET/hello` },
    ]);
    expect(tagged.api.output?.access?.value).toContain('"GET /users/{username}":["signed-in"]');
    expect(tagged.api.output?.user_route).toEqual({
      value: "GET /users/{username}",
      description: expect.stringMatching(/^[A-Z].*\.$/),
    });
  });
});
