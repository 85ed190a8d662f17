/** An account of local AWS with as many users, sessions, routes, policy statements and log events as a bench wants, and calls to it. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { type RequestSigner, sign } from "aws4";
import type { Account } from "../../local-aws/account";
import type { IdentityPool } from "../../local-aws/account/state/cognito-identity";
import type { Role } from "../../local-aws/account/state/iam";
import { handle } from "../../local-aws/pipeline";
import { createIdentity, linkUser } from "../../local-aws/services/cognito-identity/identity";
import { writeLogEvents } from "../../local-aws/services/logs/events";
import { createGroup } from "../../local-aws/services/logs/groups";
import { issueSession } from "../../local-aws/services/sts/sessions";
import { bareAccount } from "../../test/support/bare-account";

const REGION = "us-east-1";
const PROVIDER = "login.developer.example";
const COGNITO = "cognito-identity.amazonaws.com";
const ROLE = "user";

/** How many of each an account has. */
export interface Scale {
  /** @default 100 */
  readonly identities?: number;
  /** Sessions issued before. @default 0 */
  readonly sessions?: number;
  /** @default 10 */
  readonly routes?: number;
  /** Statements of the role's policy, of which the last grants the call. @default 1 */
  readonly statements?: number;
  /** Log streams that there are already; the first is written to. @default 0 */
  readonly streams?: number;
  /** Events of each of them. @default 10,000 */
  readonly events?: number;
}

/** Makes a call once. @throws Error when it isn't answered as it should be */
type Send = () => Promise<string>;

export interface ScaledCalls {
  /** A token for a user who has an identity. */
  readonly token: Send;
  /** The first sixty identities. */
  readonly page: Send;
  readonly credentials: Send;
  /** A signed call of a MOCK method. */
  readonly call: Send;
  /** A signed call of a path that no route has. */
  readonly unknown: Send;
  /** One line into a log group that has a retention. */
  readonly delivery: Send;
}

/** The developer user of a number, as long as identifiers of users are. */
export const userOf = (number: number) => `user-${String(number).padStart(12, "0")}-of-the-application`;

export async function scaledAccount(scale: Scale): Promise<ScaledCalls> {
  const account = newAccount();
  const pool = await createPool(account, scale.identities ?? 100);
  const role = await createRole(account, pool, scale.statements ?? 1);
  const host = await deployApi(account, scale.routes ?? 10);
  const deliver = fillLogs(account, scale);

  const token = cognito(account, "GetOpenIdTokenForDeveloperIdentity", {
    IdentityPoolId: pool.id,
    Logins: { [PROVIDER]: userOf((scale.identities ?? 100) - 1) },
  });
  const { IdentityId, Token } = JSON.parse(await token());
  const credentials = cognito(account, "GetCredentialsForIdentity", {
    IdentityId,
    Logins: { [COGNITO]: Token },
  });
  for (let issued = 0; issued < (scale.sessions ?? 0); issued += 1) {
    issueSession(account, role, { sessionName: `session-${issued}`, duration: 3600 });
  }
  const { Credentials } = JSON.parse(await credentials());
  const call = (path: string, status: number) =>
    signed(account, {
      service: "execute-api",
      method: "GET",
      path: `/dev${path}`,
      headers: { Host: host },
      credentials: {
        accessKeyId: Credentials.AccessKeyId,
        secretAccessKey: Credentials.SecretKey,
        sessionToken: Credentials.SessionToken,
      },
      status,
    });
  return {
    token,
    page: cognito(account, "ListIdentities", { IdentityPoolId: pool.id, MaxResults: 60 }),
    credentials,
    call: call("/orders0/1", 200),
    unknown: call("/invoices/1", 403),
    delivery: async () => {
      deliver();
      return "";
    },
  };
}

/** Without a listener: what counts is the account's own work, and not that of sockets. */
function newAccount(): Account {
  // It stands still, so that what was signed once stays valid.
  const start = new Date();
  const rootCredentials = { accessKeyId: "AKIAROOT", secretAccessKey: "root" };
  return bareAccount({ now: () => start, rootCredentials, log: () => {} }).account;
}

interface SignedRequest {
  readonly service: string;
  /** @default POST */
  readonly method?: string;
  /** @default / */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** @default - the root user's */
  readonly credentials?: RequestSigner["credentials"];
  /** That it is answered with. @default 200 */
  readonly status?: number;
}

