/**
 * What API Gateway holds for one account: plain JSON, shaped after the members of the service model so that answering
 * a read is copying. Times are epoch milliseconds. A deployment owns a frozen copy of the API, which is all that
 * the data plane ever serves.
 */

import { type Dictionary, dictionary, reviveDictionary } from "../dictionary";

export interface ApiGatewayState {
  /** REST APIs by id. */
  restApis: Dictionary<RestApi>;
  /** The role that may write to CloudWatch Logs, one for the whole account and region. */
  cloudwatchRoleArn?: string;
}

export function emptyApiGatewayState(): ApiGatewayState {
  return { restApis: dictionary() };
}

export type EndpointType = "REGIONAL" | "EDGE" | "PRIVATE";

/** The part of an API that a deployment freezes: everything that decides how a request is served. */
export interface ApiDefinition {
  /** Resources by id. */
  resources: Dictionary<Resource>;
  /** Customised gateway responses by type, e.g. `DEFAULT_4XX`. */
  gatewayResponses: Dictionary<GatewayResponse>;
  /** Media types whose bodies reach the integration as base64; an asterisk on both sides of the slash means all. */
  binaryMediaTypes: string[];
  /** Bytes; responses at least this long are compressed. Stored only. */
  minimumCompressionSize?: number;
  /** The resource policy (JSON) with its shorthand ARNs expanded. */
  policy?: string;
  disableExecuteApiEndpoint: boolean;
}

export interface RestApi extends ApiDefinition {
  id: string;
  name: string;
  description?: string;
  version?: string;
  createdDate: number;
  apiKeySource: "HEADER" | "AUTHORIZER";
  endpointTypes: EndpointType[];
  vpcEndpointIds?: string[];
  ipAddressType: "ipv4" | "dualstack";
  rootResourceId: string;
  tags: Dictionary<string>;
  deployments: Dictionary<Deployment>;
  stages: Dictionary<Stage>;
}

export interface Resource {
  id: string;
  /** Absent on the root resource. */
  parentId?: string;
  /** Absent on the root resource. */
  pathPart?: string;
  /** The full template, e.g. `/users/{user}`. */
  path: string;
  /** Methods by verb; `ANY` stands for all verbs without a method of their own. */
  methods: Dictionary<Method>;
}

export interface Method {
  httpMethod: string;
  authorizationType: "NONE" | "AWS_IAM";
  apiKeyRequired: boolean;
  operationName?: string;
  requestModels?: Dictionary<string>;
  /** `method.request.querystring.NAME` and the like; true when the parameter is required. */
  requestParameters?: Dictionary<boolean>;
  methodResponses: Dictionary<MethodResponse>;
  methodIntegration?: Integration;
}

export interface MethodResponse {
  statusCode: string;
  responseParameters?: Dictionary<boolean>;
  responseModels?: Dictionary<string>;
}

export interface Integration {
  type: "AWS_PROXY" | "MOCK";
  /** The verb used towards the integration, which for Lambda must be POST. */
  httpMethod?: string;
  uri?: string;
  connectionType?: "INTERNET";
  requestParameters?: Dictionary<string>;
  requestTemplates?: Dictionary<string>;
  passthroughBehavior: "WHEN_NO_MATCH" | "WHEN_NO_TEMPLATES" | "NEVER";
  contentHandling?: "CONVERT_TO_BINARY" | "CONVERT_TO_TEXT";
  /** Milliseconds. */
  timeoutInMillis: number;
  cacheNamespace: string;
  cacheKeyParameters: string[];
  integrationResponses: Dictionary<IntegrationResponse>;
}

export interface IntegrationResponse {
  statusCode: string;
  selectionPattern?: string;
  responseParameters?: Dictionary<string>;
  responseTemplates?: Dictionary<string>;
  contentHandling?: "CONVERT_TO_BINARY" | "CONVERT_TO_TEXT";
}

export interface GatewayResponse {
  responseType: string;
  statusCode?: string;
  responseParameters: Dictionary<string>;
  responseTemplates: Dictionary<string>;
}

export interface Deployment {
  id: string;
  description?: string;
  createdDate: number;
  /** The API as it was when it was deployed. Never changed afterwards. */
  readonly snapshot: ApiDefinition;
}

/** Throttling, logging and caching settings of one method of a stage, or of all its methods. */
export interface MethodSetting {
  metricsEnabled: boolean;
  loggingLevel: string;
  dataTraceEnabled: boolean;
  throttlingBurstLimit: number;
  /** Requests per second. */
  throttlingRateLimit: number;
  cachingEnabled: boolean;
  /** Seconds. */
  cacheTtlInSeconds: number;
  cacheDataEncrypted: boolean;
  requireAuthorizationForCacheControl: boolean;
  unauthorizedCacheControlHeaderStrategy: string;
}

export interface Stage {
  stageName: string;
  deploymentId: string;
  description?: string;
  createdDate: number;
  lastUpdatedDate: number;
  variables?: Dictionary<string>;
  accessLogSettings?: { format?: string; destinationArn?: string };
  tracingEnabled: boolean;
  /** By `RESOURCE_PATH/VERB` as the client wrote it; an asterisk in both places for all methods. */
  methodSettings: Dictionary<MethodSetting>;
  tags: Dictionary<string>;
}

/** A copy that shares nothing with the original, whose records are dictionaries again. */
export function copyOf<Part>(part: Part): Part {
  return JSON.parse(JSON.stringify(part), reviveDictionary);
}
