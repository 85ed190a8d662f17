// A regional REST API in front of Lambda functions, with every route signed (AWS_IAM) unless it says otherwise.
// The file stands alone: copy it.
import { createHash } from "node:crypto";
import { ApiGatewayDeployment } from "@cdktf/provider-aws/lib/api-gateway-deployment";
import { ApiGatewayMethodSettings } from "@cdktf/provider-aws/lib/api-gateway-method-settings";
import { ApiGatewayRestApi } from "@cdktf/provider-aws/lib/api-gateway-rest-api";
import { ApiGatewayStage } from "@cdktf/provider-aws/lib/api-gateway-stage";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Fn, TerraformLocal, Token } from "cdktf";
import { Construct, type IConstruct } from "constructs";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "ANY"] as const;

/** A route's method. OPTIONS is missing: it belongs to CORS. */
export type RouteMethod = (typeof METHODS)[number];

/** One method on one path, answered by a function. */
export interface Route {
  /** `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`, or `ANY` for all of them. */
  readonly method: RouteMethod;

  /** Begins with `/` and doesn't end with it. A segment may be a parameter, `{name}`; the last may take all that follows, `{name+}`. */
  readonly path: string;

  /** The function that answers, by its name and the URI under which API Gateway invokes it. */
  readonly handler: { readonly functionName: string; readonly invokeArn: string };

  /**
   * Who may call: holders of AWS credentials that allow `execute-api:Invoke`, or anyone.
   *
   * @default "AWS_IAM"
   */
  readonly authorization?: "AWS_IAM" | "NONE";
}

const AUTHORIZATIONS: readonly NonNullable<Route["authorization"]>[] = ["AWS_IAM", "NONE"];

/** A role, declared or looked up: `IamRole` and `DataAwsIamRole` are ones. */
export interface GrantableRole extends IConstruct {
  /** Without its path. */
  readonly name: string;
}

/** What a grant says beside the role and the route. */
export interface GrantOptions {
  /**
   * Name of the inline policy; a role has one of a name.
   *
   * @default - the route, and at the end what tells APIs apart
   */
  readonly policyName?: string;

  /**
   * By a path parameter, the condition key whose value it must have: with `{ username: "aws:PrincipalTag/username" }` each
   * caller reaches `/users/{username}` for the own tag only, and callers without the tag for none. The value is compared
   * with the path as the client sent it, so give tags that a path needs no percent-encoding for. A value with a `/` would
   * reach further: whoever issues the tags must refuse it.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
   *
   * @default - a parameter may have any value
   */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Properties of {@link RestApi}. Values that only Terraform knows pass their checks and are left to AWS. */
export interface RestApiProps {
  /** Name of the API. With `accessLogs` it is part of the log group's: then 1 to 496 letters, digits and `_./#-`. */
  readonly name: string;

  /**
   * Name of its one stage, the first segment of every URL: 1 to 128 letters, digits, hyphens and underscores.
   */
  readonly stageName: string;

  /** What the API answers: at least one route, each once. Methods and paths must be known at synth. */
  readonly routes: readonly Route[];

  /**
   * The one origin (`https://host[:port]`, as browsers write it) whose pages may read the answers, or `*`. The functions must send
   * `Access-Control-Allow-Origin` themselves; this covers the preflight and the gateway's own errors.
   *
   * @default - no CORS: no OPTIONS methods, and browsers can't call the API from another origin
   */
  readonly allowedOrigin?: string;

  /**
   * Headers that pages may send beside those that a signed request needs (`Authorization`, `Content-Type`, `X-Amz-Date`
   * and its like, `X-Api-Key`), e.g. `["amz-sdk-invocation-id", "amz-sdk-request"]` for clients that are generated for an
   * AWS SDK. Only with `allowedOrigin`.
   *
   * @default - none
   */
  readonly allowedHeaders?: readonly string[];

  /**
   * Headers of the gateway's own errors that pages may read beside `x-amzn-ErrorType` and `x-amzn-RequestId`. Of their
   * own answers the functions send `Access-Control-Expose-Headers` themselves. Only with `allowedOrigin`.
   *
   * @default - none
   */
  readonly exposedHeaders?: readonly string[];

