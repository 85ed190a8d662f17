/** The global condition keys as a documented Deny meets them: by signed requests to a service, to an API, and by trust policies. */
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import {
  CreateRoleCommand,
  IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { sign } from "aws4";
import { request } from "undici";
import { ApiClient, IAM, MOCK } from "../../support/api-client";
import { DEVELOPER_PROVIDER, type IdentitySession, identitySession } from "../../support/identity-session";
import { allow as allowRole, createFunction, invoke, startLambdaAccount } from "../../support/lambda-account";
import { zipOf } from "../../support/zip";

const REGION = "eu-west-1";
const EVERYTHING = { Effect: "Allow", Action: "*", Resource: "*" };

let client: ApiClient;
let session: IdentitySession;
let iam: IAMClient;
let api: string;

beforeAll(async () => {
  client = await ApiClient.start({ region: REGION });
  session = await identitySession(client.aws, "alice", [EVERYTHING]);
  iam = new IAMClient(connection());
  api = await client.createApi({ "GET /iam": { method: IAM, integration: MOCK } });
  await client.answerWith(api, { resourceId: await client.resourceId(api, "/iam"), httpMethod: "GET" }, {});
  await client.deploy(api);
});

afterAll(async () => {
  iam.destroy();
  await client.stop();
});

const connection = (credentials: object = client.aws.credentials, region = REGION) => ({
  endpoint: client.aws.endpoint,
  region,
  credentials: credentials as typeof client.aws.credentials,
  maxAttempts: 1,
});

const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

/** Forbids the session everything under a condition. */
async function forbid(condition: object): Promise<void> {
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: session.roleName,
      PolicyName: "forbidden",
      PolicyDocument: document({ ...EVERYTHING, Effect: "Deny", Condition: condition }),
    }),
  );
}

async function refused(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return false;
  } catch (error) {
    expect((error as Error).message).toMatch(/with an explicit deny in an identity-based policy$/);
    return true;
  }
}

type Row = readonly [operator: string, key: string, value: string, denied: boolean];

/** What holds for a request to a service and to an API alike. */
const EVERYWHERE: readonly Row[] = [
  ["IpAddress", "aws:SourceIp", "127.0.0.0/8", true],
  ["IpAddress", "aws:SourceIp", "203.0.113.0/24", false],
  ["NotIpAddress", "aws:SourceIp", "203.0.113.0/24", true],
  ["NotIpAddress", "aws:SourceIp", "127.0.0.1", false],
  ["Bool", "aws:ViaAWSService", "false", true],
  ["Bool", "aws:ViaAWSService", "true", false],
  ["Bool", "aws:PrincipalIsAWSService", "false", true],
  ["Bool", "aws:PrincipalIsAWSService", "true", false],
  ["Bool", "aws:SecureTransport", "true", true],
  ["Bool", "aws:SecureTransport", "false", false],
  ["StringEquals", "aws:ResourceAccount", "123456789012", true],
  ["StringNotEquals", "aws:ResourceAccount", "123456789012", false],
  ["Bool", "aws:MultiFactorAuthPresent", "false", true],
  ["Bool", "aws:MultiFactorAuthPresent", "true", false],
  ["BoolIfExists", "aws:MultiFactorAuthPresent", "true", false],
  ["StringEquals", "aws:RequestedRegion", REGION, true],
  ["StringNotEquals", "aws:RequestedRegion", REGION, false],
  ["StringEquals", "aws:PrincipalAccount", "123456789012", true],
  ["StringEquals", "aws:PrincipalType", "AssumedRole", true],
  ["ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/alice-*", true],
  ["StringLike", "aws:userid", "AROA*:CognitoIdentityCredentials", true],
  ["StringEquals", "aws:FederatedProvider", "cognito-identity.amazonaws.com", true],
  ["DateGreaterThan", "aws:TokenIssueTime", "2020-01-01T00:00:00Z", true],
  ["DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z", true],
  ["NumericGreaterThan", "aws:EpochTime", "1577836800", true],
  // Absent, as on AWS: no such principal, session, network or organization stands behind the request.
  ...[
    "aws:username",
    "aws:MultiFactorAuthAge",
    "aws:AssumedRoot",
    "aws:SignInSessionArn",
    "aws:ChatbotSourceArn",
    "aws:Ec2InstanceSourceVpc",
    "aws:SourceIdentity",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:VpceAccount",
    "aws:VpcSourceIp",
    "aws:PrincipalOrgID",
    "aws:ResourceOrgID",
    "aws:CalledVia",
    "aws:ViaAWSMCPService",
    "aws:IsMcpServiceAction",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:referer",
    "lambda:SourceFunctionArn",
  ].map((key): Row => ["Null", key, "true", true]),
];