/** Signs a request once; what is returned sends it, as often as it is called. */
function signed(account: Account, request: SignedRequest): Send {
  const { service, method = "POST", path = "/", body = "", status = 200 } = request;
  const { headers } = sign(
    { service, region: REGION, host: "127.0.0.1", method, path, body, headers: { ...request.headers } },
    request.credentials ?? account.rootCredentials,
  );
  const rawHeaders = Object.entries(headers ?? {}).flatMap(([name, value]) => [name, String(value)]);
  return async () => {
    const message = new IncomingMessage(new Socket());
    Object.assign(message, { method, url: path, rawHeaders, httpVersionMajor: 1 });
    message.push(body);
    message.push(null);
    const answer = await handle(account, { message, askForBody: () => {} });
    if (answer.status !== status) {
      throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.body}`);
    }
    return String(answer.body);
  };
}

function cognito(account: Account, operation: string, input: object): Send {
  const headers = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": `AWSCognitoIdentityService.${operation}`,
  };
  return signed(account, { service: "cognito-identity", headers, body: JSON.stringify(input) });
}

const iam = (account: Account, input: Record<string, string>) =>
  signed(account, {
    service: "iam",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ Version: "2010-05-08", ...input }).toString(),
  })();

async function apiGateway(
  account: Account,
  path: string,
  input: object,
  { method = "POST", status = 201 } = {},
): Promise<{ id: string }> {
  const headers = { "Content-Type": "application/json" };
  const request = { service: "apigateway", method, path, headers, body: JSON.stringify(input), status };
  return JSON.parse(await signed(account, request)());
}

async function createPool(account: Account, identities: number): Promise<IdentityPool> {
  const { IdentityPoolId } = JSON.parse(
    await cognito(account, "CreateIdentityPool", {
      IdentityPoolName: "bench",
      AllowUnauthenticatedIdentities: false,
      DeveloperProviderName: PROVIDER,
    })(),
  );
  const pool = account.state.cognitoIdentity.pools[IdentityPoolId] as IdentityPool;
  for (let number = 0; number < identities; number += 1) {
    linkUser(account, pool, createIdentity(account, pool), userOf(number));
  }
  return pool;
}

const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });

async function createRole(account: Account, pool: IdentityPool, statements: number): Promise<Role> {
  await iam(account, {
    Action: "CreateRole",
    RoleName: ROLE,
    AssumeRolePolicyDocument: policy({
      Effect: "Allow",
      Principal: { Federated: COGNITO },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${COGNITO}:aud`]: pool.id } },
    }),
  });
  const grants = Array.from({ length: statements }, (_, number) => ({
    Effect: "Allow",
    Action: "execute-api:*",
    Resource: `arn:aws:execute-api:*:*:*/*/GET/orders${statements - 1 - number}/*`,
  }));
  await iam(account, {
    Action: "PutRolePolicy",
    RoleName: ROLE,
    PolicyName: "invoke",
    PolicyDocument: policy(...grants),
  });
  const role = account.state.iam.roles[ROLE] as Role;
  const roles = { IdentityPoolId: pool.id, Roles: { authenticated: role.arn } };
  await cognito(account, "SetIdentityPoolRoles", roles)();
  return role;
}

/** Deploys an API of MOCK methods and returns its host. */
async function deployApi(account: Account, routes: number): Promise<string> {
  const get = {
    security: [{ sigv4: [] }],
    responses: { 200: { description: "found" } },
    "x-amazon-apigateway-integration": {
      type: "mock",
      requestTemplates: { "application/json": '{"statusCode": 200}' },
      responses: { default: { statusCode: "200" } },
    },
  };
  const sigv4 = {
    type: "apiKey",
    name: "Authorization",
    in: "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
  };
  const { id } = await apiGateway(account, "/restapis?mode=import", {
    openapi: "3.0.1",
    info: { title: "bench", version: "1" },
    paths: Object.fromEntries(
      Array.from({ length: routes }, (_, number) => [`/orders${number}/{id}`, { get }]),
    ),
    components: { securitySchemes: { sigv4 } },
  });
  await apiGateway(account, `/restapis/${id}/deployments`, { stageName: "dev" });
  // With a clock that stands still the throttle's bucket isn't filled up again.
  const patchOperations = ["rate", "burst"].map((limit) => ({
    op: "replace",
    path: `/*/*/throttling/${limit}Limit`,
    value: "-1",
  }));
  await apiGateway(
    account,
    `/restapis/${id}/stages/dev`,
    { patchOperations },
    { method: "PATCH", status: 200 },
  );
  return `${id}.execute-api.${REGION}.amazonaws.com`;
}

/** Makes a log group and returns what writes a line to it. */
function fillLogs(account: Account, { streams = 0, events = 10_000 }: Scale): () => void {
  createGroup(account, "bench", { retentionInDays: 1 });
  const line = {
    timestamp: account.now().getTime(),
    message: "A line as a function writes it, with an id. ".repeat(2),
  };
  for (let number = 0; number < streams; number += 1) {
    const messages = Array.from({ length: events }, () => line);
    writeLogEvents(account, { group: "bench", stream: `${number}`, messages });
  }
  return () => writeLogEvents(account, { group: "bench", stream: "0", messages: [line] });
}
