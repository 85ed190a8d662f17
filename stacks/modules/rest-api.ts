// A regional REST API in front of Lambda functions, with every route signed (AWS_IAM) unless it says otherwise.
// The file stands alone: copy it.
import { ApiGatewayDeployment } from "@cdktf/provider-aws/lib/api-gateway-deployment";
import { ApiGatewayMethodSettings } from "@cdktf/provider-aws/lib/api-gateway-method-settings";
import { ApiGatewayRestApi } from "@cdktf/provider-aws/lib/api-gateway-rest-api";
import { ApiGatewayStage } from "@cdktf/provider-aws/lib/api-gateway-stage";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Fn, TerraformLocal, Token } from "cdktf";
import { Construct } from "constructs";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "ANY"] as const;

/** A route's method. OPTIONS is missing: it belongs to CORS. */
export type RouteMethod = (typeof METHODS)[number];

const AUTHORIZATIONS = ["AWS_IAM", "NONE"] as const;

/** One method on one path, answered by a function. */
export interface Route {
  readonly method: RouteMethod;

  /** Begins with `/`. A segment may be a parameter, `{name}`; the last may take all that follows, `{name+}`. */
  readonly path: string;

  /** The function that answers, by its name and the URI under which API Gateway invokes it. */
  readonly function: { readonly functionName: string; readonly invokeArn: string };

  /**
   * Who may call: holders of AWS credentials that allow `execute-api:Invoke`, or anyone.
   *
   * @default "AWS_IAM"
   */
  readonly authorization?: (typeof AUTHORIZATIONS)[number];
}

/** What an API needs to know. */
export interface RestApiProps {
  /** Name of the API. */
  readonly name: string;

  /** Name of its one stage, the first segment of every URL: 1 to 128 letters, digits, hyphens and underscores. */
  readonly stageName: string;

  /** What the API answers. */
  readonly routes: readonly Route[];

  /**
   * The one origin (`https://host`) whose pages may read the answers, or `*`. The functions must send
   * `Access-Control-Allow-Origin` themselves; this covers the preflight and the gateway's own errors.
   *
   * @default - no CORS: no OPTIONS methods, and browsers can't call the API from another origin
   */
  readonly allowedOrigin?: string;

  /**
   * Requests per second that each method serves in the long run; more are answered with 429.
   *
   * @default 50
   */
  readonly throttlingRateLimit?: number;

  /**
   * Requests that each method serves at once after a quiet time.
   *
   * @default 100
   */
  readonly throttlingBurstLimit?: number;

  /**
   * A line of JSON for every request, refused ones too, in the log group `/aws/apigateway/NAME`. API Gateway writes it
   * as the role that `aws_api_gateway_account` names, one for the whole account and region and so not declared here:
   * without it AWS refuses the stage with "CloudWatch Logs role ARN must be set in account settings".
   *
   * @default - none
   */
  readonly accessLogs?: {
    /**
     * Days for which lines are kept; one of the numbers that CloudWatch Logs accepts.
     *
     * @default 30
     */
    readonly retentionDays?: number;

    /**
     * ARN of the KMS key that encrypts the log group; its key policy must admit CloudWatch Logs.
     * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
     *
     * @default - the key of CloudWatch Logs
     */
    readonly kmsKeyArn?: string;
  };

  /**
   * Whether the stage samples requests for X-Ray.
   *
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * TLS policy of the API's own host name, e.g. `SecurityPolicy_TLS13_1_3_2025_09`. Provider 6.53 or later.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html
   *
   * @default - API Gateway's default, `TLS_1_0`
   */
  readonly securityPolicy?: string;

  /**
   * What AWS demands beside a policy that begins with `SecurityPolicy_`: `STRICT` refuses requests whose TLS host name
   * isn't the API's. AWS advises to go by `BASIC` first with an API that is in use. Only with `securityPolicy`.
   *
   * @default "STRICT" for a policy that begins with `SecurityPolicy_`
   */
  readonly endpointAccessMode?: "BASIC" | "STRICT";

  /**
   * Resource policy (JSON) of the API. It can't name the API, whose id it would have to wait for; a policy only ever
   * concerns the API that carries it, so put an asterisk for the id into its ARNs: `arn:aws:execute-api:REGION:ACCOUNT:*`
   * and what follows.
   *
   * @default - none: who may call is decided by the caller's own policies
   */
  readonly policy?: string;