describe("a request to a service", () => {
  let lambda: LambdaClient;

  beforeAll(() => {
    lambda = new LambdaClient(connection(session));
  });

  afterAll(() => lambda.destroy());

  test.each([
    ...EVERYWHERE,
    ["StringLike", "aws:UserAgent", "aws-sdk-js/*", true],
    ["StringLike", "aws:UserAgent", "curl/*", false],
  ] as Row[])("a Deny on %s %s %s: refused %s", async (operator, key, value, denied) => {
    await forbid({ [operator]: { [key]: value } });
    expect(await refused(lambda.send(new ListFunctionsCommand()))).toBe(denied);
  });

  test("without User-Agent the key is missing", async () => {
    await forbid({ Null: { "aws:UserAgent": "true" } });
    const target = new URL(client.aws.endpoint);
    const signed = sign(
      { service: "lambda", region: REGION, host: target.host, path: "/2015-03-31/functions" },
      session,
    );
    const send = (headers: object) =>
      request(`${client.aws.endpoint}/2015-03-31/functions`, {
        headers: { ...(signed.headers as Record<string, string>), ...headers },
      });
    expect((await send({})).statusCode).toBe(403);
    expect((await send({ "User-Agent": "x" })).statusCode).toBe(200);
  });

  test("iam:PassRole knows the account of the role", async () => {
    await forbid({ StringNotEquals: { "aws:ResourceAccount": "123456789012" } });
    const create = (account: string) =>
      lambda.send(
        new CreateFunctionCommand({
          FunctionName: "f",
          Runtime: "nodejs22.x",
          Handler: "index.handler",
          Role: `arn:aws:iam::${account}:role/nobody`,
          Code: { ZipFile: zipOf({ "index.js": "" }) },
        }),
      );
    expect(await refused(create("999999999999"))).toBe(true);
    await expect(create("123456789012")).rejects.toThrow("cannot be assumed by Lambda");
  });

  test.each([REGION, "us-east-1"])("IAM is called in us-east-1, also when signed for %s", async (region) => {
    const own = new IAMClient(connection(session, region));
    await forbid({ StringEquals: { "aws:RequestedRegion": "us-east-1" } });
    expect(await refused(own.send(new ListRolesCommand()))).toBe(true);
    await forbid({ StringNotEquals: { "aws:RequestedRegion": "us-east-1" } });
    expect(await refused(own.send(new ListRolesCommand()))).toBe(false);
    own.destroy();
  });

  test.each([REGION, "us-east-1"])("STS is called where the signature says: %s", async (region) => {
    const { Role: role } = await iam.send(
      new CreateRoleCommand({
        RoleName: `target-${region}`,
        AssumeRolePolicyDocument: document({
          Effect: "Allow",
          Principal: { AWS: "123456789012" },
          Action: "sts:AssumeRole",
        }),
      }),
    );
    const sts = new STSClient(connection(session, region));
    const assume = () =>
      sts.send(new AssumeRoleCommand({ RoleArn: role?.Arn as string, RoleSessionName: "s1" }));
    await forbid({ StringEquals: { "aws:RequestedRegion": region } });
    expect(await refused(assume())).toBe(true);
    await forbid({ StringNotEquals: { "aws:RequestedRegion": region } });
    expect(await refused(assume())).toBe(false);
    sts.destroy();
  });
});

