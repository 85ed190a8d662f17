/** The example of how a test suite uses local AWS. */
import { CreateRoleCommand, GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { type LocalAws, startLocalAws } from "../../local-aws";

let aws: LocalAws;
let iam: IAMClient;
let ahead = 0;

beforeAll(async () => {
  aws = await startLocalAws({ now: () => new Date(Date.now() + ahead) });
  iam = new IAMClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
});
beforeEach(() => aws.reset());
afterAll(() => aws.stop());

const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });

test("a role is there once it is created", async () => {
  await iam.send(new CreateRoleCommand({ RoleName: "reader", AssumeRolePolicyDocument }));
  expect(aws.resources()).toEqual(["arn:aws:iam::123456789012:role/reader"]);
});

test("the next test finds an empty account, and an hour can pass in no time", async () => {
  await expect(iam.send(new GetRoleCommand({ RoleName: "reader" }))).rejects.toThrow("cannot be found");
  ahead = 60 * 60 * 1000;
  iam.config.systemClockOffset = ahead; // the client signs with its own clock
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "late", AssumeRolePolicyDocument }));
  expect(Role?.CreateDate?.getTime()).toBeGreaterThan(Date.now() + ahead - 60_000);
});
