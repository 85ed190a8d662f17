/** Tags as condition keys of Lambda, CloudWatch Logs and API Gateway: what a Deny on a tag catches, and what it lets through. */
import {
  APIGatewayClient,
  CreateRestApiCommand,
  GetRestApiCommand,
  GetTagsCommand,
  TagResourceCommand as TagApi,
} from "@aws-sdk/client-api-gateway";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogStreamsCommand,
  TagResourceCommand as TagGroup,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  TagResourceCommand as TagFunction,
} from "@aws-sdk/client-lambda";
import { identitySession } from "../../support/identity-session";
import { createFunction, type LambdaAccount, startLambdaAccount } from "../../support/lambda-account";

/** May do everything but touch what is tagged `team: red`, tag anything so, or take the tag `owner` away. */
const STATEMENTS = [
  { Effect: "Allow", Action: "*", Resource: "*" },
  {
    Effect: "Deny",
    Action: "*",
    Resource: "*",
    Condition: { StringEquals: { "aws:ResourceTag/team": "red" } },
  },
  {
    Effect: "Deny",
    Action: "*",
    Resource: "*",
    Condition: { StringEquals: { "aws:RequestTag/team": "red" } },
  },
  {
    Effect: "Deny",
    Action: "*",
    Resource: "*",
    Condition: { "ForAnyValue:StringEquals": { "aws:TagKeys": "owner" } },
  },
];

let account: LambdaAccount;
/** By tag value, the call that reads a thing tagged so. */
const reads: Record<string, (team: string) => Promise<unknown>> = {};
/** By service, the call that puts a tag on the thing that may be touched. */
const tagging: Record<string, (tags: Record<string, string>) => Promise<unknown>> = {};

beforeAll(async () => {
  account = await startLambdaAccount();
  const { aws, logs } = account;
  const session = await identitySession(aws, "user", STATEMENTS);
  const connection = { endpoint: aws.endpoint, region: aws.region, maxAttempts: 1 };
  const root = new APIGatewayClient({ ...connection, credentials: aws.credentials });
  const limited = { ...connection, credentials: session };
  const [lambda, groups, apis] = [
    new LambdaClient(limited),
    new CloudWatchLogsClient(limited),
    new APIGatewayClient(limited),
  ];
  const apiIds: Record<string, string> = {};
  for (const team of ["red", "blue"]) {
    const code = "exports.handler = async () => 1;";
    await createFunction(account, `of-${team}`, code, { Tags: { team } });
    await logs.send(new CreateLogGroupCommand({ logGroupName: `of-${team}`, tags: { team } }));
    const { id } = await root.send(new CreateRestApiCommand({ name: `of-${team}`, tags: { team } }));
    apiIds[team] = id as string;
  }
  const apiArn = (team: string) => `arn:aws:apigateway:${aws.region}::/restapis/${apiIds[team]}`;
  const arn = (service: string, rest: string) => `arn:aws:${service}:${aws.region}:${aws.accountId}:${rest}`;

  reads.lambda = (team) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName: `of-${team}` }));
  reads.logs = (team) => groups.send(new DescribeLogStreamsCommand({ logGroupName: `of-${team}` }));
  reads.apigateway = (team) => apis.send(new GetRestApiCommand({ restApiId: apiIds[team] }));
  reads["apigateway's tags"] = (team) => apis.send(new GetTagsCommand({ resourceArn: apiArn(team) }));

  tagging.lambda = (Tags) =>
    lambda.send(new TagFunction({ Resource: arn("lambda", "function:of-blue"), Tags }));
  tagging.logs = (tags) => groups.send(new TagGroup({ resourceArn: arn("logs", "log-group:of-blue"), tags }));
  tagging.apigateway = (tags) => apis.send(new TagApi({ resourceArn: apiArn("blue"), tags }));
});

afterAll(() => account.aws.stop());

const denied = expect.objectContaining({
  name: "AccessDeniedException",
  message: expect.stringContaining("with an explicit deny"),
});

test.each(["lambda", "logs", "apigateway", "apigateway's tags"])(
  "aws:ResourceTag: %s of the one team is read, of the other it isn't",
  async (service) => {
    await expect(reads[service]?.("blue")).resolves.toBeDefined();
    await expect(reads[service]?.("red")).rejects.toEqual(denied);
  },
);

test.each(["lambda", "logs", "apigateway"])(
  "aws:RequestTag and aws:TagKeys: %s is tagged with what may be put on it only",
  async (service) => {
    await expect(tagging[service]?.({ stage: "test" })).resolves.toBeDefined();
    await expect(tagging[service]?.({ team: "red" })).rejects.toEqual(denied);
    await expect(tagging[service]?.({ owner: "somebody" })).rejects.toEqual(denied);
  },
);
