/** Deploys the flow by plain SDK calls, whole or with a fault in it: what Terraform would make, in a tenth of the time. */
import { join } from "node:path";
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  CreateStageCommand,
  GetResourcesCommand,
  PutGatewayResponseCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { buildSync } from "esbuild";
import { zipSync } from "fflate";
import type { LocalAws } from "../local-aws";

const DEVELOPER_PROVIDER = "login.developer.example";
const STAGE = "dev";
const ALLOWED_ORIGIN = "https://app.example";
const GUEST_ROLE = "by-hand-unauthenticated";
export const FUNCTION = "by-hand-hello";
const FUNCTION_ROLE = "by-hand-function";
/** The first is granted to the authenticated role, the second to nobody. */
const ROUTES = ["hello", "restricted"] as const;

/** What is deployed otherwise than it should be. */
export interface DeploymentFaults {
  /** The authenticated role may not invoke anything. */
  readonly withoutInvokeGrant?: boolean;
  /** What the grant names below the API's ARN. @default "dev/GET/hello" */
  readonly grantedResource?: string;
  /** Statements besides the grant; `{api}` stands for the API's ARN. */
  readonly furtherGrants?: readonly object[];
  /** API Gateway may not invoke the function. */
  readonly withoutLambdaPermission?: boolean;
  /** The pool has no roles. */
  readonly withoutRolesAttachment?: boolean;
  /** The pool's guest role is the authenticated one. */
  readonly withGuestRole?: boolean;
  /** The pool gives identities to guests. */
  readonly guestsAllowed?: boolean;
  /** The pool gives identities and a role of their own to guests, and the outputs declare it. */
  readonly guestsDeclared?: boolean;
  readonly classicFlowAllowed?: boolean;
  /** The trust policy demands this audience. @default the pool */
  readonly trustedAudience?: string;
  /** The trust policy demands this `amr`. @default the developer provider */
  readonly trustedMethod?: string;
  /** What the trust policy allows. @default sts:AssumeRoleWithWebIdentity */
  readonly trustedAction?: string | readonly string[];
  /** Authorisation of `GET /hello`. @default AWS_IAM */
  readonly helloAuthorization?: "NONE";
  /** Authorisation of the preflights. @default NONE */
  readonly preflightAuthorization?: "AWS_IAM";
  /** The origin that preflights are answered with. @default the one in the outputs */
  readonly answeredOrigin?: string;
  /** The gateway's own errors carry no CORS headers. */
  readonly withoutErrorCors?: boolean;
  /** The stage's requests a second. @default not throttled */
  readonly throttled?: { readonly rate: number; readonly burst: number };
  /** The API is not deployed again after this route was added. */
  readonly undeployedRoute?: (typeof ROUTES)[number];
  /** Routes besides, e.g. `DELETE /orders/{id}`, each with its authorisation. */
  readonly furtherRoutes?: Readonly<Record<string, "NONE" | "AWS_IAM">>;
  /** Statements of the API's resource policy. @default it has none */
  readonly resourcePolicy?: readonly object[];
  /** What the guests' role may invoke, below the API's ARN. @default nothing */
  readonly grantedToGuests?: string;
  /** The function's handler, as JavaScript. @default the project's own function */
  readonly handler?: string;
}

/** Outputs under the names that the stacks give them. */
export interface DeploymentOutputs {
  readonly region: string;
  readonly identity_pool_id: string;
  readonly developer_provider_name: string;
  readonly authenticated_role_arn: string;
  /** Absent where guests have no role, or one that is not declared. */
  readonly unauthenticated_role_arn?: string;
  readonly invoke_url: string;
  readonly allowed_origin: string;
  /** What is to be, whatever the faults. */
  readonly access: string;
}

