/**
 * What API Gateway reads of an OpenAPI 3.0 document: resources, methods with their authorization and integration, and gateway
 * responses. What this account doesn't have is refused by name, never left out in silence.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
 */
import { type ZodType, z } from "zod";
import { dictionary } from "../../account/dictionary";
import type { Method, Resource, RestApi } from "../../account/state/apigateway";
import { mapOf } from "../input";
import { ServiceError } from "../service-error";
import { badRequest, unsupported } from "./failure";
import { gatewayResponseMembers, setGatewayResponse } from "./gateway-response";
import { GATEWAY_RESPONSE_TYPES } from "./gateway-response-type";
import { integrationMembers, setIntegration } from "./integration";
import { integrationResponseMembers, setIntegrationResponse } from "./integration-response";
import { setMethod } from "./method";
import { setMethodResponse, statusCode } from "./method-response";
import { addResource } from "./resource";

const EXTENSION = "x-amazon-apigateway-";
const ANY_METHOD = `${EXTENSION}any-method`;

/** An object of the document: extensions of other vendors are for others to read, every other unknown member is refused. */
function object<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(withoutOtherVendors, z.strictObject(shape));
}

function withoutOtherVendors(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => !name.startsWith("x-") || name.startsWith(EXTENSION)),
  );
}

/** The vocabulary of the extensions is written in either case. */
const upperCase = <Schema extends ZodType>(schema: Schema) =>
  z.preprocess((value) => (typeof value === "string" ? value.toUpperCase() : value), schema);

const parts = mapOf(z.string(), z.unknown());
/** A member for people, or for other tools. */
const ignored = z.unknown().optional();
const prose = { summary: ignored, description: ignored, externalDocs: ignored, tags: ignored };

const DOCUMENT = object({
  openapi: z.string().regex(/^3\.0\.\d+$/, "local AWS reads OpenAPI 3.0"),
  info: object({
    title: z.string(),
    version: z.string(),
    description: z.string().optional(),
    termsOfService: ignored,
    contact: ignored,
    license: ignored,
  }),
  paths: parts,
  components: object({ securitySchemes: parts.optional() }).optional(),
  [`${EXTENSION}gateway-responses`]: parts.optional(),
  externalDocs: ignored,
  tags: ignored,
});

/** How the module says AWS_IAM. */
const SIGV4_SCHEME = object({
  type: z.literal("apiKey"),
  name: z.literal("Authorization"),
  in: z.literal("header"),
  description: ignored,
  [`${EXTENSION}authtype`]: z.literal("awsSigv4"),
});

const PARAMETER = object({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  required: z.boolean().default(false),
  schema: ignored,
  description: ignored,
});

const RESPONSE = object({
  description: z.string(),
  headers: mapOf(z.string(), object({ schema: ignored, description: ignored, required: ignored })).optional(),
});

const INTEGRATION_RESPONSE = object({
  statusCode,
  responseParameters: integrationResponseMembers.responseParameters,
  responseTemplates: integrationResponseMembers.responseTemplates,
  contentHandling: upperCase(integrationResponseMembers.contentHandling),
});

const INTEGRATION = object({
  ...integrationMembers,
  type: upperCase(integrationMembers.type),
  passthroughBehavior: upperCase(integrationMembers.passthroughBehavior),
  contentHandling: upperCase(integrationMembers.contentHandling),
  responses: parts.optional(),
});

const OPERATION = object({
  ...prose,
  operationId: z.string().optional(),
  deprecated: ignored,
  parameters: z.array(PARAMETER).default([]),
  responses: parts.optional(),
  security: z.array(parts).optional(),
  [`${EXTENSION}auth`]: object({ type: z.string() }).optional(),
  [`${EXTENSION}integration`]: INTEGRATION.optional(),
});

const verbs = ["get", "put", "post", "delete", "patch", "options", "head", ANY_METHOD];
const PATH_ITEM = object({ ...prose, ...Object.fromEntries(verbs.map((verb) => [verb, ignored])) });

type Document = z.infer<typeof DOCUMENT>;

/**
 * Gives the API what the document says; what it doesn't mention stays. Of one with errors, parts may have been taken over.
 *
 * @throws ServiceError `BadRequestException` that names all errors, and what local AWS does not offer
 */
export function importDocument(api: RestApi, text: string): void {
  const document = parsed(text);
  api.name = document.info.title;
  api.version = document.info.version;
  if (document.info.description !== undefined) {
    api.description = document.info.description;
  }
  const errors: string[] = [];
  const attempt = (what: string, take: () => void) => {
    try {
      take();
    } catch (error) {
      if (!(error instanceof ServiceError)) {
        throw error;
      }
      errors.push(`Unable to ${what}: ${error.message}`);
    }
  };
  const schemes = schemesOf(document, attempt);
  for (const [path, item] of Object.entries(document.paths)) {
    attempt(`create resource at path '${path}'`, () => {
      const resource = resourceAt(api, path);
      for (const [key, value] of Object.entries(read(PATH_ITEM, item))) {
        if (!verbs.includes(key)) {
          continue;
        }
        const verb = key === ANY_METHOD ? "ANY" : key.toUpperCase();
        attempt(`put method '${verb}' on resource at path '${path}'`, () =>
          importMethod(resource, verb, value, schemes),
        );
      }
    });
  }
  for (const [type, value] of Object.entries(document[`${EXTENSION}gateway-responses`] ?? {})) {
    attempt(`put gateway response '${type}'`, () => {
      const responseType = read(z.enum(GATEWAY_RESPONSE_TYPES), type);
      setGatewayResponse(api, { ...read(object(gatewayResponseMembers), value), responseType });
    });
  }
  if (errors.length > 0) {
    throw badRequest(`Errors found during import:\n${errors.map((error) => `\t${error}`).join("\n")}`);
  }
}

