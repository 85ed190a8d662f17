// A regional REST API in front of Lambda functions, with every route signed (AWS_IAM) unless it says otherwise.
// The file stands alone: copy it.
import { createHash } from "node:crypto";
import { ApiGatewayDeployment } from "@cdktf/provider-aws/lib/api-gateway-deployment";
import { ApiGatewayGatewayResponse } from "@cdktf/provider-aws/lib/api-gateway-gateway-response";
import { ApiGatewayIntegration } from "@cdktf/provider-aws/lib/api-gateway-integration";
import { ApiGatewayIntegrationResponse } from "@cdktf/provider-aws/lib/api-gateway-integration-response";
import { ApiGatewayMethod } from "@cdktf/provider-aws/lib/api-gateway-method";
import { ApiGatewayMethodResponse } from "@cdktf/provider-aws/lib/api-gateway-method-response";
import { ApiGatewayMethodSettings } from "@cdktf/provider-aws/lib/api-gateway-method-settings";
import { ApiGatewayResource } from "@cdktf/provider-aws/lib/api-gateway-resource";
import { ApiGatewayRestApi } from "@cdktf/provider-aws/lib/api-gateway-rest-api";
import { ApiGatewayStage } from "@cdktf/provider-aws/lib/api-gateway-stage";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Lazy, type TerraformResource } from "cdktf";
import { Construct } from "constructs";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "ANY"] as const;

/** A route's method. OPTIONS is missing: it belongs to CORS. */
export type RouteMethod = (typeof METHODS)[number];

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
  readonly authorization?: "AWS_IAM" | "NONE";
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
}

// A browser asks leave for each of these before it sends a request signed with Signature Version 4.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
const SIGNED_REQUEST_HEADERS =
  "Authorization,Content-Type,X-Amz-Content-Sha256,X-Amz-Date,X-Amz-Security-Token";

/** What a page needs to read in order to tell the gateway's refusals apart and to report them. */
const EXPOSED_HEADERS = "x-amzn-ErrorType,x-amzn-RequestId";

/** How long a browser may remember a preflight's answer, in seconds. */
const PREFLIGHT_MAX_AGE = 600;

// "/", or segments of [A-Za-z0-9._-:], {name}; {name+} only as the last.
// API reference: API Gateway CreateResource, pathPart
const PATH = /^\/$|^(\/([\w.:-]+|\{[\w.-]+\}))*(\/([\w.:-]+|\{[\w.-]+\+?\}))$/;

/**
 * A REST API whose deployment follows its routes: a route that is added or changed, its authorisation, its
 * integration or CORS is live after the apply that makes it, and an apply without such a change deploys nothing.
 *
 * A route that is *removed* loses its Lambda permission at once and so answers 500, but it leaves the API
 * only with a later deployment: Terraform deletes a method after the deployments that depended on it, hence
 * after the new one was taken. To drop it at once, follow with `terraform apply -replace` of the deployment.
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

  constructor(scope: Construct, id: string, props: RestApiProps) {
    super(scope, id);
    checkRoutes(props.routes);
    const api = createApi(this, props);
    this.restApiId = api.id;
    this.executionArn = api.executionArn;
    this.stageName = props.stageName;
    this.routes = props.routes;

    const resources = createResources(this, api, props.routes);
    const deployed = [
      ...props.routes.flatMap((route) =>
        createRoute(this, api, resourceId(api, resources, route.path), route),
      ),
      ...createCors(this, api, resources, props),
    ];
    const deployment = createDeployment(this, api, [...resources.values()], deployed, props);
    const stage = createStage(this, api, deployment, props);
    allowInvocation(this, props.routes, (route) => this.arnForRoute(route.method, route.path));

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
function checkRoutes(routes: readonly Route[]): void {
  if (routes.length === 0) throw new RangeError("An API needs at least one route: add one to `routes`.");
  const seen = new Set<string>();
  for (const route of routes) {
    const name = nameOf(route);
    if (!METHODS.includes(route.method)) {
      throw new RangeError(`Route ${name}: the method must be one of ${METHODS.join(", ")}.`);
    }
    if (!PATH.test(route.path)) {
      throw new RangeError(
        `Route ${name}: the path must begin with "/", have no "/" at its end, and consist of segments such as orders, {id} or, at the end, {rest+}.`,
      );
    }
    if (seen.has(name)) throw new RangeError(`Route ${name} is there twice: remove one.`);
    seen.add(name);
  }
  checkParameters(routes);
}

/** One place in a path has one parameter, whatever routes pass through it. */
function checkParameters(routes: readonly Route[]): void {
  const parameters = new Map<string, string>();
  for (const route of routes) {
    for (const path of resourcePaths(route.path).filter((path) => path.endsWith("}"))) {
      const parameter = lastPart(path);
      const known = parameters.get(parentOf(path)) ?? parameter;
      if (known !== parameter) {
        throw new RangeError(
          `Route ${nameOf(route)}: ${parameter} and ${known} stand at the same place; use one name for both.`,
        );
      }
      parameters.set(parentOf(path), parameter);
    }
  }
}