/** Deploys into the account and returns the outputs. */
export async function deployWithSdk(
  local: Pick<LocalAws, "region" | "endpoint" | "credentials" | "accountId">,
  faults: DeploymentFaults = {},
): Promise<DeploymentOutputs> {
  const { region, endpoint, credentials } = local;
  const connection = { region, endpoint, credentials };
  const clients = {
    cognito: new CognitoIdentityClient(connection),
    iam: new IAMClient(connection),
    lambda: new LambdaClient(connection),
    api: new APIGatewayClient(connection),
  };
  try {
    const pool = await createPool(clients.cognito, clients.iam, faults);
    const functionArn = await createFunction(clients.lambda, clients.iam, faults);
    await allowLogging(clients.iam, `arn:aws:logs:${region}:${local.accountId}`);
    const apiId = await createApi(clients.api, functionArn, region, faults);
    const apiArn = `arn:aws:execute-api:${region}:${local.accountId}:${apiId}`;
    if (!faults.withoutLambdaPermission) {
      await allowInvocation(clients.lambda, functionArn, apiArn, faults);
    }
    await grantHello(clients.iam, pool.roleName, apiArn, faults);
    if (faults.grantedToGuests !== undefined) {
      const Resource = `${apiArn}/${faults.grantedToGuests}`;
      const statement = { Effect: "Allow", Action: "execute-api:Invoke", Resource };
      await putPolicy(clients.iam, GUEST_ROLE, "invoke", policy(statement));
    }
    return {
      region,
      identity_pool_id: pool.id,
      developer_provider_name: DEVELOPER_PROVIDER,
      authenticated_role_arn: pool.roleArn,
      unauthenticated_role_arn: pool.guestRoleArn,
      invoke_url: `https://${apiId}.execute-api.${region}.amazonaws.com/${STAGE}`,
      allowed_origin: ALLOWED_ORIGIN,
      access: JSON.stringify({ "GET /hello": ["signed-in"], "GET /restricted": [] }),
    };
  } finally {
    for (const client of Object.values(clients)) {
      client.destroy();
    }
  }
}

async function createPool(cognito: CognitoIdentityClient, iam: IAMClient, faults: DeploymentFaults) {
  const { IdentityPoolId: id } = await cognito.send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: "by-hand",
      DeveloperProviderName: DEVELOPER_PROVIDER,
      AllowUnauthenticatedIdentities: faults.guestsAllowed ?? faults.guestsDeclared ?? false,
      AllowClassicFlow: faults.classicFlowAllowed ?? false,
    }),
  );
  const poolId = present(id);
  const roleName = "by-hand-authenticated";
  const roleArn = await createRole(iam, roleName, {
    audience: faults.trustedAudience ?? poolId,
    method: faults.trustedMethod ?? DEVELOPER_PROVIDER,
    action: faults.trustedAction,
  });
  const guestRoleArn = faults.guestsDeclared
    ? await createRole(iam, GUEST_ROLE, { audience: poolId, method: "unauthenticated" })
    : undefined;
  if (!faults.withoutRolesAttachment) {
    const unauthenticated = faults.withGuestRole ? roleArn : guestRoleArn;
    await cognito.send(
      new SetIdentityPoolRolesCommand({
        IdentityPoolId: id,
        Roles: { authenticated: roleArn, ...(unauthenticated === undefined ? {} : { unauthenticated }) },
      }),
    );
  }
  return { id: poolId, roleName, roleArn, guestRoleArn };
}

interface PoolTrust {
  readonly audience: string;
  /** What `amr` has to hold. */
  readonly method: string;
  /** @default sts:AssumeRoleWithWebIdentity */
  readonly action?: string | readonly string[];
}

/** Creates a role for a pool's callers; returns its ARN. */
async function createRole(iam: IAMClient, name: string, trust: PoolTrust): Promise<string> {
  const { Role: role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: policy({
        Effect: "Allow",
        Principal: { Federated: "cognito-identity.amazonaws.com" },
        Action: trust.action ?? "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { "cognito-identity.amazonaws.com:aud": trust.audience },
          "ForAnyValue:StringEquals": { "cognito-identity.amazonaws.com:amr": trust.method },
        },
      }),
    }),
  );
  return present(role?.Arn);
}

