/** Deploys APIs by SDK calls and talks to them over HTTP, the paths exactly as given. */
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  type CreateRestApiCommandInput,
  CreateStageCommand,
  GetResourcesCommand,
  PutIntegrationCommand,
  type PutIntegrationCommandInput,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  type PutMethodCommandInput,
  PutMethodResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { sign } from "aws4";
import { Pool } from "undici";
import { type LocalAws, type LocalAwsOptions, startLocalAws } from "../../local-aws";
import { zipOf } from "./zip";

export const STAGE = "dev";

export const IAM = { authorizationType: "AWS_IAM" };

export const MOCK = {
  type: "MOCK" as const,
  requestTemplates: { "application/json": '{"statusCode": 200}' },
};

type Method = Omit<PutMethodCommandInput, "restApiId" | "resourceId" | "httpMethod">;
type Integration = Omit<PutIntegrationCommandInput, "restApiId" | "resourceId" | "httpMethod">;

/** What stands behind `VERB /path`. */
export interface RouteDefinition {
  readonly method?: Partial<Method>;
  readonly integration: Integration;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly text: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ApiRequest {
  readonly method?: string;
  /** Behind the stage, with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Signs the request with them. */
  readonly credentials?: Credentials;
  /** Signs in the query in place of the header. */
  readonly presign?: boolean;
  /** What the signature is for. @default execute-api in the account's region */
  readonly scope?: { readonly service?: string; readonly region?: string };
  /** Changes the signed request before it is sent. */
  readonly tamper?: (headers: Record<string, string>) => void;
  /** @default dev */
  readonly stage?: string;
}

/** What tells one refusal from another: the status, the error type, the body. */
export function refusal({ status, headers, text }: Answer): [number, unknown, unknown] {
  return [status, headers["x-amzn-errortype"], JSON.parse(text)];
}

export const MISSING_TOKEN = [
  403,
  "MissingAuthenticationTokenException",
  { message: "Missing Authentication Token" },
];

export const INTERNAL_ERROR = { message: "Internal server error" };

export class ApiClient {
  readonly gateway: APIGatewayClient;
  readonly lambda: LambdaClient;
  readonly #iam: IAMClient;
  readonly #pool: Pool;

  private constructor(
    readonly aws: LocalAws,
    /** Milliseconds that the account's clock is ahead of the machine's. */
    readonly clock: { ahead: number },
  ) {
    const connection = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
    this.gateway = new APIGatewayClient(connection);
    this.lambda = new LambdaClient(connection);
    this.#iam = new IAMClient(connection);
    this.#pool = new Pool(aws.endpoint);
  }

  /** Starts an account of its own. */
  static async start(options: LocalAwsOptions = {}): Promise<ApiClient> {
    const clock = { ahead: 0 };
    const now = () => new Date(Date.now() + clock.ahead);
    return new ApiClient(await startLocalAws({ now, ...options }), clock);
  }