/** The paths of the resources that a path consists of: `/a/b` gives `/a` and `/a/b`; the root gives none. */
function resourcePaths(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function createApi(scope: Construct, props: RestApiProps): ApiGatewayRestApi {
  return new ApiGatewayRestApi(scope, "api", {
    name: props.name,
    endpointConfiguration: { types: ["REGIONAL"] },
  });
}

/** One resource a path, shared by the routes that pass through it. */
function createResources(
  scope: Construct,
  api: ApiGatewayRestApi,
  routes: readonly Route[],
): Map<string, ApiGatewayResource> {
  const resources = new Map<string, ApiGatewayResource>();
  for (const path of routes.flatMap((route) => resourcePaths(route.path))) {
    if (resources.has(path)) continue;
    const resource = new ApiGatewayResource(scope, `resource-${path}`, {
      restApiId: api.id,
      parentId: resourceId(api, resources, parentOf(path)),
      pathPart: lastPart(path),
    });
    resources.set(path, resource);
  }
  return resources;
}

function resourceId(
  api: ApiGatewayRestApi,
  resources: Map<string, ApiGatewayResource>,
  path: string,
): string {
  return resources.get(path)?.id ?? api.rootResourceId;
}

function createRoute(
  scope: Construct,
  api: ApiGatewayRestApi,
  resource: string,
  route: Route,
): TerraformResource[] {
  const method = new ApiGatewayMethod(scope, `method-${route.method}-${route.path}`, {
    restApiId: api.id,
    resourceId: resource,
    httpMethod: route.method,
    authorization: route.authorization ?? "AWS_IAM",
  });
  const integration = new ApiGatewayIntegration(scope, `integration-${route.method}-${route.path}`, {
    restApiId: api.id,
    resourceId: resource,
    httpMethod: method.httpMethod,
    type: "AWS_PROXY",
    // How API Gateway calls Lambda, whatever the route's own method is.
    integrationHttpMethod: "POST",
    uri: route.function.invokeArn,
  });
  return [method, integration];
}

/** What a browser needs: a preflight on every path with a route, and headers on the gateway's own errors. */
function createCors(
  scope: Construct,
  api: ApiGatewayRestApi,
  resources: Map<string, ApiGatewayResource>,
  { routes, allowedOrigin }: RestApiProps,
): TerraformResource[] {
  if (allowedOrigin === undefined) return [];
  const paths = [...new Set(routes.map((route) => route.path))];
  return [
    ...paths.flatMap((path) => {
      const methods = routes.filter((route) => route.path === path).map((route) => route.method);
      return createPreflight(scope, api, resourceId(api, resources, path), path, methods, allowedOrigin);
    }),
    createErrorResponse(scope, api, "DEFAULT_4XX", allowedOrigin),
    createErrorResponse(scope, api, "DEFAULT_5XX", allowedOrigin),
  ];
}

function createPreflight(
  scope: Construct,
  api: ApiGatewayRestApi,
  resource: string,
  path: string,
  methods: readonly RouteMethod[],
  allowedOrigin: string,
): TerraformResource[] {
  const allowed = METHODS.filter(
    (method) => method !== "ANY" && (methods.includes("ANY") || methods.includes(method)),
  );
  const headers = {
    "Access-Control-Allow-Headers": SIGNED_REQUEST_HEADERS,
    "Access-Control-Allow-Methods": [...allowed, "OPTIONS"].join(","),
    "Access-Control-Allow-Origin": allowedOrigin,
    "Access-Control-Max-Age": String(PREFLIGHT_MAX_AGE),
  };
  const common = { restApiId: api.id, resourceId: resource, httpMethod: "OPTIONS" };
  // NONE, for browsers don't sign preflights: behind AWS_IAM every call from a page would fail.
  const method = new ApiGatewayMethod(scope, `preflight-${path}`, { ...common, authorization: "NONE" });
  const integration = new ApiGatewayIntegration(scope, `preflight-integration-${path}`, {
    ...common,
    type: "MOCK",
    passthroughBehavior: "WHEN_NO_MATCH",
    requestTemplates: { "application/json": JSON.stringify({ statusCode: 200 }) },
    dependsOn: [method],
  });
  const response = new ApiGatewayMethodResponse(scope, `preflight-response-${path}`, {
    ...common,
    statusCode: "200",
    responseParameters: Object.fromEntries(
      Object.keys(headers).map((name) => [`method.response.header.${name}`, true]),
    ),
    dependsOn: [method],
  });
  const integrationResponse = new ApiGatewayIntegrationResponse(
    scope,
    `preflight-integration-response-${path}`,
    {
      ...common,
      statusCode: response.statusCode,
      responseParameters: literals("method.response.header", headers),
      dependsOn: [integration],
    },
  );
  return [method, integration, response, integrationResponse];
}

/** Without these headers a page sees an opaque network error in place of the gateway's 403 or 500. */
function createErrorResponse(
  scope: Construct,
  api: ApiGatewayRestApi,
  responseType: string,
  allowedOrigin: string,
): TerraformResource {
  return new ApiGatewayGatewayResponse(scope, responseType, {
    restApiId: api.id,
    responseType,
    responseParameters: literals("gatewayresponse.header", {
      "Access-Control-Allow-Origin": allowedOrigin,
      "Access-Control-Expose-Headers": EXPOSED_HEADERS,
    }),
    // API Gateway's own default, spelled out so that Terraform has nothing to undo.
    responseTemplates: { "application/json": '{"message":$context.error.messageString}' },
  });
}

/** Header parameters with fixed values, which API Gateway wants in single quotes. */
function literals(prefix: string, headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [`${prefix}.${name}`, `'${value}'`]),
  );
}