async function createFunction(
  lambda: LambdaClient,
  iam: IAMClient,
  { handler }: DeploymentFaults,
): Promise<string> {
  const { Role: role } = await iam.send(
    new CreateRoleCommand({
      RoleName: FUNCTION_ROLE,
      AssumeRolePolicyDocument: policy({
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
      }),
    }),
  );
  const code = handler === undefined ? bundledFunction() : Buffer.from(handler);
  const { FunctionArn: functionArn } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: FUNCTION,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: present(role?.Arn),
      Code: { ZipFile: zipSync({ "index.js": code }) },
      Environment: { Variables: { DEVELOPER_PROVIDER_NAME: DEVELOPER_PROVIDER, ALLOWED_ORIGIN } },
    }),
  );
  await waitUntilFunctionActiveV2(
    { client: lambda, maxWaitTime: 10, minDelay: 0.1, maxDelay: 1 },
    { FunctionName: functionArn },
  );
  return present(functionArn);
}

let bundled: Uint8Array | undefined;

/** Bundles the project's own function, once. */
function bundledFunction(): Uint8Array {
  bundled ??= bundle();
  return bundled;
}

function bundle(): Uint8Array {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, "../functions/hello.ts")],
    bundle: true,
    platform: "node",
    write: false,
  });
  return present(outputFiles[0]).contents;
}

async function createApi(
  api: APIGatewayClient,
  functionArn: string,
  region: string,
  faults: DeploymentFaults,
): Promise<string> {
  const { id } = await api.send(
    new CreateRestApiCommand({
      name: "by-hand",
      policy: faults.resourcePolicy === undefined ? undefined : policy(...faults.resourcePolicy),
    }),
  );
  const restApiId = present(id);
  const { items = [] } = await api.send(new GetResourcesCommand({ restApiId }));
  const ids = new Map(items.map((resource) => [resource.path, resource.id]));
  /** Makes the path's resource, and those above it, unless they are there. */
  const resourceAt = async (path: string): Promise<string> => {
    const above = path.slice(0, path.lastIndexOf("/"));
    const known = ids.get(path);
    if (known !== undefined) {
      return known;
    }
    const parentId = above === "" ? ids.get("/") : await resourceAt(above);
    const pathPart = path.slice(above.length + 1);
    const made = await api.send(new CreateResourceCommand({ restApiId, parentId, pathPart }));
    ids.set(path, made.id);
    return present(made.id);
  };
  const addRoute = async (pathPart: (typeof ROUTES)[number]) => {
    const authorization = pathPart === "hello" ? (faults.helloAuthorization ?? "AWS_IAM") : "AWS_IAM";
    const route = await addMethod("GET", `/${pathPart}`, authorization);
    await addPreflight(api, { ...route, httpMethod: "OPTIONS" }, faults);
  };
  const addMethod = async (httpMethod: string, path: string, authorizationType: "NONE" | "AWS_IAM") => {
    const route = { restApiId, resourceId: await resourceAt(path), httpMethod };
    await api.send(new PutMethodCommand({ ...route, authorizationType }));
    await api.send(
      new PutIntegrationCommand({
        ...route,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
      }),
    );
    return route;
  };

  const late = faults.undeployedRoute;
  for (const route of ROUTES.filter((route) => route !== late)) {
    await addRoute(route);
  }
  for (const [route, authorization] of Object.entries(faults.furtherRoutes ?? {})) {
    const [method = "", path = ""] = route.split(" ");
    await addMethod(method, path, authorization);
  }
  if (!faults.withoutErrorCors) {
    await api.send(
      new PutGatewayResponseCommand({
        restApiId,
        responseType: "DEFAULT_4XX",
        responseParameters: {
          "gatewayresponse.header.Access-Control-Allow-Origin": `'${ALLOWED_ORIGIN}'`,
        },
      }),
    );
  }
  const { id: deploymentId } = await api.send(new CreateDeploymentCommand({ restApiId }));
  await api.send(new CreateStageCommand({ restApiId, deploymentId, stageName: STAGE }));
  if (faults.throttled !== undefined) {
    await throttle(api, restApiId, faults.throttled);
  }
  if (late !== undefined) {
    await addRoute(late);
  }
  return restApiId;
}

