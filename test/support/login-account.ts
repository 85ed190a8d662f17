/** The login deployed by SDK calls: pool, role, function and API, with what the login stack gives each of them. */
import path from "node:path";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import { IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, waitUntilFunctionActiveV2 } from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import { buildSync } from "esbuild";
import { type Answer, ApiClient, type ApiRequest, IAM } from "./api-client";
import { AUDIENCE, ISSUER } from "./application-session";
import {
  allow,
  COGNITO,
  createPool,
  createRole,
  lambdaTrust,
  PROVIDER,
  policy,
  setRoles,
} from "./identity-account";
import { zipOf } from "./zip";

const ORIGIN = "https://app.example";
const LOG_GROUP = "/aws/lambda/login";

export interface LoginAccount {
  readonly api: ApiClient;
  readonly apiId: string;
  readonly poolId: string;
  /** POSTs to /login. */
  login(session: string | undefined, request?: Partial<ApiRequest>): Promise<Answer>;
  /** What the function has written so far. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * @param environment the login's variables beside pool, provider and origin. @default issuer, audience, all algorithms
 * @param tagKeys of the tags that the pool's role allows
 */
export async function startLoginAccount(
  environment: Readonly<Record<string, string>>,
  tagKeys: readonly string[] = [],
): Promise<LoginAccount> {
  const api = await ApiClient.start();
  const { aws } = api;
  const connection = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const clients = {
    iam: new IAMClient(connection),
    sts: new STSClient(connection),
    cognito: new CognitoIdentityClient(connection),
  };
  const logs = new CloudWatchLogsClient(connection);
  const { iam } = clients;

  const poolId = await createPool(clients);
  const apiId = await api.createApi({
    "POST /login": { integration: api.proxyTo(api.lambdaArn("login")) },
    "GET /users/{username}": { method: IAM, integration: { type: "MOCK", requestTemplates: OK } },
  });
  await answerOk(api, apiId);
  const trusted = {
    Effect: "Allow",
    Principal: { Federated: COGNITO },
    Condition: {
      StringEquals: { [`${COGNITO}:aud`]: poolId },
      "ForAnyValue:StringEquals": { [`${COGNITO}:amr`]: PROVIDER },
    },
  };
  const authenticated = await createRole(
    iam,
    "authenticated",
    policy(
      { ...trusted, Action: "sts:AssumeRoleWithWebIdentity" },
      {
        ...trusted,
        Action: "sts:TagSession",
        Condition: { ...trusted.Condition, "ForAllValues:StringEquals": { "aws:TagKeys": tagKeys } },
      },
    ),
    allow("execute-api:Invoke", api.invokeArn(apiId, "GET/users/${aws:PrincipalTag/username}")),
  );
  await setRoles(clients, poolId, { authenticated });
  const roleArn = await createRole(
    iam,
    "login",
    lambdaTrust,
    allow(
      "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
      `arn:aws:cognito-identity:${aws.region}:${aws.accountId}:identitypool/${poolId}`,
    ),
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], `arn:aws:logs:*:*:log-group:${LOG_GROUP}:*`),
  );
  await logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP }));
  await api.lambda.send(
    new CreateFunctionCommand({
      FunctionName: "login",
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: roleArn,
      Timeout: 25,
      Code: { ZipFile: zipOf({ "index.js": bundledLogin() }) },
      Environment: {
        Variables: {
          ALLOWED_ORIGIN: ORIGIN,
          IDENTITY_POOL_ID: poolId,
          DEVELOPER_PROVIDER_NAME: PROVIDER,
          APP_ISSUER: ISSUER,
          APP_AUDIENCE: AUDIENCE,
          APP_ALGORITHMS: "RS256,ES256,EdDSA",
          LOGIN_TOKEN_DURATION: "900",
          ...environment,
        },
      },
    }),
  );
  await waitUntilFunctionActiveV2({ client: api.lambda, maxWaitTime: 10 }, { FunctionName: "login" });
  await api.permit("login", apiId, "POST/login");
  await api.deploy(apiId);
  return {
    api,
    apiId,
    poolId,
    login: (session, request = {}) =>
      api.call(apiId, {
        method: "POST",
        path: "/login",
        ...request,
        headers: {
          ...(session === undefined ? {} : { Authorization: `Bearer ${session}` }),
          ...request.headers,
        },
      }),
    async log() {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: LOG_GROUP }));
      return events.map(({ message }) => message).join("\n");
    },
    async stop() {
      for (const client of [...Object.values(clients), logs]) {
        client.destroy();
      }
      await api.stop();
    },
  };
}

const OK = { "application/json": '{"statusCode": 200}' };

async function answerOk(api: ApiClient, apiId: string): Promise<void> {
  const resourceId = await api.resourceId(apiId, "/users/{username}");
  await api.answerWith(apiId, { resourceId, httpMethod: "GET" }, {});
}

let bundled: string | undefined;

/** The project's own function, bundled once. */
function bundledLogin(): string {
  bundled ??= buildSync({
    entryPoints: [path.join(__dirname, "../../functions/login.ts")],
    bundle: true,
    platform: "node",
    write: false,
  }).outputFiles[0]?.text;
  return bundled as string;
}