  /**
   * Tags of the API, its stage and its log group, beside the provider's own.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}

// A browser asks leave for each of these before it sends a request signed with Signature Version 4; the last two come
// from clients that AWS publishes: its SDKs, and those that API Gateway generates.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
const SIGNED_REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "X-Amz-Content-Sha256",
  "X-Amz-Date",
  "X-Amz-Security-Token",
  "X-Amz-User-Agent",
  "X-Api-Key",
].join(",");

/** What a page needs to read in order to tell the gateway's refusals apart and to report them. */
const EXPOSED_HEADERS = "x-amzn-ErrorType,x-amzn-RequestId";

/** How long a browser may remember a preflight's answer, in seconds. */
const PREFLIGHT_MAX_AGE = 600;

// "/", or segments of [A-Za-z0-9._-:], {name}; {name+} only as the last.
// API reference: API Gateway CreateResource, pathPart
const PATH = /^\/$|^(\/([\w.:-]+|\{[\w.-]+\}))*(\/([\w.:-]+|\{[\w.-]+\+?\}))$/;

// API reference: API Gateway CreateStage, stageName
const STAGE_NAME = /^[\w-]{1,128}$/;

// It ends up inside a quoted literal of API Gateway, so only characters of an origin may pass.
const ORIGIN = /^(\*|https?:\/\/[A-Za-z0-9.:[\]-]+)$/;

/** What an access log says of a request: whom to ask about it, never a key or a signature. */
const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: "$context.requestId",
  time: "$context.requestTime",
  identityId: "$context.identity.cognitoIdentityId",
  sourceIp: "$context.identity.sourceIp",
  method: "$context.httpMethod",
  path: "$context.path",
  resourcePath: "$context.resourcePath",
  status: "$context.status",
  errorType: "$context.error.responseType",
  responseLength: "$context.responseLength",
  latency: "$context.responseLatency",
});

/**
 * A REST API whose stage serves exactly the declared routes after one apply. Its routes, their authorisation and CORS
 * are one OpenAPI document, which API Gateway takes as a whole, so that a route that is added, removed or renamed is
 * one call however many routes there are; an apply without such a change deploys nothing.
 *
 * Terraform sends the document and never reads it back: a plan doesn't see a route that somebody changed by hand. It is
 * undone by the next change of the routes, and not served before somebody deploys it.
 *
 * Don't put an `aws_api_gateway_rest_api_policy` beside it, which is lost whenever the routes change; there is `policy`.
 * https://github.com/hashicorp/terraform-provider-aws/issues/49672
 *
 * @example
 * import { NodeFunction } from "#modules/node-function";
 * import { RestApi } from "#modules/rest-api";
 * import type { TerraformStack } from "cdktf";
 *
 * export function declareOrders(stack: TerraformStack): string {
 *   const orders = new NodeFunction(stack, "orders", { name: "shop-prod-orders", entry: "functions/orders.ts" });
 *   const api = new RestApi(stack, "api", {
 *     name: "shop-prod",
 *     stageName: "prod",
 *     allowedOrigin: "https://shop.example",
 *     routes: [
 *       { method: "GET", path: "/orders/{id}", function: orders },
 *       { method: "GET", path: "/health", function: orders, authorization: "NONE" },
 *     ],
 *   });
 *   return api.arnForRoute("GET", "/orders/{id}");
 * }
 */
export class RestApi extends Construct {
  /** Id of the API. */
  readonly restApiId: string;
  /** URL of the stage, without a slash at its end. */
  readonly invokeUrl: string;
  /** `arn:aws:execute-api:REGION:ACCOUNT:API`; stage, method and path follow it. */
  readonly executionArn: string;

  private readonly stageName: string;
  private readonly routes: readonly Route[];

  /** @throws RangeError with everything that is wrong with the props */
  constructor(scope: Construct, id: string, props: RestApiProps) {
    super(scope, id);
    checkProps(id, props);
    const api = createApi(this, props);
    this.restApiId = api.id;
    this.executionArn = api.executionArn;
    this.stageName = props.stageName;
    this.routes = props.routes;

    const deployment = createDeployment(this, api);
    const permissions = allowInvocation(this, props, this.executionArn, (route) =>
      this.arnForRoute(route.method, route.path),
    );
    const stage = createStage(this, api, deployment, permissions, props);

    this.invokeUrl = stage.invokeUrl;
  }

