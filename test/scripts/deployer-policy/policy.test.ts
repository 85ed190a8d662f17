/** What recorded permissions become in a policy. */
import { type Needed, policyFor } from "../../../scripts/deployer-policy/policy";
import { UndocumentedAccessError } from "../../../scripts/deployer-policy/reference";
import { expectDocumented } from "../../support/documented-policy";

const known = {
  configuration: `{"name":"shop-prod-hello","group":"/aws/lambda/shop-prod-hello","stage_name":"prod","region":"eu-central-1","aws":[]}`,
  tags: { project: "shop", stage: "prod" },
};
const RESOURCE_TAGS = { "aws:ResourceTag/project": "shop", "aws:ResourceTag/stage": "prod" };
const REQUEST_TAGS = { "aws:RequestTag/project": "shop", "aws:RequestTag/stage": "prod" };
const API = "arn:aws:apigateway:eu-central-1::/restapis";
const POOL = "arn:aws:cognito-identity:eu-central-1:111122223333:identitypool/eu-central-1:725332d1-9ed9";
const ROLE = "arn:aws:iam::111122223333:role/shop-prod-hello";

/** Writes the policy; all that it says must be documented. */
async function statements(...needed: [string, string, Needed["context"]?][]) {
  const policy = await policyFor(
    needed.map(([action, resource, context = {}]) => ({ action, resource, context })),
    known,
  );
  await expectDocumented(policy);
  return policy.Statement;
}

test("names are kept, ids that AWS makes are *, and so is an account that the configuration doesn't name", async () => {
  const resource = async (action: string, arn: string) => (await statements([action, arn]))[0]?.Resource;
  expect(await resource("iam:GetRole", ROLE)).toEqual(["arn:aws:iam::*:role/shop-prod-hello"]);
  expect(await resource("cognito-identity:DescribeIdentityPool", POOL)).toEqual([
    "arn:aws:cognito-identity:eu-central-1:*:identitypool/eu-central-1:*",
  ]);
  expect(await resource("apigateway:POST", `${API}/gtg4lxnozw/stages`)).toEqual([`${API}/*/stages`]);
  expect(await resource("apigateway:PATCH", `${API}/gtg4lxnozw/stages/prod`)).toEqual([
    `${API}/*/stages/prod`,
  ]);
  expect(await resource("apigateway:PUT", `${API.replace("/restapis", "/tags")}/arn%3Aaws%3Aapi`)).toEqual([
    "arn:aws:apigateway:eu-central-1::/tags/*",
  ]);
});

test("a log group is named as both forms of its ARN, with streams and without", async () => {
  const group = "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/shop-prod-hello";
  const [statement] = await statements(["logs:PutRetentionPolicy", `${group}:log-stream:`]);
  const named = group.replace("111122223333", "*");
  expect(statement?.Resource).toEqual([named, `${named}:*`]);
});

test("an action that AWS has on no resource is granted on *", async () => {
  const [statement] = await statements([
    "logs:DescribeLogGroups",
    "arn:aws:logs:eu-central-1:111122223333:log-group::log-stream:",
  ]);
  expect(statement).toMatchObject({ Sid: "LogsDescribeLogGroups", Resource: ["*"] });
});

describe("tags narrow", () => {
  const condition = async (...needed: Parameters<typeof statements>[0]) =>
    (await statements(needed))[0]?.Condition?.StringEquals;

  test("a change of what has a made-up id, and the making of it", async () => {
    expect(await condition("cognito-identity:DeleteIdentityPool", POOL, RESOURCE_TAGS)).toEqual(
      RESOURCE_TAGS,
    );
    expect(
      await condition("apigateway:DELETE", `${API}/gtg4lxnozw/deployments/8u1nx4`, RESOURCE_TAGS),
    ).toEqual(RESOURCE_TAGS);
    expect(await condition("apigateway:POST", API, REQUEST_TAGS)).toEqual(REQUEST_TAGS);
    expect(await condition("cognito-identity:CreateIdentityPool", "*", REQUEST_TAGS)).toEqual(REQUEST_TAGS);
  });

  test.each<[string, ...Parameters<typeof statements>[0]]>([
    ["what is only read", "cognito-identity:DescribeIdentityPool", POOL, RESOURCE_TAGS],
    ["what has a name of its own", "iam:DeleteRole", ROLE, RESOURCE_TAGS],
    ["an action on no resource", "cognito-identity:SetIdentityPoolRoles", "*", RESOURCE_TAGS],
    [
      "what AWS doesn't document tags for",
      "apigateway:PUT",
      `${API.replace("restapis", "tags")}/arn`,
      RESOURCE_TAGS,
    ],
    [
      "what has other tags",
      "cognito-identity:DeleteIdentityPool",
      POOL,
      { "aws:ResourceTag/project": "other" },
    ],
  ])("not %s", async (_, ...needed) => {
    expect(await condition(...needed)).toBeUndefined();
  });
});

test("what the request is about becomes a condition, if AWS documents it for the action", async () => {
  const service = { "iam:PassedToService": "lambda.amazonaws.com", "lambda:Principal": "undocumented.here" };
  const boundary = { "iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary" };
  expect(
    await statements(
      ["iam:PassRole", ROLE, service],
      ["iam:PutRolePolicy", ROLE, boundary],
      ["iam:ListRolePolicies", ROLE, boundary],
    ),
  ).toMatchObject([
    { Sid: "IamListRolePolicies" },
    { Sid: "IamPassRole", Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } } },
    { Sid: "IamPutRolePolicy", Condition: { StringEquals: boundary } },
  ]);
});

test("actions on the same resources share a statement, reading apart from changing; what is covered is left out", async () => {
  const found = await statements(
    ["apigateway:GET", `${API}/gtg4lxnozw/stages/prod`],
    ["apigateway:GET", `${API}/gtg4lxnozw`],
    ["apigateway:PATCH", `${API}/gtg4lxnozw`],
    ["apigateway:PUT", `${API}/gtg4lxnozw`],
    ["apigateway:PUT", `${API}/another123`],
    ["apigateway:POST", `${API}/gtg4lxnozw/stages`],
    ["apigateway:POST", API, REQUEST_TAGS],
  );
  expect(found.map(({ Sid, Action, Resource }) => [Sid, Action, Resource])).toEqual([
    ["ApigatewayGET", ["apigateway:GET"], [`${API}/*`]],
    ["ApigatewayWrite", ["apigateway:PATCH", "apigateway:PUT"], [`${API}/*`]],
    ["ApigatewayPOST", ["apigateway:POST"], [API]],
    ["ApigatewayPOST2", ["apigateway:POST"], [`${API}/*/stages`]],
  ]);
});

test.each([
  ["lambda:FlyFunction", "arn:aws:lambda:eu-central-1:111122223333:function:shop-prod-hello"],
  ["lambda:GetFunction", "arn:aws:s3:::shop-state"],
])("what AWS doesn't document is refused: %s on %s", async (action, resource) => {
  await expect(statements([action, resource])).rejects.toThrow(UndocumentedAccessError);
});
