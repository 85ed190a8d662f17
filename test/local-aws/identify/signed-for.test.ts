/** A service that local AWS doesn't have is refused under its own name, in the form that its clients read. */
import { sign } from "aws4";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { refusalIn, send } from "../../support/wire";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

interface Message {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signQuery?: boolean;
}

/** Signed with root's key for the service, or not at all. */
async function refused(service: string | undefined, { method = "POST", path = "/", ...rest }: Message) {
  const host = `127.0.0.1:${aws.port}`;
  const message = {
    ...rest,
    service,
    region: aws.region,
    host,
    method,
    path,
    headers: { Host: host, ...rest.headers },
  };
  const signed = service === undefined ? message : sign(message, aws.credentials);
  const headers = Object.entries(signed.headers as Record<string, string>).filter(
    ([name]) => name !== "Content-Length",
  );
  return send(aws.port, { method, path: signed.path as string, headers, body: rest.body });
}

const target = (name: string) => ({ headers: { "X-Amz-Target": name }, body: "{}" });
const form = (body: string) => ({
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  body,
});

test.each([
  ["dynamodb", target("DynamoDB_20120810.ListTables"), 400, "UnknownOperationException", "ListTables"],
  [
    "cognito-idp",
    target("AWSCognitoIdentityProviderService.ListUserPools"),
    400,
    "UnknownOperationException",
    "ListUserPools",
  ],
  ["ec2", form("Action=DescribeInstances&Version=2016-11-15"), 400, "InvalidAction", "DescribeInstances"],
  ["sns", form("Action=ListTopics&Version=2010-03-31"), 400, "InvalidAction", "ListTopics"],
  ["s3", { method: "GET" }, 400, "InvalidAction", "GET /"],
  ["s3", { method: "PUT", path: "/bucket/a%20key" }, 400, "InvalidAction", "PUT /bucket/a%20key"],
  ["s3", { method: "GET", path: "/bucket/key", signQuery: true }, 400, "InvalidAction", "GET /bucket/key"],
  [
    "route53",
    { method: "GET", path: "/2013-04-01/hostedzone" },
    400,
    "InvalidAction",
    "GET /2013-04-01/hostedzone",
  ],
  ["batch", { path: "/v1/listjobs", body: "{}" }, 404, "UnknownOperationException", "POST /v1/listjobs"],
] as const)("%s %j", async (service, message, status, code, operation) => {
  const answer = await refused(service, message);
  expect(answer.text.startsWith("<")).toBe(code === "InvalidAction");
  expect(answer.text).not.toContain("undefined");
  const refusal = refusalIn(answer);
  expect([refusal.status, refusal.code]).toEqual([status, code]);
  expect(refusal.message).toMatch(
    new RegExp(`^Local AWS does not implement ${service}: .*${operation.replace(/[/.]/g, "\\$&")}\\. See `),
  );
});

test("what isn't signed is named by its target", async () => {
  const { message } = refusalIn(
    await refused(undefined, target("AWSCognitoIdentityProviderService.InitiateAuth")),
  );
  expect(message).toMatch(/^Local AWS does not implement AWSCognitoIdentityProviderService: /);
});

test("a service that is here keeps its name, whoever the signature is for", async () => {
  const dance = await refused("logs", target("AWSCognitoIdentityService.Dance"));
  expect(refusalIn(dance).message).toMatch(/^Local AWS does not implement cognito-identity: Dance/);
  const roles = await refused("s3", form("Action=ListRoles&Version=2010-05-08"));
  expect(refusalIn(roles)).toMatchObject({
    code: "SignatureDoesNotMatch",
    message: expect.stringContaining("correct service: &apos;iam&apos;"),
  });
  const apis = await refused("lambda", { method: "GET", path: "/nowhere" });
  expect(refusalIn(apis).message).toMatch(/^Local AWS does not implement lambda: GET \/nowhere/);
});

test("an action without a version runs for STS only", async () => {
  expect(refusalIn(await refused("iam", form("Action=ListRoles"))).code).toBe("InvalidAction");
});

test("a secret key in the place of the key's id isn't repeated", async () => {
  const secret = "wJalrXUtnFEMI/20261126/us-east-1/bPxRfiCYEXAMPLEKEY";
  const answer = await refused(undefined, {
    method: "GET",
    headers: {
      Authorization: `AWS4-HMAC-SHA256 Credential=${secret}/20261126/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0`,
    },
  });
  expect(answer.text).not.toContain("bPxRfiCYEXAMPLEKEY");
});