  /**
   * Requests per second that each method serves in the long run, 0 or more; what is beyond them is answered with 429, and
   * so is what goes beyond the account's own quota, however much is allowed here.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
   *
   * @default 50
   */
  readonly throttlingRateLimit?: number;

  /**
   * Requests that each method serves at once after a quiet time, a whole number.
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
     * Days for which lines are kept; one of the numbers that CloudWatch Logs accepts, such as 1, 7, 30, 90 or 365, or 0 for
     * ever.
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
   * Tags of the API, its stage and its log group, at most 50 with the provider's own.
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
];

/** What a page needs to read in order to tell the gateway's refusals apart and to report them. */
const EXPOSED_HEADERS = ["x-amzn-ErrorType", "x-amzn-RequestId"];

/** How long a browser may remember a preflight's answer, in seconds. */
const PREFLIGHT_MAX_AGE = 600;

// "/", or segments of [A-Za-z0-9._-:], {name}; {name+} only as the last.
// API reference: API Gateway CreateResource, pathPart
const PATH = /^\/$|^(\/([\w.:-]+|\{[\w.-]+\}))*(\/([\w.:-]+|\{[\w.-]+\+?\}))$/;

// API reference: API Gateway CreateStage, stageName
const STAGE_NAME = /^[\w-]{1,128}$/;

// An origin ends up inside a quoted literal of API Gateway, so only characters of an origin may pass.
const ORIGIN = /^https?:\/\/[a-z0-9.:[\]-]+$/;

// A header's name ends up in such a literal as well, between commas.
const HEADER_NAME = /^[A-Za-z0-9._-]{1,128}$/;

// The group is called /aws/apigateway/NAME, in at most 512 of these characters.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
const LOG_GROUP_NAME = /^[\w./#-]{1,496}$/;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const KEY_ARN = /^arn:[\w-]+:kms:[\w-]+:\d{12}:\S+$/;

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
const SECURITY_POLICY = /^(TLS_1_[02]|SecurityPolicy_\w+)$/;
const ENDPOINT_ACCESS_MODES: readonly NonNullable<RestApiProps["endpointAccessMode"]>[] = ["BASIC", "STRICT"];

// https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
const EXECUTION_ARN = /^arn:[\w-]+:execute-api:[\w-]+:\d{12}:[a-z0-9]+$/;

/** `SERVICE:KEY`, of which nothing could end the variable that it is put into. */
const CONDITION_KEY = /^[\w.-]+:[\w.:/=+@-]+$/;

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
const POLICY_NAME = /^[\w+=,.@-]{1,128}$/;

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
const TAG_KEY = /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u;
const MAX_TAGS = 50;

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
 * A REST API whose stage serves exactly the declared routes after one apply. Its routes, their authorization and CORS
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
 * import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
 * import { App, TerraformOutput, TerraformStack } from "cdktf";
 * import { DeveloperIdentityPool } from "./developer-identity-pool";
 * import { NodeFunction } from "./node-function";
 * import { RestApi } from "./rest-api";
 *
 * const app = new App();
 * const stack = new TerraformStack(app, "shop");
 * new AwsProvider(stack, "aws", { region: "eu-central-1" });
 * const customers = new DeveloperIdentityPool(stack, "customers", {
 *   identityPoolName: "shop-prod-customers",
 *   developerProviderName: "login.shop.example",
 * });
 * const orders = new NodeFunction(stack, "orders", { name: "shop-prod-orders", entry: "functions/orders.ts" });
 * const api = new RestApi(stack, "api", {
 *   name: "shop-prod",
 *   stageName: "prod",
 *   allowedOrigin: "https://shop.example",
 *   routes: [
 *     { method: "GET", path: "/orders/{id}", handler: orders },
 *     { method: "GET", path: "/health", handler: orders, authorization: "NONE" },
 *   ],
 * });
 * api.grantInvoke(customers.authenticatedRole, "GET", "/orders/{id}");
 * new TerraformOutput(stack, "invoke_url", { value: api.invokeUrl });
 * app.synth();
 */
export class RestApi extends Construct {
  /** The API with its routes. */
  readonly restApi: ApiGatewayRestApi;
  /** What the stage serves: the routes as they were last deployed. */
  readonly deployment: ApiGatewayDeployment;
  /** The API's one stage. */
  readonly stage: ApiGatewayStage;
  /** Throttling of all its methods. */
  readonly methodSettings: ApiGatewayMethodSettings;
  /** Where the access logs go; undefined without `accessLogs`. */
  readonly accessLogGroup?: CloudwatchLogGroup;
  /** Id of the API. */
  readonly restApiId: string;
  /** URL of the stage, without a slash at its end. */
  readonly invokeUrl: string;
  /** `arn:aws:execute-api:REGION:ACCOUNT:API`; stage, method and path follow it. */
  readonly executionArn: string;

  private readonly name: string;
  private readonly stageName: string;
  private readonly routes: readonly Route[];

  /** @throws RangeError with everything that is wrong with the props */
  constructor(scope: Construct, id: string, props: RestApiProps) {
    super(scope, id);
    checkProps(id, props);
    this.restApi = createApi(this, props);
    this.restApiId = this.restApi.id;
    this.executionArn = this.restApi.executionArn;
    this.name = props.name;
    this.stageName = props.stageName;
    this.routes = props.routes;
    this.deployment = createDeployment(this, this.restApi);
    const permissions = allowInvocation(this, props, this.executionArn, (route) =>
      this.arnForRoute(route.method, route.path),
    );
    this.accessLogGroup = createAccessLogGroup(this, props);
    this.stage = createStage(this, props, permissions);
    this.methodSettings = limitRequests(this, props);
    this.invokeUrl = this.stage.invokeUrl;
  }

  /**
   * The `execute-api` ARN of a route, for a policy that grants `execute-api:Invoke`. A parameter becomes `*`, and
   * so does the method ANY; in policies `*` also matches `/`.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
   *
   * @throws RangeError when the API has no such route, naming those it has
   */
  arnForRoute(method: RouteMethod, path: string): string {
    this.findRoute(method, path);
    return routeArn(this.executionArn, this.stageName, method, path, {});
  }

  /**
   * Allows a role to call one route of this stage, and nothing else: an inline policy with `execute-api:Invoke` on
   * {@link arnForRoute}. It is declared with the API, whichever stack the role is of.
   *
   * @param role whom to allow
   * @throws RangeError when the API has no such route, when the route takes unsigned calls, so that a grant would change
   * nothing, and when an option can't be used
   */
  grantInvoke(
    role: GrantableRole,
    method: RouteMethod,
    path: string,
    { policyName = this.policyNameFor(method, path), parameters = {} }: GrantOptions = {},
  ): IamRolePolicy {
    const route = this.findRoute(method, path);
    if (route.authorization === "NONE") {
      throw new RangeError(`Anybody may call ${nameOf(route)}, whose authorization is NONE: grant nothing.`);
    }
    if (!fits(policyName, POLICY_NAME)) {
      throw new RangeError(
        `policyName ${JSON.stringify(policyName)}: give 1 to 128 letters, digits and _+=,.@-`,
      );
    }
    const [problem] = parameterProblems(path, parameters);
    if (problem !== undefined) {
      throw new RangeError(problem);
    }
    const id = `grant-${method}-${idOf(path)}-${role.node.addr.slice(-8)}`;
    return new IamRolePolicy(this, id, {
      name: policyName,
      role: role.name,
      policy: invokePolicy(routeArn(this.executionArn, this.stageName, method, path, parameters)),
    });
  }

  /**
   * Makes the policy (JSON) that allows one route of an API that exists already, and nothing else, for a role of yours. That
   * there is such a route is not looked up.
   *
   * @param executionArn `arn:aws:execute-api:REGION:ACCOUNT:API`; what only Terraform knows passes
   * @param parameters as {@link GrantOptions.parameters}
   * @throws RangeError with everything that is wrong
   */
  static invokePolicyFor(
    executionArn: string,
    stageName: string,
    method: RouteMethod,
    path: string,
    parameters: Readonly<Record<string, string>> = {},
  ): string {
    const problems = parameterProblems(path, parameters);
    if (!fits(executionArn, EXECUTION_ARN)) {
      problems.push(
        `executionArn ${JSON.stringify(executionArn)}: give arn:aws:execute-api:REGION:ACCOUNT:API and nothing after it`,
      );
    }
    if (!fits(stageName, STAGE_NAME)) {
      problems.push(
        `stageName ${JSON.stringify(stageName)}: give 1 to 128 letters, digits, hyphens and underscores`,
      );
    }
    if (!METHODS.includes(method)) {
      problems.push(`method ${JSON.stringify(method)}: give one of ${METHODS.join(", ")}`);
    }
    if (!PATH.test(path)) {
      problems.push(`path ${JSON.stringify(path)}: give a route's, such as /orders/{id}`);
    }
    if (problems.length > 0) {
      throw new RangeError(`No policy can be made:\n${problems.map((one) => `  ${one}`).join("\n")}`);
    }
    return invokePolicy(routeArn(executionArn, stageName, method, path, parameters));
  }

  private findRoute(method: RouteMethod, path: string): Route {
    const found = this.routes.find((route) => route.method === method && route.path === path);
    if (found === undefined) {
      const known = this.routes.map(nameOf).join(", ");
      throw new RangeError(`No route ${method} ${path} in this API. Its routes: ${known}`);
    }
    return found;
  }

  private policyNameFor(method: RouteMethod, path: string): string {
    // A token's number may be another one at the next synth.
    const known = [this.name, this.stageName].map((name) => (Token.isUnresolved(name) ? "" : name));
    const distinct = createHash("sha256")
      .update(JSON.stringify([this.node.path, ...known, method, path]))
      .digest("hex")
      .slice(0, 8);
    const words = `invoke-${method}${path}`.replace(/[^A-Za-z0-9]+/g, "-").replace(/-$/, "");
    return `${words.slice(0, 100)}-${distinct}`;
  }
}

function invokePolicy(resource: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: resource }],
  });
}