describe("a request to an API", () => {
  const called = async (headers: Record<string, string> = {}) => {
    const { status, text } = await client.call(api, { path: "/iam", headers, credentials: session });
    if (status !== 200) {
      expect(JSON.parse(text).Message).toMatch(/ with an explicit deny /);
    }
    return status;
  };

  test.each([...EVERYWHERE, ["Null", "aws:UserAgent", "true", true]] as Row[])(
    "a Deny on %s %s %s: refused %s",
    async (operator, key, value, denied) => {
      await forbid({ [operator]: { [key]: value } });
      expect(await called()).toBe(denied ? 403 : 200);
    },
  );

  test.each([
    ["aws:UserAgent", "User-Agent"],
    ["aws:referer", "Referer"],
  ])("%s is the header %s", async (key, name) => {
    await forbid({ StringEquals: { [key]: "https://a.example" } });
    expect(await called({ [name]: "https://a.example" })).toBe(403);
    expect(await called({ [name]: "https://b.example" })).toBe(200);
  });

  test.each<[string, "root" | "session" | "unsigned", object]>([
    ["root's long-term key says nothing of MFA", "root", { Null: { "aws:MultiFactorAuthPresent": "true" } }],
    ["root is no service", "root", { Bool: { "aws:PrincipalIsAWSService": "false" } }],
    ["a session says that there was no MFA", "session", { Bool: { "aws:MultiFactorAuthPresent": "false" } }],
    ["an address", "session", { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } }],
    ["an unsigned call's account", "unsigned", { StringEquals: { "aws:PrincipalAccount": "anonymous" } }],
    ["an unsigned call's type", "unsigned", { StringEquals: { "aws:PrincipalType": "Anonymous" } }],
    ["an unsigned call is nobody's", "unsigned", { Null: { "aws:PrincipalIsAWSService": "true" } }],
    ["an unsigned call's address", "unsigned", { IpAddress: { "aws:SourceIp": "127.0.0.1" } }],
    ["an unsigned call's way", "unsigned", { Bool: { "aws:ViaAWSService": "false" } }],
  ])("its resource policy denies: %s", async (_, caller, condition) => {
    await forbid({ Bool: { "aws:SecureTransport": "false" } });
    const everybody = { Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" };
    for (const [Condition, status] of [
      [condition, 403],
      [{ Bool: { "aws:SecureTransport": "false" } }, 200],
    ] as const) {
      const guarded = await client.createApi(
        { "GET /iam": { method: IAM, integration: MOCK }, "GET /none": { integration: MOCK } },
        {
          policy: document({ ...everybody, Effect: "Allow" }, { ...everybody, Effect: "Deny", Condition }),
        },
      );
      for (const path of ["/iam", "/none"]) {
        const resourceId = await client.resourceId(guarded, path);
        await client.answerWith(guarded, { resourceId, httpMethod: "GET" }, {});
      }
      await client.deploy(guarded);
      const answer = await client.call(guarded, {
        path: caller === "unsigned" ? "/none" : "/iam",
        credentials: { root: client.aws.credentials, session, unsigned: undefined }[caller],
      });
      expect(answer.status).toBe(status);
    }
  });
});