async function addPreflight(
  api: APIGatewayClient,
  route: { restApiId: string; resourceId: string; httpMethod: string },
  { preflightAuthorization, answeredOrigin = ALLOWED_ORIGIN }: DeploymentFaults,
): Promise<void> {
  const headers = {
    "method.response.header.Access-Control-Allow-Headers": "Authorization,X-Amz-Date,X-Amz-Security-Token",
    "method.response.header.Access-Control-Allow-Methods": "GET,OPTIONS",
    "method.response.header.Access-Control-Allow-Origin": answeredOrigin,
  };
  await api.send(new PutMethodCommand({ ...route, authorizationType: preflightAuthorization ?? "NONE" }));
  await api.send(
    new PutIntegrationCommand({
      ...route,
      type: "MOCK",
      requestTemplates: { "application/json": '{"statusCode": 200}' },
    }),
  );
  await api.send(
    new PutMethodResponseCommand({
      ...route,
      statusCode: "200",
      responseParameters: Object.fromEntries(Object.keys(headers).map((name) => [name, true])),
    }),
  );
  await api.send(
    new PutIntegrationResponseCommand({
      ...route,
      statusCode: "200",
      responseParameters: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, `'${value}'`]),
      ),
    }),
  );
}

async function throttle(
  api: APIGatewayClient,
  restApiId: string,
  { rate, burst }: { rate: number; burst: number },
): Promise<void> {
  await api.send(
    new UpdateStageCommand({
      restApiId,
      stageName: STAGE,
      patchOperations: [
        { op: "replace", path: "/*/*/throttling/rateLimit", value: String(rate) },
        { op: "replace", path: "/*/*/throttling/burstLimit", value: String(burst) },
      ],
    }),
  );
}

async function allowInvocation(
  lambda: LambdaClient,
  functionArn: string,
  apiArn: string,
  { furtherRoutes = {} }: DeploymentFaults,
): Promise<void> {
  const paths = Object.keys(furtherRoutes).map((route) =>
    route.replace(/ |\{[^}]*\}/g, (part) => (part === " " ? "" : "*")).replace(/^ANY/, "*"),
  );
  for (const [index, path] of [...ROUTES.map((route) => `GET/${route}`), ...paths].entries()) {
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: functionArn,
        StatementId: `route-${index + 1}`,
        Action: "lambda:InvokeFunction",
        Principal: "apigateway.amazonaws.com",
        SourceArn: `${apiArn}/${STAGE}/${path}`,
      }),
    );
  }
}

/** Nobody declares the function's log group, so that its role may make it. */
async function allowLogging(iam: IAMClient, logs: string): Promise<void> {
  const statement = {
    Effect: "Allow",
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: `${logs}:log-group:/aws/lambda/${FUNCTION}:*`,
  };
  await putPolicy(iam, FUNCTION_ROLE, "logging", policy(statement));
}

async function grantHello(
  iam: IAMClient,
  roleName: string,
  apiArn: string,
  faults: DeploymentFaults,
): Promise<void> {
  const grant = {
    Effect: "Allow",
    Action: "execute-api:Invoke",
    Resource: `${apiArn}/${faults.grantedResource ?? `${STAGE}/GET/${ROUTES[0]}`}`,
  };
  const statements = [...(faults.withoutInvokeGrant ? [] : [grant]), ...(faults.furtherGrants ?? [])];
  if (statements.length === 0) {
    return;
  }
  await putPolicy(iam, roleName, "invoke", policy(...statements).replaceAll("{api}", apiArn));
}

async function putPolicy(
  iam: IAMClient,
  RoleName: string,
  PolicyName: string,
  PolicyDocument: string,
): Promise<void> {
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
}

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

function present<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("The service's answer lacks a member that the deployment needs.");
  }
  return value;
}