function createDeployment(
  scope: Construct,
  api: ApiGatewayRestApi,
  resources: readonly TerraformResource[],
  deployed: TerraformResource[],
  props: RestApiProps,
): ApiGatewayDeployment {
  return new ApiGatewayDeployment(scope, "deployment", {
    restApiId: api.id,
    triggers: {
      // Lazily, so that overrides made after this constructor count as well.
      configuration: Lazy.stringValue({
        produce: (context) =>
          fingerprint(
            context.resolve([api, ...resources, ...deployed].map((resource) => resource.toTerraform())),
          ),
      }),
      // The configuration may name these by reference; here are the values behind the references, so that a
      // function that was replaced, or an origin that another resource decides, is deployed too.
      ...Object.fromEntries(props.routes.map((route) => [nameOf(route), route.function.invokeArn])),
      ...(props.allowedOrigin === undefined ? {} : { allowedOrigin: props.allowedOrigin }),
    },
    // Not the Lambda permissions: a deployment needs none, and waiting for them would only cost time.
    dependsOn: deployed,
    lifecycle: { createBeforeDestroy: true },
  });
}

/** The same for the same configuration: construct metadata (under `//`) and the order of the routes don't count. */
function fingerprint(configuration: readonly unknown[]): string {
  const parts = configuration.map((part) =>
    JSON.stringify(part, (key, value) => (key === "//" ? undefined : value)),
  );
  return createHash("sha256").update(parts.sort().join("\n")).digest("hex");
}

function createStage(
  scope: Construct,
  api: ApiGatewayRestApi,
  deployment: ApiGatewayDeployment,
  props: RestApiProps,
): ApiGatewayStage {
  const stage = new ApiGatewayStage(scope, "stage", {
    restApiId: api.id,
    deploymentId: deployment.id,
    stageName: props.stageName,
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

/** API Gateway may call each function for its own routes and nothing else. */
function allowInvocation(scope: Construct, routes: readonly Route[], arnOf: (route: Route) => string): void {
  for (const route of routes) {
    new LambdaPermission(scope, `permission-${route.method}-${route.path}`, {
      action: "lambda:InvokeFunction",
      functionName: route.function.functionName,
      principal: "apigateway.amazonaws.com",
      sourceArn: arnOf(route),
    });
  }
}