  async stop(): Promise<void> {
    for (const client of [this.gateway, this.lambda, this.#iam]) {
      client.destroy();
    }
    await this.#pool.close();
    await this.aws.stop();
  }

  host(apiId: string): string {
    return `${apiId}.execute-api.${this.aws.region}.amazonaws.com`;
  }

  invokeArn(apiId: string, route: string): string {
    return `arn:aws:execute-api:${this.aws.region}:${this.aws.accountId}:${apiId}/${STAGE}/${route}`;
  }

  /** An API with routes by `VERB /path`; nothing is deployed yet. */
  async createApi(
    routes: Readonly<Record<string, RouteDefinition>>,
    settings: Partial<CreateRestApiCommandInput> = {},
  ): Promise<string> {
    const { id, rootResourceId } = await this.gateway.send(
      new CreateRestApiCommand({
        name: "test",
        endpointConfiguration: { types: ["REGIONAL"] },
        ...settings,
      }),
    );
    const restApiId = id as string;
    const resources = new Map([["", rootResourceId as string]]);
    for (const [route, definition] of Object.entries(routes)) {
      const [httpMethod = "", path = ""] = route.split(" ");
      const resourceId = await this.#resource(restApiId, resources, path === "/" ? "" : path);
      const address = { restApiId, resourceId, httpMethod };
      await this.gateway.send(
        new PutMethodCommand({ ...address, authorizationType: "NONE", ...definition.method }),
      );
      await this.gateway.send(new PutIntegrationCommand({ ...address, ...definition.integration }));
    }
    return restApiId;
  }

  async resourceId(restApiId: string, path: string): Promise<string> {
    const { items = [] } = await this.gateway.send(new GetResourcesCommand({ restApiId, limit: 500 }));
    return items.find((resource) => resource.path === path)?.id as string;
  }

  /** Makes 200 the MOCK method's only answer, with headers from these mapping expressions. */
  async answerWith(
    restApiId: string,
    route: { resourceId: string; httpMethod: string },
    headers: Readonly<Record<string, string>>,
    responseTemplates?: Record<string, string>,
  ): Promise<void> {
    const ok = { restApiId, ...route, statusCode: "200" };
    const mapped = Object.entries(headers).map(([name, value]) => [`method.response.header.${name}`, value]);
    const declared = Object.fromEntries(mapped.map(([name]) => [name, false]));
    await this.gateway.send(new PutMethodResponseCommand({ ...ok, responseParameters: declared }));
    await this.gateway.send(
      new PutIntegrationResponseCommand({
        ...ok,
        responseParameters: Object.fromEntries(mapped),
        responseTemplates,
      }),
    );
  }

  /** Deploys what the API is now, under the stage `dev`. */
  async deploy(restApiId: string, variables?: Record<string, string>): Promise<void> {
    const { id: deploymentId } = await this.gateway.send(
      new CreateDeploymentCommand({ restApiId, stageName: "" }),
    );
    await this.gateway.send(new CreateStageCommand({ restApiId, deploymentId, stageName: STAGE, variables }));
  }

  /**
   * A function from CommonJS source that exports `handler`; returns its ARN.
   *
   * @param timeout seconds. @default - Lambda's
   */
  async createFunction(name: string, source: string, timeout?: number): Promise<string> {
    const trust = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    };
    const { Role: role } = await this.#iam.send(
      new CreateRoleCommand({
        RoleName: `${name}-function`,
        AssumeRolePolicyDocument: JSON.stringify(trust),
      }),
    );
    await this.lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: role?.Arn,
        Timeout: timeout,
        Code: { ZipFile: zipOf({ "index.js": source }) },
      }),
    );
    await waitUntilFunctionActiveV2({ client: this.lambda, maxWaitTime: 10 }, { FunctionName: name });
    return this.lambdaArn(name);
  }

  lambdaArn(name: string): string {
    return `arn:aws:lambda:${this.aws.region}:${this.aws.accountId}:function:${name}`;
  }

  /** Lets API Gateway invoke the function for `STAGE/VERB/path`. */
  async permit(name: string, apiId: string, route: string): Promise<void> {
    await this.lambda.send(
      new AddPermissionCommand({
        FunctionName: name,
        StatementId: `${apiId}-${route.replace(/[^A-Za-z0-9]/g, "_")}`,
        Action: "lambda:InvokeFunction",
        Principal: "apigateway.amazonaws.com",
        SourceArn: this.invokeArn(apiId, route),
      }),
    );
  }

  proxyTo(functionArn: string): Integration {
    const uri = `arn:aws:apigateway:${this.aws.region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
    return { type: "AWS_PROXY", integrationHttpMethod: "POST", uri };
  }

  async call(apiId: string, request: ApiRequest): Promise<Answer> {
    const { method = "GET", stage = STAGE, body, credentials, presign: signQuery, scope, tamper } = request;
    const unsigned = {
      method,
      host: this.host(apiId),
      path: `/${stage}${request.path}`,
      headers: { Host: this.host(apiId), ...request.headers },
      body,
      signQuery,
      service: scope?.service ?? "execute-api",
      region: scope?.region ?? this.aws.region,
    };
    const signed = credentials ? sign(unsigned, credentials) : unsigned;
    const headers = Object.fromEntries(
      Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    tamper?.(headers);
    const answer = await this.#pool.request({
      method: method as "GET",
      path: signed.path as string,
      headers,
      body,
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, headers: answer.headers, body: bytes, text: bytes.toString() };
  }

  async #resource(restApiId: string, resources: Map<string, string>, path: string): Promise<string> {
    const known = resources.get(path);
    if (known !== undefined) {
      return known;
    }
    const slash = path.lastIndexOf("/");
    const parentId = await this.#resource(restApiId, resources, path.slice(0, slash));
    const { id } = await this.gateway.send(
      new CreateResourceCommand({ restApiId, parentId, pathPart: path.slice(slash + 1) }),
    );
    resources.set(path, id as string);
    return id as string;
  }
}