describe("the assumption of a role", () => {
  const trusting = (Condition?: object) => ({
    Effect: "Allow",
    Principal: { Federated: "cognito-identity.amazonaws.com" },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: { "cognito-identity.amazonaws.com:aud": session.identityPoolId },
      ...Condition,
    },
  });

  test.each<Row>([
    ["IpAddress", "aws:SourceIp", "127.0.0.0/8", true],
    ["NotIpAddress", "aws:SourceIp", "127.0.0.0/8", false],
    ["StringLike", "aws:UserAgent", "aws-sdk-js/*", true],
    ["StringEquals", "aws:RequestedRegion", REGION, true],
    ["StringEquals", "aws:ResourceAccount", "123456789012", true],
    ["Bool", "aws:SecureTransport", "true", true],
    ["Bool", "aws:ViaAWSService", "false", true],
    ["Null", "aws:PrincipalIsAWSService", "true", true],
    ["Null", "aws:MultiFactorAuthPresent", "true", true],
    ["StringEquals", "aws:FederatedProvider", "cognito-identity.amazonaws.com", true],
    ["DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z", true],
  ])(
    "by a token, which nobody signs, a Deny on %s %s %s: refused %s",
    async (operator, key, value, denied) => {
      const cognito = new CognitoIdentityClient(connection());
      const sts = new STSClient(connection());
      try {
        const { IdentityId: identityId, Token: token } = await cognito.send(
          new GetOpenIdTokenForDeveloperIdentityCommand({
            IdentityPoolId: session.identityPoolId,
            Logins: { [DEVELOPER_PROVIDER]: "alice" },
          }),
        );
        const deny = {
          ...trusting(),
          Effect: "Deny",
          Condition: { [operator]: { [key]: value } },
        };
        await iam.send(
          new UpdateAssumeRolePolicyCommand({
            RoleName: session.roleName,
            PolicyDocument: document(trusting(), deny),
          }),
        );
        const attempts = [
          sts.send(
            new AssumeRoleWithWebIdentityCommand({
              RoleArn: `arn:aws:iam::123456789012:role/${session.roleName}`,
              RoleSessionName: "s1",
              WebIdentityToken: token,
            }),
          ),
          cognito.send(
            new GetCredentialsForIdentityCommand({
              IdentityId: identityId,
              Logins: { "cognito-identity.amazonaws.com": token as string },
            }),
          ),
        ];
        const outcomes = await Promise.allSettled(attempts);
        expect(outcomes.map(({ status }) => status)).toEqual(
          Array(2).fill(denied ? "rejected" : "fulfilled"),
        );
      } finally {
        cognito.destroy();
        sts.destroy();
      }
    },
  );

  test.each<Row>([
    ["Bool", "aws:PrincipalIsAWSService", "true", true],
    ["Bool", "aws:PrincipalIsAWSService", "false", false],
    ["StringEquals", "aws:PrincipalServiceName", "lambda.amazonaws.com", true],
    ["Bool", "aws:ViaAWSService", "false", true],
    ["StringEquals", "aws:RequestedRegion", REGION, true],
    ["StringEquals", "aws:ResourceAccount", "123456789012", true],
    ["Null", "aws:SourceIp", "true", true],
  ])("by a service, a Deny on %s %s %s: refused %s", async (operator, key, value, denied) => {
    const trust = { Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
    const name = `${key}-${value}`.replace(/[^\w-]/g, "_").slice(0, 64);
    const { Role: role } = await iam.send(
      new CreateRoleCommand({
        RoleName: name,
        AssumeRolePolicyDocument: document(
          { ...trust, Effect: "Allow" },
          { ...trust, Effect: "Deny", Condition: { [operator]: { [key]: value } } },
        ),
      }),
    );
    const created = client.lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: role?.Arn,
        Code: { ZipFile: zipOf({ "index.js": "" }) },
      }),
    );
    if (denied) {
      await expect(created).rejects.toThrow("cannot be assumed by Lambda");
    } else {
      await expect(created).resolves.toBeDefined();
    }
  });
});

test("Lambda writes logs in the function's role: not on a caller's behalf, and it says for which function", async () => {
  const account = await startLambdaAccount();
  try {
    await allowRole(account.iam, "function", ["logs:CreateLogGroup"], "*");
    await createFunction(account, "f", "exports.handler = async () => {};");
    /** Whether an invocation's log arrives in spite of a Deny. */
    const logged = async (condition: object) => {
      await account.iam.send(
        new PutRolePolicyCommand({
          RoleName: "function",
          PolicyName: "forbidden",
          PolicyDocument: document({ ...EVERYTHING, Effect: "Deny", Condition: condition }),
        }),
      );
      const { requestId } = await invoke(account, "f");
      const { events = [] } = await account.logs
        .send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/f", filterPattern: `"${requestId}"` }))
        .catch(() => ({ events: [] }));
      return events.length > 0;
    };
    const own = "arn:aws:lambda:us-east-1:123456789012:function:f";
    expect(await logged({ Bool: { "aws:ViaAWSService": "false" } })).toBe(false);
    expect(await logged({ Bool: { "aws:ViaAWSService": "true" } })).toBe(true);
    expect(await logged({ Bool: { "aws:PrincipalIsAWSService": "false" } })).toBe(false);
    expect(await logged({ Bool: { "aws:MultiFactorAuthPresent": "false" } })).toBe(false);
    expect(await logged({ ArnEquals: { "lambda:SourceFunctionArn": own } })).toBe(false);
    expect(await logged({ ArnEquals: { "lambda:SourceFunctionArn": `${own}-other` } })).toBe(true);
    expect(await logged({ Null: { "aws:SourceIp": "true" } })).toBe(false);
  } finally {
    await account.aws.stop();
    for (const one of [account.lambda, account.iam, account.logs]) {
      one.destroy();
    }
  }
});
