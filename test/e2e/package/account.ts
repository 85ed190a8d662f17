// A suite of a user of the package, in the environment that brings local AWS.
import { CreateRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";

const AssumeRolePolicyDocument = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

beforeEach(() => localAws.reset());

test("a client finds the account by the environment", async () => {
  await new IAMClient().send(new CreateRoleCommand({ RoleName: "reader", AssumeRolePolicyDocument }));
  expect(localAws.resources()).toStrictEqual(["arn:aws:iam::123456789012:role/reader"]);
});

test("which the next test finds empty", async () => {
  expect((await new IAMClient().send(new ListRolesCommand())).Roles).toEqual([]);
});