  /**
   * The `execute-api` ARN of a route, for a policy that grants `execute-api:Invoke`. A parameter becomes `*`, and
   * so does the method ANY; in policies `*` also matches `/`.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
   *
   * @throws RangeError when the API has no such route, naming those it has
   */
  arnForRoute(method: RouteMethod, path: string): string {
    if (!this.routes.some((route) => route.method === method && route.path === path)) {
      const known = this.routes.map(nameOf).join(", ");
      throw new RangeError(`No route ${method} ${path} in this API. Its routes: ${known}`);
    }
    const verb = method === "ANY" ? "*" : method;
    return `${this.executionArn}/${this.stageName}/${verb}${path.replace(/\{[^}]+\}/g, "*")}`;
  }
}

function nameOf(route: Route): string {
  return `${route.method} ${route.path}`;
}

/** Refuses at synth what API Gateway would refuse half-way through a deployment, or silently read differently. */
function checkProps(id: string, props: RestApiProps): void {
  const problems = [...settingProblems(props), ...routeProblems(props.routes)];
  if (problems.length > 0) {
    throw new RangeError(
      `RestApi "${id}" cannot be declared:\n${problems.map((one) => `  ${one}`).join("\n")}`,
    );
  }
}

function settingProblems(props: RestApiProps): string[] {
  const { stageName, allowedOrigin, securityPolicy, endpointAccessMode } = props;
  const problems: string[] = [];
  if (!STAGE_NAME.test(stageName)) {
    problems.push(
      `stageName ${JSON.stringify(stageName)}: give 1 to 128 letters, digits, hyphens and underscores, known at synth`,
    );
  }
  if (allowedOrigin !== undefined && !Token.isUnresolved(allowedOrigin) && !ORIGIN.test(allowedOrigin)) {
    problems.push(
      `allowedOrigin ${JSON.stringify(allowedOrigin)}: give https://host[:port] without a path, or *`,
    );
  }
  for (const name of ["throttlingRateLimit", "throttlingBurstLimit"] as const) {
    const limit = props[name] ?? 0;
    if (!Token.isUnresolved(limit) && !(limit >= 0)) {
      problems.push(`${name} ${limit}: give 0 or more`);
    }
  }
  if (endpointAccessMode !== undefined && securityPolicy === undefined) {
    problems.push("endpointAccessMode: give a securityPolicy as well");
  }
  return problems;
}

function routeProblems(routes: readonly Route[]): string[] {
  if (routes.length === 0) {
    return ["routes: an API needs at least one"];
  }
  const problems: string[] = [];
  const seen = new Set<string>();
  /** By the path before it: one place in a path has one parameter, whatever routes pass through it. */
  const parameters = new Map<string, string>();
  for (const route of routes) {
    const name = nameOf(route);
    if (!METHODS.includes(route.method)) {
      problems.push(`route ${name}: the method must be one of ${METHODS.join(", ")}`);
    }
    if (!AUTHORIZATIONS.includes(route.authorization ?? "AWS_IAM")) {
      problems.push(`route ${name}: the authorization must be one of ${AUTHORIZATIONS.join(", ")}`);
    }
    if (!PATH.test(route.path)) {
      problems.push(
        `route ${name}: the path must begin with "/", have no "/" at its end, and consist of segments such as orders, {id} or, at the end, {rest+}`,
      );
    }
    if (seen.has(name)) {
      problems.push(`route ${name} is there twice: remove one`);
    }
    seen.add(name);
    for (const { before, parameter } of parametersOf(route.path)) {
      const known = parameters.get(before) ?? parameter;
      if (known !== parameter) {
        problems.push(
          `route ${name}: ${parameter} and ${known} stand at the same place; use one name for both`,
        );
      }
      parameters.set(before, known);
    }
  }
  return problems;
}

/** `/a/{b}` has the parameter `{b}` after `/a/`. */
function parametersOf(path: string): { before: string; parameter: string }[] {
  return [...path.matchAll(/\{[^}]*\}/g)].map(({ 0: parameter, index }) => ({
    before: path.slice(0, index),
    parameter,
  }));
}