function parsed(text: string): Document {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw badRequest("Invalid OpenAPI input. (Local AWS reads JSON, no YAML.)");
  }
  if (typeof document === "object" && document !== null && "swagger" in document) {
    throw unsupported("Swagger 2.0", "Write the document as OpenAPI 3.0.");
  }
  return read(DOCUMENT, document);
}

function read<Value>(schema: ZodType<Value>, value: unknown): Value {
  const { data, error } = schema.safeParse(value);
  if (!error) {
    return data as Value;
  }
  const problems = error.issues.map((issue) => {
    const at = issue.path.length > 0 ? ` at '${issue.path.join(".")}'` : "";
    if (issue.code === "custom" && issue.params?.refused) {
      return `Local AWS does not offer '${issue.path.at(-1)?.toString()}': ${issue.message}.`;
    }
    if (issue.code !== "unrecognized_keys") {
      return `Invalid OpenAPI input${at}: ${issue.message}`;
    }
    return `Local AWS does not offer ${issue.keys.map((key) => `'${key}'`).join(", ")} in an OpenAPI document${at}.`;
  });
  throw badRequest(problems.join("; "));
}

type Attempt = (what: string, take: () => void) => void;

/** The names under which the document's methods ask for Signature Version 4. */
function schemesOf({ components }: Document, attempt: Attempt): string[] {
  const names = Object.keys(components?.securitySchemes ?? {});
  for (const name of names) {
    attempt(`read security scheme '${name}'`, () => read(SIGV4_SCHEME, components?.securitySchemes?.[name]));
  }
  return names;
}

function resourceAt(api: RestApi, path: string): Resource {
  const root = api.resources[api.rootResourceId] as Resource;
  if (path === "/") {
    return root;
  }
  if (!path.startsWith("/")) {
    throw badRequest("A path begins with a slash.");
  }
  return path
    .slice(1)
    .split("/")
    .reduce<Resource>((parent, pathPart) => {
      const known = Object.values(api.resources).find(
        (resource) => resource.parentId === parent.id && resource.pathPart === pathPart,
      );
      return known ?? addResource(api, parent, pathPart);
    }, root);
}

function importMethod(resource: Resource, verb: string, value: unknown, schemes: readonly string[]): void {
  const operation = read(OPERATION, value);
  const integration = operation[`${EXTENSION}integration`];
  const method = setMethod(resource, verb, {
    authorizationType: authorizationOf(operation.security, operation[`${EXTENSION}auth`]?.type, schemes),
    apiKeyRequired: false,
    operationName: operation.operationId,
    requestParameters: dictionary(
      operation.parameters.map(({ name, in: place, required }) => [
        `method.request.${place === "query" ? "querystring" : place}.${name}`,
        required,
      ]),
    ),
  });
  for (const [statusCode, response] of Object.entries(operation.responses ?? {})) {
    importMethodResponse(method, statusCode, response);
  }
  if (!integration) {
    return;
  }
  const { responses, ...members } = integration;
  setIntegration(method, resource.id, members);
  for (const [pattern, response] of Object.entries(responses ?? {})) {
    const selectionPattern = pattern === "default" ? undefined : pattern;
    setIntegrationResponse(method, { ...read(INTEGRATION_RESPONSE, response), selectionPattern });
  }
}

function importMethodResponse(method: Method, status: string, value: unknown): void {
  if (!statusCode.safeParse(status).success) {
    throw badRequest(`Invalid OpenAPI input: '${status}' is no status code`);
  }
  const { headers = {} } = read(RESPONSE, value);
  const responseParameters = Object.keys(headers).map(
    (name) => [`method.response.header.${name}`, false] as const,
  );
  setMethodResponse(method, { statusCode: status, responseParameters: dictionary(responseParameters) });
}

/** A method that names two authorizations or one that isn't known must not be open to all by a choice between them. */
function authorizationOf(
  security: readonly Readonly<Record<string, unknown>>[] | undefined,
  type: string | undefined,
  schemes: readonly string[],
): string {
  const named = (security ?? []).flatMap((requirement) => Object.keys(requirement));
  const unknown = named.find((name) => !schemes.includes(name));
  if (unknown !== undefined) {
    throw badRequest(`Security scheme '${unknown}' is not defined.`);
  }
  const alternatives = security?.length ?? 0;
  if (alternatives > 1 || named.length !== alternatives) {
    throw badRequest("A method has one security requirement with one scheme, or none.");
  }
  const bySecurity = alternatives === 1 ? "AWS_IAM" : undefined;
  if (bySecurity !== undefined && type !== undefined && type !== bySecurity) {
    throw badRequest(`The method's security is ${bySecurity}, its ${EXTENSION}auth is ${type}.`);
  }
  return type ?? bySecurity ?? "NONE";
}
