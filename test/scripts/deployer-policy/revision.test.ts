/** What a recording changes about a synthesised stack. */
import { revised } from "../../../scripts/deployer-policy/revision";

const policy = (Sid?: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "a:B", Resource: "*", Sid }],
  });

const stack = (tags: object, resource: object) => ({
  terraform: { required_version: ">= 1.6" },
  provider: { aws: [{ region: "us-east-1", default_tags: [{ tags }] }] },
  resource,
});

function revision(resource: object) {
  return JSON.parse(revised(JSON.stringify(stack({ project: "shop" }, resource))));
}

test("every resource gets another tag, by way of the provider; what can't be changed in place stays", () => {
  const attachment = {
    aws_cognito_identity_pool_roles_attachment: { roles: { roles: { authenticated: "arn" } } },
  };
  expect(revision(attachment)).toEqual(stack({ project: "shop", revised: "yes" }, attachment));
});

test("settings, policies and routes change, names don't", () => {
  const { resource } = revision({
    aws_iam_role_policy: { grant: { name: "grant", policy: policy() } },
    aws_lambda_function: { hello: { function_name: "hello", architectures: ["arm64"], memory_size: 256 } },
    aws_api_gateway_rest_api: {
      api: { name: "api", body: JSON.stringify({ info: { title: "api" }, paths: {} }) },
    },
  });
  expect(resource.aws_iam_role_policy.grant).toEqual({ name: "grant", policy: expect.any(String) });
  expect(JSON.parse(resource.aws_iam_role_policy.grant.policy)).toEqual(JSON.parse(policy("revised")));
  expect(resource.aws_lambda_function.hello).toEqual({
    function_name: "hello",
    architectures: ["x86_64"],
    description: "revised",
    memory_size: 256,
  });
  expect(JSON.parse(resource.aws_api_gateway_rest_api.api.body)).toEqual({
    info: { title: "api", description: "revised" },
    paths: {},
  });
});