// How a document says AWS_IAM, once as a security scheme (so API Gateway exports it) and once as an extension.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-auth.html
const SIGV4 = "sigv4";
const SIGV4_SCHEME = {
  type: "apiKey",
  name: "Authorization",
  in: "header",
  "x-amazon-apigateway-authtype": "awsSigv4",
};

/**
 * The API as API Gateway imports it. Paths are in order, so that the order of the routes changes nothing.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
function openApiDocument({ name, routes, allowedOrigin }: RestApiProps): Record<string, unknown> {
  const paths = [...new Set(routes.map((route) => route.path))].sort().map((path) => {
    const onPath = METHODS.flatMap((method) =>
      routes.filter((one) => one.path === path && one.method === method),
    );
    const operations = onPath.map((route) => [operationKey(route.method), operationOf(route)]);
    const preflight = allowedOrigin === undefined ? [] : [["options", preflightOf(onPath, allowedOrigin)]];
    return [path, Object.fromEntries([...operations, ...preflight])];
  });
  return {
    openapi: "3.0.1",
    info: { title: name, version: "1.0" },
    paths: Object.fromEntries(paths),
    components: { securitySchemes: { [SIGV4]: SIGV4_SCHEME } },
    ...(allowedOrigin === undefined
      ? {}
      : { "x-amazon-apigateway-gateway-responses": errorResponses(allowedOrigin) }),
  };
}

function operationKey(method: RouteMethod): string {
  return method === "ANY" ? "x-amazon-apigateway-any-method" : method.toLowerCase();
}

function operationOf({ function: { invokeArn }, authorization = "AWS_IAM" }: Route): object {
  return {
    responses: {},
    ...(authorization === "AWS_IAM" ? { security: [{ [SIGV4]: [] }] } : {}),
    "x-amazon-apigateway-auth": { type: authorization },
    "x-amazon-apigateway-integration": {
      type: "aws_proxy",
      // How API Gateway calls Lambda, whatever the route's own method is.
      httpMethod: "POST",
      uri: invokeArn,
      passthroughBehavior: "when_no_match",
    },
  };
}

/** What a browser asks before it sends a signed request. */
function preflightOf(routes: readonly Route[], allowedOrigin: string): object {
  const methods = routes.map((route) => route.method);
  const allowed = METHODS.filter(
    (method) => method !== "ANY" && (methods.includes("ANY") || methods.includes(method)),
  );
  const headers = {
    "Access-Control-Allow-Headers": SIGNED_REQUEST_HEADERS,
    "Access-Control-Allow-Methods": [...allowed, "OPTIONS"].join(","),
    "Access-Control-Allow-Origin": allowedOrigin,
    "Access-Control-Max-Age": String(PREFLIGHT_MAX_AGE),
  };
  const declared = Object.keys(headers).map((name) => [name, { schema: { type: "string" } }]);
  return {
    responses: { "200": { description: "Preflight", headers: Object.fromEntries(declared) } },
    // NONE, for browsers don't sign preflights: behind AWS_IAM every call from a page would fail.
    "x-amazon-apigateway-auth": { type: "NONE" },
    "x-amazon-apigateway-integration": {
      type: "mock",
      passthroughBehavior: "when_no_match",
      requestTemplates: { "application/json": JSON.stringify({ statusCode: 200 }) },
      responses: {
        default: { statusCode: "200", responseParameters: literals("method.response.header", headers) },
      },
    },
  };
}

/** Without these headers a page sees an opaque network error in place of the gateway's 403 or 500. */
function errorResponses(allowedOrigin: string): object {
  const response = {
    responseParameters: literals("gatewayresponse.header", {
      "Access-Control-Allow-Origin": allowedOrigin,
      "Access-Control-Expose-Headers": EXPOSED_HEADERS,
    }),
    // API Gateway's own default.
    responseTemplates: { "application/json": '{"message":$context.error.messageString}' },
  };
  return { DEFAULT_4XX: response, DEFAULT_5XX: response };
}

/** Header parameters with fixed values, which API Gateway wants in single quotes. */
function literals(prefix: string, headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [`${prefix}.${name}`, `'${value}'`]),
  );
}

