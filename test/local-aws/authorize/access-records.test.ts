/** `onAccess`: every permission that a caller needed, as data. */
import { CreateRoleCommand, GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { type AccessRecord, type LocalAws, startLocalAws } from "../../../local-aws";
import { identitySession } from "../../support/identity-session";

const records: AccessRecord[] = [];
let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({ onAccess: (access) => records.push(access) });
});

afterAll(() => aws.stop());

const ROLE = "arn:aws:iam::123456789012:role/demo";
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

test("tells what the root user needed, one record a permission, with the operation's condition keys", async () => {
  const { endpoint, region, credentials } = aws;
  const iam = new IAMClient({ endpoint, region, credentials });
  records.length = 0;
  const Tags = [{ Key: "team", Value: "a" }];
  await iam.send(new CreateRoleCommand({ RoleName: "demo", AssumeRolePolicyDocument: trust, Tags }));
  iam.destroy();
  const record = {
    caller: "arn:aws:iam::123456789012:root",
    resource: ROLE,
    context: { "aws:RequestTag/team": "a", "aws:TagKeys": ["team"] },
    allowed: true,
  };
  expect(records).toEqual([
    { ...record, action: "iam:CreateRole" },
    { ...record, action: "iam:TagRole" },
  ]);
});

test("tells what a session was refused", async () => {
  const session = await identitySession(aws, "alice", []);
  const iam = new IAMClient({ endpoint: aws.endpoint, region: aws.region, credentials: session });
  records.length = 0;
  await expect(iam.send(new GetRoleCommand({ RoleName: "demo" }))).rejects.toThrow("iam:GetRole");
  iam.destroy();
  expect(records).toMatchObject([
    {
      caller: expect.stringContaining(`:assumed-role/${session.roleName}/`),
      action: "iam:GetRole",
      resource: ROLE,
      context: { "iam:ResourceTag/team": "a" },
      allowed: false,
    },
  ]);
});
