/** An account with one of everything, a real client for each service, and for each operation an input that succeeds. */
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import * as apigateway from "@aws-sdk/client-api-gateway";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as cognitoIdentity from "@aws-sdk/client-cognito-identity";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as sts from "@aws-sdk/client-sts";
import type { AccessRecord } from "../../../local-aws";
import { type Account, type AccountState, emptyAccountState } from "../../../local-aws/account";
import { applyChange, type Change, Changes } from "../../../local-aws/account/changes";
import { reviveDictionary } from "../../../local-aws/account/dictionary";
import { copyOf } from "../../../local-aws/account/state/apigateway";
import { createListener } from "../../../local-aws/server";
import { bareAccount } from "../bare-account";
import { zipOf } from "../zip";
import type { Input } from "./model";

/** A success has the body that came and what its headers carry; a failure a name as the SDK reads it. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly error?: string;
  readonly message?: string;
}

export interface SeededAccount {
  /** The account is as it was seeded, then the operation is called. */
  send(service: string, operation: string, input: Input): Promise<Answer>;
  /** The operation is called on the account as it is. */
  sendNext(service: string, operation: string, input: Input): Promise<Answer>;
  /** What the account holds now, what it held when it was seeded, and what the changes that were saved make of that. */
  held(): { readonly now: string; readonly seeded: string; readonly restored: string };
  /** The permissions that callers needed. */
  readonly asked: readonly AccessRecord[];
  /** The input of a call that succeeds. */
  input(service: string, operation: string): Input;
  stop(): Promise<void>;
}

const CREDENTIALS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "not-a-secret" };
const SDKS: Readonly<Record<string, Record<string, unknown>>> = {
  apigateway,
  "cognito-identity": cognitoIdentity,
  iam,
  lambda,
  logs,
  sts,
};

type Sender = { send(command: unknown): Promise<Record<string, unknown>>; destroy(): void };

export async function seededAccount(): Promise<SeededAccount> {
  const now = new Date();
  const asked: AccessRecord[] = [];
  // Its state is written to through views, as that of an account with a file.
  let changes = new Changes(emptyAccountState());
  let saved: string[] = [];
  const account: Account = {
    ...bareAccount({
      now: () => now,
      rootCredentials: CREDENTIALS,
      log: (line) => console.error(line),
      onAccess: (access) => asked.push(access),
    }).account,
    state: changes.view,
    save: async () => {
      saved.push(changes.take() ?? "[]");
    },
  };
  const { server, idle } = createListener(account);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  account.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  let last = { status: 0, body: "" };
  const clientOf = (sdk: Record<string, unknown>, credentials: object): Sender => {
    const [, Client] =
      Object.entries(sdk).find(([name]) => /^[A-Z]\w+Client$/.test(name) && !name.startsWith("__")) ?? [];
    const client = new (Client as new (settings: object) => Sender & { middlewareStack: never })({
      endpoint: account.endpoint,
      region: account.region,
      credentials,
      maxAttempts: 1,
    });
    recordAnswers(client.middlewareStack, (answer) => {
      last = answer;
    });
    return client;
  };
  const clients = Object.fromEntries(
    Object.entries(SDKS).map(([name, sdk]) => [name, clientOf(sdk, CREDENTIALS)]),
  );
  const call = (client: Sender, service: string, operation: string, input: Input) => {
    const Command = SDKS[service]?.[`${operation}Command`] as new (input: Input) => unknown;
    return client.send(new Command(input));
  };
  const root = (service: string, operation: string, input: Input) =>
    call(clients[service] as Sender, service, operation, input);

  const { inputs, session } = await seed(root);
  // A root user may not assume roles.
  const assuming = clientOf(sts, session);
  const seeded = copyOf(account.state);

  async function sendNext(service: string, operation: string, input: Input): Promise<Answer> {
    last = { status: 0, body: "" };
    const client = operation === "AssumeRole" ? assuming : (clients[service] as Sender);
    try {
      await call(client, service, operation, input);
      return last;
    } catch (error) {
      const { name, message } = error as Error;
      return { ...last, error: name, message };
    }
  }

  return {
    asked,
    held() {
      const restored = copyOf(seeded);
      for (const change of saved.flatMap((line): Change[] => JSON.parse(line, reviveDictionary))) {
        applyChange(restored, change);
      }
      return {
        now: JSON.stringify(account.state),
        seeded: JSON.stringify(seeded),
        restored: JSON.stringify(restored),
      };
    },
    input: (service, operation) => inputs[service]?.[operation] ?? {},
    send(service, operation, input) {
      changes = new Changes(copyOf(seeded));
      saved = [];
      account.state = changes.view;
      return sendNext(service, operation, input);
    },
    sendNext,
    async stop() {
      for (const client of [...Object.values(clients), assuming]) {
        client.destroy();
      }
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await account.live.stop();
      await idle();
      account.state = emptyAccountState() satisfies AccountState;
    },
  };
}

