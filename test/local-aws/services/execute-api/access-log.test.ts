import { UpdateAccountCommand, UpdateStageCommand } from "@aws-sdk/client-api-gateway";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { ApiClient, IAM, MOCK, STAGE } from "../../../support/api-client";
import { type IdentitySession, identitySession } from "../../../support/identity-session";

let client: ApiClient;
let iam: IAMClient;
let logs: CloudWatchLogsClient;
/** May do nothing of its own. */
let session: IdentitySession;

beforeAll(async () => {
  client = await ApiClient.start();
  const { endpoint, region, credentials } = client.aws;
  iam = new IAMClient({ endpoint, region, credentials });
  logs = new CloudWatchLogsClient({ endpoint, region, credentials });
  session = await identitySession(client.aws, "alice", []);
});

afterAll(async () => {
  iam.destroy();
  logs.destroy();
  await client.stop();
});

const set = (path: string, value = "") => ({ op: "replace" as const, path, value });

/** Makes a role that API Gateway may assume and that has the statements, and lets it write the account's logs. */
async function setLoggingRole(name: string, statements: readonly object[]): Promise<void> {
  const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
  const { Role: role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: document({
        Effect: "Allow",
        Principal: { Service: "apigateway.amazonaws.com" },
        Action: "sts:AssumeRole",
      }),
    }),
  );
  if (statements.length > 0) {
    const policy = { PolicyName: "logs", PolicyDocument: document(...statements) };
    await iam.send(new PutRolePolicyCommand({ RoleName: name, ...policy }));
  }
  await client.gateway.send(
    new UpdateAccountCommand({ patchOperations: [set("/cloudwatchRoleArn", role?.Arn)] }),
  );
}

/** An API with `GET /iam` whose stage logs to the group. */
async function loggingApi(group: string, format: string): Promise<string> {
  const api = await client.createApi({ "GET /iam": { method: IAM, integration: MOCK } });
  await client.deploy(api);
  const { region, accountId } = client.aws;
  await client.gateway.send(
    new UpdateStageCommand({
      restApiId: api,
      stageName: STAGE,
      patchOperations: [
        set("/accessLogSettings/destinationArn", `arn:aws:logs:${region}:${accountId}:log-group:${group}`),
        set("/accessLogSettings/format", format),
      ],
    }),
  );
  return api;
}

async function messagesIn(group: string): Promise<(string | undefined)[]> {
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: group }));
  return events.map(({ message }) => message);
}

const MAY_WRITE = { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" };

test("writes its access log", async () => {
  await setLoggingRole("gateway-logs", [MAY_WRITE]);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/api/access" }));
  const format = [
    "requestId",
    "httpMethod",
    "resourcePath",
    "status",
    "responseLength",
    "identity.sourceIp",
    "identity.cognitoIdentityId",
    "error.responseType",
    "authorizer.principalId",
  ].map((name) => `$context.${name}`);
  const api = await loggingApi("/api/access", format.join(" "));
  const unsigned = await client.call(api, { path: "/iam" });
  const denied = await client.call(api, { path: "/iam", credentials: session });
  expect(await messagesIn("/api/access")).toEqual([
    `${unsigned.headers["x-amzn-requestid"]} GET /iam 403 ${unsigned.text.length} 127.0.0.1 - MISSING_AUTHENTICATION_TOKEN -`,
    `${denied.headers["x-amzn-requestid"]} GET /iam 403 ${denied.text.length} 127.0.0.1 ${session.identityId} ACCESS_DENIED -`,
  ]);
});

test("logs a call in the path form as one by the API's host", async () => {
  await setLoggingRole("path-form-logs", [MAY_WRITE]);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/api/path-form" }));
  const api = await loggingApi("/api/path-form", "$context.requestId $context.domainName $context.path");
  const byHost = await client.call(api, { path: "/iam" });
  const byPath = await fetch(`${client.aws.endpoint}/_aws/execute-api/${api}/${STAGE}/iam`);
  const ids = [byHost.headers["x-amzn-requestid"], byPath.headers.get("x-amzn-requestid")];
  expect(await messagesIn("/api/path-form")).toEqual(
    ids.map((id) => `${id} ${client.host(api)} /${STAGE}/iam`),
  );
});

test("writes it in one session until that has ended, or its role was replaced", async () => {
  await setLoggingRole("renewed", [MAY_WRITE]);
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/api/renewed" }));
  const api = await loggingApi("/api/renewed", "$context.requestId");
  const opened = () =>
    client.aws
      .decisions()
      .filter(({ subject }) => /^apigateway\S+ → sts:AssumeRole on .*\/renewed$/.test(subject)).length;
  const written = async () => {
    await client.call(api, { path: "/iam" });
    return [(await messagesIn("/api/renewed")).length, opened()];
  };
  // The account's settings have asked once as well.
  expect(await written()).toEqual([1, 2]);
  expect(await written()).toEqual([2, 2]);
  await iam.send(new DeleteRolePolicyCommand({ RoleName: "renewed", PolicyName: "logs" }));
  await iam.send(new DeleteRoleCommand({ RoleName: "renewed" }));
  expect(await written()).toEqual([2, 2]);
  await setLoggingRole("renewed", [MAY_WRITE]);
  expect(await written()).toEqual([3, 4]);
  client.clock.ahead += 12 * 3600 * 1000;
  expect(await written()).toEqual([4, 5]);
  expect(await written()).toEqual([5, 5]);
});

test("tells where its access log is lost", async () => {
  const lostIn = async (api: string) => {
    expect((await client.call(api, { path: "/iam" })).status).toBe(403);
    const [decision] = client.aws.decisions(1);
    return [decision?.kind, decision?.outcome, decision?.detail];
  };
  const lost = (reason: string) => ["access-log", "refused", [reason]];
  const roleArn = (name: string) => `arn:aws:iam::${client.aws.accountId}:role/${name}`;

  await setLoggingRole("may-write", [MAY_WRITE]);
  const api = await loggingApi("/api/later", "$context.requestId");
  expect(await lostIn(api)).toEqual(lost("there is no log group /api/later"));
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/api/later" }));

  await setLoggingRole("may-nothing", []);
  expect(await lostIn(api)).toEqual(lost(`${roleArn("may-nothing")} may not logs:CreateLogStream`));
  await setLoggingRole("may-half", [{ ...MAY_WRITE, Action: "logs:CreateLogStream" }]);
  expect(await lostIn(api)).toEqual(lost(`${roleArn("may-half")} may not logs:PutLogEvents`));

  await setLoggingRole("deleted", []);
  await iam.send(new DeleteRoleCommand({ RoleName: "deleted" }));
  expect(await lostIn(api)).toEqual(lost(`API Gateway can't assume ${roleArn("deleted")}`));
  await client.gateway.send(new UpdateAccountCommand({ patchOperations: [set("/cloudwatchRoleArn")] }));
  expect(await lostIn(api)).toEqual(lost("the account's settings name no cloudwatchRoleArn"));

  expect(await messagesIn("/api/later")).toEqual([]);
  await setLoggingRole("may-write-again", [MAY_WRITE]);
  const { headers } = await client.call(api, { path: "/iam" });
  expect(await messagesIn("/api/later")).toEqual([headers["x-amzn-requestid"]]);
});
