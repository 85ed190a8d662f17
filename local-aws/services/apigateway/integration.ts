/** What stands behind a method: a Lambda function (AWS_PROXY) or an answer made up by the gateway (MOCK). */
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import type { Integration, Method } from "../../account/state/apigateway";
import { mapOf, refusedMember } from "../input";
import { controlPlaneOperation } from "./control-plane";
import { badRequest, unsupported } from "./failure";
import { findAddressedMethod, findIntegration } from "./lookup";
import { mappingTemplates } from "./mapping-template";
import { integrationOutput } from "./output";
import {
  entry,
  listMember,
  type Patchable,
  parseNumber,
  patched,
  patchInput,
  requiredText,
  text,
} from "./patch";

const address = { restApiId: z.string(), resourceId: z.string(), verb: z.string() };
const path = "/restapis/{restApiId}/resources/{resourceId}/methods/{verb}/integration";

/** Milliseconds. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const TIMEOUT = { minimum: 50, maximum: 29_000 };

/** What an integration is made of, in the service model's words. */
export const integrationMembers = {
  /** In the order of AWS's error text. */
  type: z.enum(["HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"]),
  /** The verb towards the integration; the path's own verb is `verb`. */
  httpMethod: z.string().optional(),
  uri: z.string().optional(),
  connectionType: z.enum(["INTERNET", "VPC_LINK"]).optional(),
  connectionId: refusedMember("there are no VPC links here; leave connectionType at INTERNET"),
  credentials: refusedMember("permit API Gateway with a Lambda permission instead"),
  tlsConfig: refusedMember("it concerns HTTP integrations, which are not offered"),
  integrationTarget: refusedMember("there are no VPC links here"),
  requestParameters: mapOf(z.string(), z.string()).optional(),
  requestTemplates: mappingTemplates.optional(),
  passthroughBehavior: z.string().default("WHEN_NO_MATCH"),
  cacheNamespace: z.string().optional(),
  cacheKeyParameters: z.array(z.string()).default([]),
  contentHandling: z.enum(["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"]).optional(),
  timeoutInMillis: z.number().int().default(TIMEOUT.maximum),
  responseTransferMode: z.enum(["BUFFERED", "STREAM"]).optional(),
};

export const putIntegration = controlPlaneOperation({
  http: `PUT ${path}`,
  status: 201,
  input: z.object({ ...address, ...integrationMembers }),
  run({ account, input: { restApiId, resourceId, verb, ...integration } }) {
    const method = findAddressedMethod(account, { restApiId, resourceId, verb });
    return integrationOutput(setIntegration(method, resourceId, integration));
  },
});

/** Puts the integration behind the method; the responses of one that it replaces stay. */
export function setIntegration(
  method: Method,
  resourceId: string,
  members: z.infer<z.ZodObject<typeof integrationMembers>>,
): Integration {
  const { type, httpMethod, uri, passthroughBehavior, contentHandling, timeoutInMillis } = members;
  if (type !== "AWS_PROXY" && type !== "MOCK") {
    throw unsupported(`integrations of type ${type}`, "Use AWS_PROXY with a Lambda function, or MOCK.");
  }
  if (members.connectionType === "VPC_LINK") {
    throw unsupported("VPC links", "Leave connectionType at INTERNET.");
  }
  if (members.responseTransferMode === "STREAM") {
    throw unsupported("response streaming", "Leave responseTransferMode at BUFFERED.");
  }
  const integration: Integration = {
    type,
    httpMethod: type === "MOCK" ? undefined : httpMethod,
    uri: type === "MOCK" ? undefined : uri,
    connectionType: members.connectionType,
    requestParameters: members.requestParameters,
    requestTemplates: members.requestTemplates,
    passthroughBehavior: passthroughBehavior as Integration["passthroughBehavior"],
    contentHandling,
    timeoutInMillis,
    cacheNamespace: members.cacheNamespace ?? resourceId,
    cacheKeyParameters: members.cacheKeyParameters,
    integrationResponses: method.methodIntegration?.integrationResponses ?? dictionary(),
  };
  checkIntegration(integration);
  method.methodIntegration = integration;
  return integration;
}

export const getIntegration = controlPlaneOperation({
  http: `GET ${path}`,
  input: z.object(address),
  run: ({ account, input }) => integrationOutput(findIntegration(findAddressedMethod(account, input))),
});

export const updateIntegration = controlPlaneOperation({
  http: `PATCH ${path}`,
  input: z.object({ ...address, ...patchInput }),
  run({ account, input }) {
    const method = findAddressedMethod(account, input);
    const changed = patched(findIntegration(method), input.patchOperations, PATCHABLE);
    checkIntegration(changed);
    method.methodIntegration = changed;
    return integrationOutput(changed);
  },
});

export const deleteIntegration = controlPlaneOperation({
  http: `DELETE ${path}`,
  status: 204,
  input: z.object(address),
  run({ account, input }) {
    const method = findAddressedMethod(account, input);
    findIntegration(method);
    delete method.methodIntegration;
  },
});

/** @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateIntegration-Patch */
const PATCHABLE: Patchable<Integration> = {
  httpMethod: text("httpMethod"),
  uri: text("uri"),
  passthroughBehavior: requiredText("passthroughBehavior"),
  contentHandling: (integration, { value }) => {
    // An empty value takes the conversion back, as does a removal.
    if (value === "CONVERT_TO_BINARY" || value === "CONVERT_TO_TEXT") {
      integration.contentHandling = value;
    } else if (value) {
      throw badRequest(`Invalid content handling '${value}' specified`);
    } else {
      delete integration.contentHandling;
    }
  },
  timeoutInMillis: (integration, { value }) => {
    integration.timeoutInMillis = parseNumber(value);
  },
  connectionType: (integration, { value }) => {
    if (value === "VPC_LINK") {
      throw unsupported("VPC links", "Leave connectionType at INTERNET.");
    }
    integration.connectionType = "INTERNET";
  },
  credentials: (_, { value }) => {
    if (value) {
      throw unsupported("integration credentials", "Permit API Gateway with a Lambda permission instead.");
    }
  },
  cacheNamespace: requiredText("cacheNamespace"),
  "cacheKeyParameters/*": listMember("cacheKeyParameters"),
  "requestParameters/*": entry("requestParameters", "parameter"),
  "requestTemplates/*": entry("requestTemplates", "content type"),
};

const LAMBDA_URI =
  /^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;

/** The function of an integration URI: an ARN, possibly with stage variables in it; undefined for other URIs. */
export function integrationFunction(uri: string | undefined): string | undefined {
  return LAMBDA_URI.exec(uri ?? "")?.[1];
}

function checkIntegration(integration: Integration): void {
  const { type, httpMethod, uri, passthroughBehavior, timeoutInMillis } = integration;
  if (!["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"].includes(passthroughBehavior)) {
    throw badRequest(
      "Invalid passthrough behavior. Valid options are WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER",
    );
  }
  if (
    !Number.isInteger(timeoutInMillis) ||
    timeoutInMillis < TIMEOUT.minimum ||
    timeoutInMillis > TIMEOUT.maximum
  ) {
    throw badRequest(`Timeout should be between ${TIMEOUT.minimum} ms and ${TIMEOUT.maximum} ms`);
  }
  if (type === "MOCK") {
    return;
  }
  if (!httpMethod) {
    throw badRequest("Enumeration value for HttpMethod must be non-empty");
  }
  if (!uri?.startsWith("arn:")) {
    throw badRequest("Invalid ARN specified in the request");
  }
  if (integrationFunction(uri) === undefined) {
    throw badRequest(
      "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
    );
  }
}