function createApi(scope: Construct, props: RestApiProps): ApiGatewayRestApi {
  const { name, policy, securityPolicy, tags } = props;
  const document = openApiDocument(props);
  // API Gateway passes over it: with it every change that is deployed changes the document, so that what a deployment
  // freezes was put there just before, whatever became of the API meanwhile.
  if (policy !== undefined) {
    document["x-resource-policy"] = Fn.sha256(new TerraformLocal(scope, "policy", policy).asString);
  }
  const api = new ApiGatewayRestApi(scope, "api", {
    name,
    endpointConfiguration: { types: ["REGIONAL"] },
    body: JSON.stringify(document),
    policy,
    tags: tags && { ...tags },
  });
  if (securityPolicy !== undefined) {
    const mode =
      props.endpointAccessMode ?? (securityPolicy.startsWith("SecurityPolicy_") ? "STRICT" : undefined);
    // Overrides, since the bindings of 6.25, against which this is typed, don't have them.
    api.addOverride("security_policy", securityPolicy);
    if (mode !== undefined) {
      api.addOverride("endpoint_access_mode", mode);
    }
  }
  return api;
}

function createDeployment(scope: Construct, api: ApiGatewayRestApi): ApiGatewayDeployment {
  return new ApiGatewayDeployment(scope, "deployment", {
    restApiId: api.id,
    // With the values behind all references, and with what was changed after this constructor.
    triggers: { body: Fn.sha256(api.body) },
    lifecycle: { createBeforeDestroy: true },
  });
}

/**
 * The largest resource policy of a function, in bytes, and what a permission takes of it beside the route in its ARN.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const FUNCTION_POLICY = { limit: 20_480, permission: 450 };

/**
 * API Gateway may call each function for its own routes and nothing else. A function whose policy couldn't hold a
 * permission for each of its routes has one for the whole stage.
 */
function allowInvocation(
  scope: Construct,
  { routes, stageName }: RestApiProps,
  executionArn: string,
  arnOf: (route: Route) => string,
): LambdaPermission[] {
  const permit = (id: string, functionName: string, sourceArn: string) =>
    new LambdaPermission(scope, id, {
      action: "lambda:InvokeFunction",
      functionName,
      principal: "apigateway.amazonaws.com",
      sourceArn,
      // Then Terraform takes it away only after the stage: a removed route may be invoked until it is no longer served.
      lifecycle: { createBeforeDestroy: true },
    });
  const functionNames = [...new Set(routes.map((route) => route.function.functionName))];
  return functionNames.flatMap((functionName, index) => {
    const own = routes.filter((route) => route.function.functionName === functionName);
    const size = own.reduce(
      (sum, route) => sum + FUNCTION_POLICY.permission + stageName.length + nameOf(route).length,
      0,
    );
    if (size > FUNCTION_POLICY.limit) {
      return [permit(`permission-stage-${index}`, functionName, `${executionArn}/${stageName}/*`)];
    }
    return own.map((route) => permit(`permission-${route.method}-${route.path}`, functionName, arnOf(route)));
  });
}

function createStage(
  scope: Construct,
  api: ApiGatewayRestApi,
  deployment: ApiGatewayDeployment,
  permissions: LambdaPermission[],
  props: RestApiProps,
): ApiGatewayStage {
  const { accessLogs, tags } = props;
  const stage = new ApiGatewayStage(scope, "stage", {
    restApiId: api.id,
    deploymentId: deployment.id,
    stageName: props.stageName,
    xrayTracingEnabled: props.tracing ?? false,
    accessLogSettings: accessLogs && {
      destinationArn: new CloudwatchLogGroup(scope, "access-logs", {
        name: `/aws/apigateway/${props.name}`,
        retentionInDays: accessLogs.retentionDays ?? 30,
        kmsKeyId: accessLogs.kmsKeyArn,
        tags: tags && { ...tags },
      }).arn,
      format: ACCESS_LOG_FORMAT,
    },
    tags: tags && { ...tags },
    // A new route may be invoked before it is served.
    dependsOn: permissions,
  });
  new ApiGatewayMethodSettings(scope, "throttling", {
    restApiId: api.id,
    stageName: stage.stageName,
    methodPath: "*/*",
    settings: {
      throttlingRateLimit: props.throttlingRateLimit ?? 50,
      throttlingBurstLimit: props.throttlingBurstLimit ?? 100,
    },
  });
  return stage;
}