/** Keeps what came over the wire, and hands the SDK a body to read all the same. */
function recordAnswers(stack: never, record: (answer: { status: number; body: string }) => void): void {
  (stack as { addRelativeTo: (middleware: unknown, options: object) => void }).addRelativeTo(
    (next: (args: unknown) => Promise<{ response: { statusCode: number; body: AsyncIterable<Buffer> } }>) =>
      async (args: unknown) => {
        const result = await next(args);
        const parts: Buffer[] = [];
        for await (const part of result.response.body) {
          parts.push(Buffer.from(part));
        }
        const body = Buffer.concat(parts);
        record({ status: result.response.statusCode, body: body.toString("utf8") });
        result.response.body = Readable.from(body.length > 0 ? [body] : []);
        return result;
      },
    { relation: "after", toMiddleware: "deserializerMiddleware", name: "recordAnswers" },
  );
}

type Root = (service: string, operation: string, input: Input) => Promise<Record<string, unknown>>;

const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const TRUST = policy({
  Effect: "Allow",
  Principal: {
    Service: ["lambda.amazonaws.com", "apigateway.amazonaws.com"],
    AWS: "arn:aws:iam::123456789012:root",
  },
  Action: "sts:AssumeRole",
});
const GRANT = policy({
  Effect: "Allow",
  Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
  Resource: "*",
});

