/** `npm run deployer-policy` as a user runs it. */
import { spawn } from "node:child_process";
import { PROJECT } from "../../scripts/workspace";
import { expectDocumented } from "../support/documented-policy";

jest.setTimeout(300_000);

const settings = {
  STAGE: "prod",
  NAME_PREFIX: "shop",
  AWS_REGION: "eu-central-1",
  AWS_ACCOUNT_ID: "111122223333",
  STATE_BUCKET: "shop-state",
};

function deployerPolicy(
  args: string[],
  more = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", ["run", "--silent", "deployer-policy", "--", ...args], {
      cwd: PROJECT,
      env: { ...process.env, ...settings, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

test("prints the policy that only plans, and nothing else, on standard output", async () => {
  const { code, out, err } = await deployerPolicy(["--plan"]);
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining("For provider 5.100.0, recorded") });
  const policy = JSON.parse(out);
  await expectDocumented(policy);
  const role = (name: string) => `arn:aws:iam::111122223333:role/shop-prod-${name}`;
  const lambda = "arn:aws:lambda:eu-central-1:111122223333:function:shop-prod-hello";
  const group = "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/shop-prod-hello";
  const statement = (Sid: string, Action: string[], Resource: string[], more = {}) => ({
    Sid,
    Effect: "Allow",
    Action,
    Resource,
    ...more,
  });
  const states = ["shop/prod/api.tfstate", "shop/prod/identity.tfstate"];
  expect(policy).toEqual({
    Version: "2012-10-17",
    Statement: [
      statement("ApigatewayGET", ["apigateway:GET"], ["arn:aws:apigateway:eu-central-1::/restapis/*"]),
      statement(
        "CognitoIdentityRead",
        ["cognito-identity:DescribeIdentityPool", "cognito-identity:GetIdentityPoolRoles"],
        ["arn:aws:cognito-identity:eu-central-1:111122223333:identitypool/eu-central-1:*"],
      ),
      statement(
        "IamRead",
        ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
        [role("hello"), role("pool-authenticated")],
      ),
      statement(
        "LambdaRead",
        [
          "lambda:GetFunction",
          "lambda:GetFunctionCodeSigningConfig",
          "lambda:GetPolicy",
          "lambda:ListVersionsByFunction",
        ],
        [lambda],
      ),
      statement("LogsDescribeLogGroups", ["logs:DescribeLogGroups"], ["*"]),
      statement("LogsListTagsForResource", ["logs:ListTagsForResource"], [group, `${group}:*`]),
      statement("StateList", ["s3:ListBucket"], ["arn:aws:s3:::shop-state"], {
        Condition: { StringEquals: { "s3:prefix": ["env:/", ...states] } },
      }),
      statement(
        "StateRead",
        ["s3:GetObject"],
        states.map((key) => `arn:aws:s3:::shop-state/${key}`),
      ),
    ],
  });
});

test.each([
  ["a setting that can't be used", [], { STAGE: "Prod" }, 'STAGE: found "Prod"'],
  ["an option that there isn't", ["--nonsense"], {}, "unknown option"],
])("ends with exit code 2 for %s", async (_, args, more, told) => {
  expect(await deployerPolicy(args, more)).toEqual({
    code: 2,
    out: "",
    err: expect.stringContaining(told),
  });
});