function routeArn(
  executionArn: string,
  stageName: string,
  method: RouteMethod,
  path: string,
  parameters: Readonly<Record<string, string>>,
): string {
  const keys = new Map(Object.entries(parameters));
  const granted = path.replace(/\{([^}]+)\}/g, (_, parameter) => {
    const key = keys.get(parameter);
    // The second $ is for Terraform, to which a single one is an expression of its own.
    return key === undefined ? "*" : `$\${${key}}`;
  });
  return `${executionArn}/${stageName}/${method === "ANY" ? "*" : method}${granted}`;
}

function parameterProblems(path: string, parameters: Readonly<Record<string, string>>): string[] {
  return Object.entries(parameters)
    .filter(([parameter, key]) => !path.includes(`{${parameter}}`) || !CONDITION_KEY.test(key))
    .map(
      ([parameter, key]) =>
        `parameters ${JSON.stringify({ [parameter]: key })}: give a parameter of ${path} that is one segment, and a condition key such as aws:PrincipalTag/username`,
    );
}

/**
 * A path as a part of a construct's id, in which "/" becomes "--": hyphens that could be taken for it are escaped, so that
 * `/a/b` and `/a--b` stay two.
 */
function idOf(path: string): string {
  const encode = (segment: string) => (/^-|--|-$/.test(segment) ? segment.replace(/-/g, "%2D") : segment);
  return path.split("/").map(encode).join("/");
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
  const { name, stageName, accessLogs, policy, securityPolicy, endpointAccessMode, tags = {} } = props;
  const problems: string[] = [];
  const check = (prop: string, value: string | undefined, form: RegExp, advice: string) => {
    if (!fits(value, form)) {
      problems.push(`${prop} ${JSON.stringify(value)}: ${advice}`);
    }
  };
  check("name", name, /./, "give the API a name");
  check("stageName", stageName, STAGE_NAME, "give 1 to 128 letters, digits, hyphens and underscores");
  if (!isOrigin(props.allowedOrigin)) {
    problems.push(
      `allowedOrigin ${JSON.stringify(props.allowedOrigin)}: give https://host[:port] as browsers do, in small letters, without a path and without a port that is the default, or *`,
    );
  }
  for (const prop of ["allowedHeaders", "exposedHeaders"] as const) {
    const headers = props[prop] ?? [];
    for (const header of headers) {
      check(prop, header, HEADER_NAME, "give names of headers: 1 to 128 letters, digits and ._-");
    }
    if (headers.length > 0 && props.allowedOrigin === undefined) {
      problems.push(`${prop}: give an allowedOrigin as well`);
    }
  }
  const { throttlingRateLimit: rate = 0, throttlingBurstLimit: burst = 0 } = props;
  if (!Token.isUnresolved(rate) && !(rate >= 0 && Number.isFinite(rate))) {
    problems.push(`throttlingRateLimit ${rate}: give 0 or more`);
  }
  if (!Token.isUnresolved(burst) && !(burst >= 0 && Number.isInteger(burst))) {
    problems.push(`throttlingBurstLimit ${burst}: give a whole number, 0 or more`);
  }
  if (accessLogs !== undefined) {
    const { retentionDays = 30, kmsKeyArn } = accessLogs;
    check("name", name, LOG_GROUP_NAME, "with accessLogs, give 1 to 496 letters, digits and _./#-");
    if (!Token.isUnresolved(retentionDays) && !RETENTION_DAYS.includes(retentionDays)) {
      problems.push(`accessLogs.retentionDays ${retentionDays}: give one of ${RETENTION_DAYS.join(", ")}`);
    }
    check("accessLogs.kmsKeyArn", kmsKeyArn, KEY_ARN, "give the ARN of a KMS key");
  }
  check("securityPolicy", securityPolicy, SECURITY_POLICY, "give a TLS policy of API Gateway");
  if (endpointAccessMode !== undefined && !ENDPOINT_ACCESS_MODES.includes(endpointAccessMode)) {
    problems.push(
      `endpointAccessMode ${JSON.stringify(endpointAccessMode)}: give ${ENDPOINT_ACCESS_MODES.join(" or ")}`,
    );
  }
  if (endpointAccessMode !== undefined && securityPolicy === undefined) {
    problems.push("endpointAccessMode: give a securityPolicy as well");
  }
  if (policy !== undefined && !policy.startsWith("${") && !isJsonObject(policy)) {
    problems.push("policy: give a policy document in JSON");
  }
  for (const [key, value] of Object.entries(tags)) {
    if (!fits(key, TAG_KEY) || !fits(value, TAG_VALUE)) {
      problems.push(
        `tags ${JSON.stringify(key)}: give keys of 1 to 128 and values of 0 to 256 letters, digits, spaces and _.:/=+-@, the key not beginning with aws:`,
      );
    }
  }
  if (Object.keys(tags).length > MAX_TAGS) {
    problems.push(`tags: give at most ${MAX_TAGS}, for AWS keeps no more`);
  }
  return problems;
}