async function seed(root: Root) {
  const text = (value: unknown) => value as string;
  // IAM.
  const { Role } = (await root("iam", "CreateRole", {
    RoleName: "role",
    AssumeRolePolicyDocument: policy(
      {
        Effect: "Allow",
        Principal: {
          Service: ["lambda.amazonaws.com", "apigateway.amazonaws.com"],
          AWS: "arn:aws:iam::123456789012:root",
        },
        Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
      },
      {
        Effect: "Allow",
        Principal: { Federated: "cognito-identity.amazonaws.com" },
        Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        Condition: { StringLike: { "cognito-identity.amazonaws.com:aud": "us-east-1:*" } },
      },
    ),
  })) as { Role: { Arn: string } };
  const roleArn = Role.Arn;
  await root("iam", "CreateRole", { RoleName: "bare", AssumeRolePolicyDocument: TRUST });
  await root("iam", "PutRolePolicy", { RoleName: "role", PolicyName: "inline", PolicyDocument: GRANT });
  const { Policy } = (await root("iam", "CreatePolicy", { PolicyName: "policy", PolicyDocument: GRANT })) as {
    Policy: { Arn: string };
  };
  await root("iam", "CreatePolicyVersion", { PolicyArn: Policy.Arn, PolicyDocument: GRANT });
  const { Policy: Free } = (await root("iam", "CreatePolicy", {
    PolicyName: "free",
    PolicyDocument: GRANT,
  })) as {
    Policy: { Arn: string };
  };
  await root("iam", "AttachRolePolicy", { RoleName: "role", PolicyArn: Policy.Arn });
  await root("iam", "PutRolePermissionsBoundary", { RoleName: "role", PermissionsBoundary: Policy.Arn });
  await root("iam", "TagRole", { RoleName: "role", Tags: [{ Key: "team", Value: "blue" }] });
  const { OpenIDConnectProviderArn } = await root("iam", "CreateOpenIDConnectProvider", {
    Url: "https://issuer.example",
    ClientIDList: ["sts.amazonaws.com"],
    Tags: [{ Key: "team", Value: "blue" }],
  });

  // Cognito.
  const pool = await root("cognito-identity", "CreateIdentityPool", {
    IdentityPoolName: "pool",
    AllowUnauthenticatedIdentities: true,
    AllowClassicFlow: true,
    DeveloperProviderName: "login.developer.example",
  });
  const IdentityPoolId = text(pool.IdentityPoolId);
  const poolArn = `arn:aws:cognito-identity:us-east-1:123456789012:identitypool/${IdentityPoolId}`;
  await root("cognito-identity", "SetIdentityPoolRoles", {
    IdentityPoolId,
    Roles: { authenticated: roleArn, unauthenticated: roleArn },
  });
  const signIn = (user: string) =>
    root("cognito-identity", "GetOpenIdTokenForDeveloperIdentity", {
      IdentityPoolId,
      Logins: { "login.developer.example": user },
    });
  const first = await signIn("alice");
  await signIn("bob");
  const { IdentityId: guest } = await root("cognito-identity", "GetId", { IdentityPoolId });
  const token = { "cognito-identity.amazonaws.com": text(first.Token) };
  const { Credentials } = (await root("cognito-identity", "GetCredentialsForIdentity", {
    IdentityId: first.IdentityId,
    Logins: token,
  })) as { Credentials: { AccessKeyId: string; SecretKey: string; SessionToken: string } };

  // Lambda.
  const ZipFile = zipOf({ "index.js": "exports.handler = async (event) => event;" });
  const { FunctionArn } = await root("lambda", "CreateFunction", {
    FunctionName: "fn",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: roleArn,
    Code: { ZipFile },
    Publish: true,
  });
  const permission = {
    FunctionName: "fn",
    StatementId: "first",
    Action: "lambda:InvokeFunction",
    Principal: "apigateway.amazonaws.com",
    SourceArn: "arn:aws:execute-api:us-east-1:123456789012:abcdefghij/*/GET/hello",
    SourceAccount: "123456789012",
  };
  await root("lambda", "AddPermission", permission);
  await root("lambda", "PutFunctionConcurrency", { FunctionName: "fn", ReservedConcurrentExecutions: 5 });

  // Logs.
  const group = { logGroupName: "group" };
  const stream = { ...group, logStreamName: "stream" };
  const groupArn = "arn:aws:logs:us-east-1:123456789012:log-group:group";
  await root("logs", "CreateLogGroup", { ...group, tags: { team: "blue" } });
  await root("logs", "CreateLogStream", stream);
  const logEvents = [{ timestamp: Date.now(), message: "hello" }];
  await root("logs", "PutLogEvents", { ...stream, logEvents });

  // API Gateway.
  const api = await root("apigateway", "CreateRestApi", { name: "api", description: "an API" });
  const restApiId = text(api.id);
  const rootId = text(api.rootResourceId);
  const { id: resourceId } = await root("apigateway", "CreateResource", {
    restApiId,
    parentId: rootId,
    pathPart: "a",
  });
  const { id: emptyId } = await root("apigateway", "CreateResource", {
    restApiId,
    parentId: rootId,
    pathPart: "b",
  });
  const method = { restApiId, resourceId, httpMethod: "GET" };
  const response = { ...method, statusCode: "200" };
  await root("apigateway", "PutMethod", { ...method, authorizationType: "AWS_IAM" });
  await root("apigateway", "PutMethodResponse", response);
  const integration = {
    ...method,
    type: "MOCK",
    requestTemplates: { "application/json": '{"statusCode": 200}' },
  };
  await root("apigateway", "PutIntegration", integration);
  await root("apigateway", "PutIntegrationResponse", response);
  const { id: deploymentId } = await root("apigateway", "CreateDeployment", { restApiId });
  const { id: spare } = await root("apigateway", "CreateDeployment", { restApiId });
  await root("apigateway", "CreateStage", { restApiId, deploymentId, stageName: "dev" });
  const gateway = { restApiId, responseType: "DEFAULT_4XX" };
  await root("apigateway", "PutGatewayResponse", gateway);
  const stage = { restApiId, stageName: "dev" };
  const apiArn = `arn:aws:apigateway:us-east-1::/restapis/${restApiId}`;
  const describe = (path: string, value: string) => ({ patchOperations: [{ op: "replace", path, value }] });
  const document = Buffer.from(
    JSON.stringify({ openapi: "3.0.1", info: { title: "imported", version: "1" }, paths: {} }),
  );

  const onRole = { RoleName: "role" };
  const onPolicy = { PolicyArn: Policy.Arn };
  const onProvider = { OpenIDConnectProviderArn };
  const onPool = { IdentityPoolId };
  const onFunction = { FunctionName: "fn" };
  const tags = [{ Key: "team", Value: "red" }];
  const inputs: Record<string, Record<string, Input>> = {
    iam: {
      AddClientIDToOpenIDConnectProvider: { ...onProvider, ClientID: "another" },
      AttachRolePolicy: { RoleName: "bare", PolicyArn: Policy.Arn },
      CreateOpenIDConnectProvider: {
        Url: "https://another.example/realm",
        ClientIDList: ["sts.amazonaws.com"],
        ThumbprintList: ["a".repeat(40)],
        Tags: tags,
      },
      CreatePolicy: {
        PolicyName: "another",
        PolicyDocument: GRANT,
        Tags: tags,
        Path: "/p/",
        Description: "text",
      },
      CreatePolicyVersion: { ...onPolicy, PolicyDocument: GRANT },
      CreateRole: {
        RoleName: "another",
        AssumeRolePolicyDocument: TRUST,
        Tags: tags,
        Path: "/p/",
        Description: "text",
        MaxSessionDuration: 3600,
      },
      DeleteOpenIDConnectProvider: onProvider,
      DeletePolicy: { PolicyArn: Free.Arn },
      DeletePolicyVersion: { ...onPolicy, VersionId: "v2" },
      DeleteRole: { RoleName: "bare" },
      DeleteRolePermissionsBoundary: onRole,
      DeleteRolePolicy: { ...onRole, PolicyName: "inline" },
      DetachRolePolicy: { ...onRole, ...onPolicy },
      GetOpenIDConnectProvider: onProvider,
      GetPolicy: onPolicy,
      GetPolicyVersion: { ...onPolicy, VersionId: "v1" },
      GetRole: onRole,
      GetRolePolicy: { ...onRole, PolicyName: "inline" },
      ListAttachedRolePolicies: { ...onRole, MaxItems: 10 },
      ListEntitiesForPolicy: { ...onPolicy, MaxItems: 10 },
      ListInstanceProfilesForRole: onRole,
      ListOpenIDConnectProviders: {},
      ListOpenIDConnectProviderTags: { ...onProvider, MaxItems: 10 },
      ListPolicies: { MaxItems: 10 },
      ListPolicyTags: onPolicy,
      ListPolicyVersions: onPolicy,
      ListRolePolicies: onRole,
      ListRoles: { MaxItems: 10 },
      ListRoleTags: onRole,
      PutRolePermissionsBoundary: { ...onRole, PermissionsBoundary: Free.Arn },
      PutRolePolicy: { ...onRole, PolicyName: "second", PolicyDocument: GRANT },
      RemoveClientIDFromOpenIDConnectProvider: { ...onProvider, ClientID: "sts.amazonaws.com" },
      SetDefaultPolicyVersion: { ...onPolicy, VersionId: "v2" },
      TagOpenIDConnectProvider: { ...onProvider, Tags: tags },
      TagPolicy: { ...onPolicy, Tags: tags },
      TagRole: { ...onRole, Tags: tags },
      UntagOpenIDConnectProvider: { ...onProvider, TagKeys: ["team"] },
      UntagPolicy: { ...onPolicy, TagKeys: ["team"] },
      UntagRole: { ...onRole, TagKeys: ["team"] },
      UpdateAssumeRolePolicy: { ...onRole, PolicyDocument: TRUST },
      UpdateOpenIDConnectProviderThumbprint: { ...onProvider, ThumbprintList: ["b".repeat(40)] },
      UpdateRole: { ...onRole, Description: "text", MaxSessionDuration: 7200 },
      UpdateRoleDescription: { ...onRole, Description: "text" },
    },
    sts: {
      GetCallerIdentity: {},
      AssumeRole: {
        RoleArn: roleArn,
        RoleSessionName: "session",
        DurationSeconds: 900,
        Tags: [{ Key: "k", Value: "v" }],
      },
      AssumeRoleWithWebIdentity: {
        RoleArn: roleArn,
        RoleSessionName: "session",
        WebIdentityToken: text(first.Token),
        DurationSeconds: 900,
      },
    },
    "cognito-identity": {
      CreateIdentityPool: {
        IdentityPoolName: "another",
        AllowUnauthenticatedIdentities: false,
        DeveloperProviderName: "other.example",
        IdentityPoolTags: { k: "v" },
      },
      DeleteIdentities: { IdentityIdsToDelete: [guest] },
      DeleteIdentityPool: onPool,
      DescribeIdentity: { IdentityId: first.IdentityId },
      DescribeIdentityPool: onPool,
      GetCredentialsForIdentity: { IdentityId: first.IdentityId, Logins: token },
      GetId: onPool,
      GetIdentityPoolRoles: onPool,
      GetOpenIdToken: { IdentityId: guest },
      GetOpenIdTokenForDeveloperIdentity: {
        ...onPool,
        Logins: { "login.developer.example": "alice" },
        PrincipalTags: { k: "v" },
        TokenDuration: 60,
      },
      ListIdentities: { ...onPool, MaxResults: 10 },
      ListIdentityPools: { MaxResults: 10 },
      ListTagsForResource: { ResourceArn: poolArn },
      LookupDeveloperIdentity: { ...onPool, DeveloperUserIdentifier: "alice", MaxResults: 10 },
      MergeDeveloperIdentities: {
        ...onPool,
        SourceUserIdentifier: "alice",
        DestinationUserIdentifier: "bob",
        DeveloperProviderName: "login.developer.example",
      },
      SetIdentityPoolRoles: { ...onPool, Roles: { authenticated: roleArn, unauthenticated: roleArn } },
      TagResource: { ResourceArn: poolArn, Tags: { k: "v" } },
      UnlinkDeveloperIdentity: {
        IdentityId: first.IdentityId,
        ...onPool,
        DeveloperProviderName: "login.developer.example",
        DeveloperUserIdentifier: "alice",
      },
      UnlinkIdentity: {
        IdentityId: first.IdentityId,
        Logins: token,
        LoginsToRemove: ["login.developer.example"],
      },
      UntagResource: { ResourceArn: poolArn, TagKeys: ["k"] },
      UpdateIdentityPool: { ...onPool, IdentityPoolName: "pool", AllowUnauthenticatedIdentities: false },
    },
    lambda: {
      AddPermission: { ...permission, StatementId: "second" },
      CreateFunction: {
        FunctionName: "another",
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: roleArn,
        Code: { ZipFile },
        Description: "text",
        Timeout: 3,
        MemorySize: 128,
        Environment: { Variables: { KEY: "value" } },
        TracingConfig: { Mode: "PassThrough" },
        EphemeralStorage: { Size: 512 },
        LoggingConfig: { LogFormat: "Text", LogGroup: "group" },
        Architectures: ["arm64"],
        Tags: { k: "v" },
      },
      DeleteFunction: onFunction,
      DeleteFunctionConcurrency: onFunction,
      GetFunction: onFunction,
      GetFunctionCodeSigningConfig: onFunction,
      GetFunctionConcurrency: onFunction,
      GetFunctionConfiguration: onFunction,
      GetPolicy: onFunction,
      Invoke: { ...onFunction, Payload: Buffer.from("{}") },
      ListFunctions: { MaxItems: 10 },
      ListTags: { Resource: FunctionArn },
      ListVersionsByFunction: { ...onFunction, MaxItems: 10 },
      PublishVersion: { ...onFunction, Description: "text" },
      PutFunctionConcurrency: { ...onFunction, ReservedConcurrentExecutions: 1 },
      RemovePermission: { ...onFunction, StatementId: "first" },
      TagResource: { Resource: FunctionArn, Tags: { k: "v" } },
      UntagResource: { Resource: FunctionArn, TagKeys: ["k"] },
      UpdateFunctionCode: { ...onFunction, ZipFile },
      UpdateFunctionConfiguration: { ...onFunction, Timeout: 5, Role: roleArn },
    },
    logs: {
      CreateLogGroup: { logGroupName: "another", tags: { k: "v" } },
      CreateLogStream: { ...group, logStreamName: "another" },
      DeleteLogGroup: group,
      DeleteLogStream: stream,
      DeleteRetentionPolicy: group,
      DescribeLogGroups: { limit: 10 },
      DescribeLogStreams: { ...group, limit: 10 },
      FilterLogEvents: { ...group, limit: 10 },
      GetLogEvents: { ...stream, limit: 10 },
      ListTagsForResource: { resourceArn: groupArn },
      PutLogEvents: { ...stream, logEvents },
      PutLogGroupDeletionProtection: { logGroupIdentifier: "group", deletionProtectionEnabled: true },
      PutRetentionPolicy: { ...group, retentionInDays: 7 },
      TagResource: { resourceArn: groupArn, tags: { k: "v" } },
      UntagResource: { resourceArn: groupArn, tagKeys: ["team"] },
    },
    apigateway: {
      CreateDeployment: { restApiId },
      CreateResource: { restApiId, parentId: rootId, pathPart: "c" },
      CreateRestApi: { name: "another", tags: { k: "v" } },
      CreateStage: { restApiId, deploymentId, stageName: "another" },
      DeleteDeployment: { restApiId, deploymentId: spare },
      DeleteGatewayResponse: gateway,
      DeleteIntegration: method,
      DeleteIntegrationResponse: response,
      DeleteMethod: method,
      DeleteMethodResponse: response,
      DeleteResource: { restApiId, resourceId },
      DeleteRestApi: { restApiId },
      DeleteStage: stage,
      GetAccount: {},
      GetDeployment: { restApiId, deploymentId, embed: ["apisummary"] },
      GetDeployments: { restApiId },
      GetGatewayResponse: gateway,
      GetGatewayResponses: { restApiId },
      GetIntegration: method,
      GetIntegrationResponse: response,
      GetMethod: method,
      GetMethodResponse: response,
      GetResource: { restApiId, resourceId, embed: ["methods"] },
      GetResources: { restApiId, embed: ["methods"] },
      GetRestApi: { restApiId },
      GetRestApis: { limit: 10 },
      GetStage: stage,
      GetStages: { restApiId },
      GetTags: { resourceArn: apiArn },
      ImportRestApi: { body: document },
      PutGatewayResponse: { ...gateway, statusCode: "418" },
      PutIntegration: integration,
      PutIntegrationResponse: response,
      PutMethod: { ...method, resourceId: emptyId, authorizationType: "NONE" },
      PutMethodResponse: { ...method, statusCode: "404" },
      PutRestApi: { restApiId, body: document },
      TagResource: { resourceArn: apiArn, tags: { k: "v" } },
      UntagResource: { resourceArn: apiArn, tagKeys: ["k"] },
      UpdateAccount: { patchOperations: [{ op: "replace", path: "/cloudwatchRoleArn", value: roleArn }] },
      UpdateDeployment: { restApiId, deploymentId, ...describe("/description", "text") },
      UpdateGatewayResponse: { ...gateway, ...describe("/statusCode", "418") },
      UpdateIntegration: { ...method, ...describe("/timeoutInMillis", "1000") },
      UpdateIntegrationResponse: { ...response, ...describe("/selectionPattern", "a") },
      UpdateMethod: { ...method, ...describe("/authorizationType", "NONE") },
      UpdateMethodResponse: {
        ...response,
        patchOperations: [{ op: "add", path: "/responseModels/application~1json", value: "Empty" }],
      },
      UpdateResource: { restApiId, resourceId, ...describe("/pathPart", "d") },
      UpdateRestApi: { restApiId, ...describe("/name", "renamed") },
      UpdateStage: { ...stage, ...describe("/description", "text") },
    },
  };
  const session = {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretKey,
    sessionToken: Credentials.SessionToken,
  };
  return { inputs, session };
}
