/**
 * The Jest environment, in which this file runs.
 *
 * @jest-environment ./local-aws/jest.ts
 * @jest-environment-options {"localAws": {"region": "eu-central-1"}}
 */
import { execFileSync } from "node:child_process";
import { CreateRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";

const ROLE = {
  RoleName: "reader",
  AssumeRolePolicyDocument: JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ],
  }),
};

test("a client without settings of its own calls the file's account", async () => {
  const iam = new IAMClient();
  await iam.send(new CreateRoleCommand(ROLE));
  expect(localAws.resources()).toStrictEqual(["arn:aws:iam::123456789012:role/reader"]);
  await localAws.reset();
  expect((await iam.send(new ListRolesCommand())).Roles).toEqual([]);
});

test("the account has the options of the configuration", () => {
  expect(localAws.region).toBe("eu-central-1");
  expect(process.env.AWS_REGION).toBe("eu-central-1");
});

test("a program that is given the environment is led to the account, and the worker's own is as it was", () => {
  const print = ["-p", "process.env.AWS_ENDPOINT_URL"];
  const endpointOf = (env?: NodeJS.ProcessEnv) =>
    execFileSync(process.execPath, print, { env, encoding: "utf8" }).trim();
  expect(endpointOf(process.env)).toBe(localAws.endpoint);
  expect(endpointOf()).not.toBe(localAws.endpoint);
});