/** Whether it is an origin as browsers send it, with which they compare what they are answered. */
function isOrigin(value: string | undefined): boolean {
  if (value === undefined || value === "*" || value.includes("${")) {
    return true;
  }
  try {
    return ORIGIN.test(value) && new URL(value).origin === value;
  } catch {
    return false;
  }
}

/** Whether a value has the form, is absent, or has a part that only Terraform knows: `${…}`, as cdktf's tokens are too. */
function fits(value: string | undefined, form: RegExp): boolean {
  return value === undefined || value.includes("${") || form.test(value);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
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
    if (!route.handler?.functionName || !route.handler.invokeArn) {
      problems.push(`route ${name}: give a handler with a functionName and an invokeArn`);
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
function openApiDocument(props: RestApiProps): Record<string, unknown> {
  const { name, routes, allowedOrigin, exposedHeaders } = props;
  const allowedHeaders = headerList(SIGNED_REQUEST_HEADERS, props.allowedHeaders);
  const paths = [...new Set(routes.map((route) => route.path))].sort().map((path) => {
    const onPath = METHODS.flatMap((method) =>
      routes.filter((one) => one.path === path && one.method === method),
    );
    const operations = onPath.map((route) => [operationKey(route.method), operationOf(route)]);
    const preflight =
      allowedOrigin === undefined ? [] : [["options", preflightOf(onPath, allowedOrigin, allowedHeaders)]];
    return [path, Object.fromEntries([...operations, ...preflight])];
  });
  return {
    openapi: "3.0.1",
    info: { title: name, version: "1.0" },
    paths: Object.fromEntries(paths),
    components: { securitySchemes: { [SIGV4]: SIGV4_SCHEME } },
    ...(allowedOrigin === undefined
      ? {}
      : {
          "x-amazon-apigateway-gateway-responses": errorResponses(
            allowedOrigin,
            headerList(EXPOSED_HEADERS, exposedHeaders),
          ),
        }),
  };
}

/** Each header once, whatever the case it was given in. */
function headerList(always: readonly string[], further: readonly string[] = []): string {
  const names = [...always, ...further];
  const firstOf = (name: string) => names.findIndex((one) => one.toLowerCase() === name.toLowerCase());
  return names.filter((name, index) => firstOf(name) === index).join(",");
}

function operationKey(method: RouteMethod): string {
  return method === "ANY" ? "x-amazon-apigateway-any-method" : method.toLowerCase();
}

function operationOf({ handler: { invokeArn }, authorization = "AWS_IAM" }: Route): object {
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
function preflightOf(routes: readonly Route[], allowedOrigin: string, allowedHeaders: string): object {
  const methods = routes.map((route) => route.method);
  const allowed = METHODS.filter(
    (method) => method !== "ANY" && (methods.includes("ANY") || methods.includes(method)),
  );
  const headers = {
    "Access-Control-Allow-Headers": allowedHeaders,
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
function errorResponses(allowedOrigin: string, exposedHeaders: string): object {
  const response = {
    responseParameters: literals("gatewayresponse.header", {
      "Access-Control-Allow-Origin": allowedOrigin,
      "Access-Control-Expose-Headers": exposedHeaders,
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
  // Of a name that only Terraform knows, the longest that it may be.
  const stageLength = stageName.includes("${") ? 128 : stageName.length;
  // Read once, since of a resource it is another token each time.
  const names = new Map(routes.map(({ handler }) => [handler, handler.functionName]));
  const functionNames = [...new Set(names.values())];
  return functionNames.flatMap((functionName, index) => {
    const own = routes.filter((route) => names.get(route.handler) === functionName);
    const size = own.reduce(
      (sum, route) => sum + FUNCTION_POLICY.permission + stageLength + nameOf(route).length,
      0,
    );
    if (size > FUNCTION_POLICY.limit) {
      return [permit(`permission-stage-${index}`, functionName, `${executionArn}/${stageName}/*`)];
    }
    return own.map((route) =>
      permit(`permission-${route.method}-${idOf(route.path)}`, functionName, arnOf(route)),
    );
  });
}

function createAccessLogGroup(
  scope: Construct,
  { name, accessLogs, tags }: RestApiProps,
): CloudwatchLogGroup | undefined {
  return (
    accessLogs &&
    new CloudwatchLogGroup(scope, "access-logs", {
      name: `/aws/apigateway/${name}`,
      retentionInDays: accessLogs.retentionDays ?? 30,
      kmsKeyId: accessLogs.kmsKeyArn,
      tags: tags && { ...tags },
    })
  );
}

function createStage(api: RestApi, props: RestApiProps, permissions: LambdaPermission[]): ApiGatewayStage {
  return new ApiGatewayStage(api, "stage", {
    restApiId: api.restApi.id,
    deploymentId: api.deployment.id,
    stageName: props.stageName,
    xrayTracingEnabled: props.tracing ?? false,
    accessLogSettings: api.accessLogGroup && {
      destinationArn: api.accessLogGroup.arn,
      format: ACCESS_LOG_FORMAT,
    },
    tags: props.tags && { ...props.tags },
    // A new route may be invoked before it is served.
    dependsOn: permissions,
  });
}

function limitRequests(api: RestApi, props: RestApiProps): ApiGatewayMethodSettings {
  return new ApiGatewayMethodSettings(api, "throttling", {
    restApiId: api.restApi.id,
    stageName: api.stage.stageName,
    methodPath: "*/*",
    settings: {
      throttlingRateLimit: props.throttlingRateLimit ?? 50,
      throttlingBurstLimit: props.throttlingBurstLimit ?? 100,
    },
  });
}
