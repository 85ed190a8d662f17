import { UpdateAccountCommand, UpdateStageCommand } from "@aws-sdk/client-api-gateway";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { type IdentitySession, identitySession } from "../identity-session";
import { ApiClient, IAM, MOCK, STAGE } from "./api-client";

let client: ApiClient;
/** May do nothing of its own. */
let session: IdentitySession;

beforeAll(async () => {
  client = await ApiClient.start();
  session = await identitySession(client.aws, "alice", []);
});

afterAll(() => client.stop());

test("writes its access log", async () => {
  const connection = {
    endpoint: client.aws.endpoint,
    region: client.aws.region,
    credentials: client.aws.credentials,
  };
  const [iam, logs] = [new IAMClient(connection), new CloudWatchLogsClient(connection)];
  const trust = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" },
    ],
  };
  const { Role: role } = await iam.send(
    new CreateRoleCommand({ RoleName: "gateway-logs", AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  const set = (path: string, value = "") => ({ op: "replace" as const, path, value });
  await client.gateway.send(
    new UpdateAccountCommand({ patchOperations: [set("/cloudwatchRoleArn", role?.Arn)] }),
  );
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/api/access" }));
  const api = await client.createApi({ "GET /iam": { method: IAM, integration: MOCK } });
  await client.deploy(api);
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
  await client.gateway.send(
    new UpdateStageCommand({
      restApiId: api,
      stageName: STAGE,
      patchOperations: [
        set(
          "/accessLogSettings/destinationArn",
          `arn:aws:logs:${client.aws.region}:${client.aws.accountId}:log-group:/api/access`,
        ),
        set("/accessLogSettings/format", format.join(" ")),
      ],
    }),
  );
  const unsigned = await client.call(api, { path: "/iam" });
  const denied = await client.call(api, { path: "/iam", credentials: session });
  const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: "/api/access" }));
  expect(events?.map(({ message }) => message)).toEqual([
    `${unsigned.headers["x-amzn-requestid"]} GET /iam 403 ${unsigned.text.length} 127.0.0.1 - MISSING_AUTHENTICATION_TOKEN -`,
    `${denied.headers["x-amzn-requestid"]} GET /iam 403 ${denied.text.length} 127.0.0.1 ${session.identityId} ACCESS_DENIED -`,
  ]);
  iam.destroy();
  logs.destroy();
});
