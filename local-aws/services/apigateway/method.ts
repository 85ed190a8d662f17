/** The methods of a resource: who may call it and what a call must carry. */
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import type { Method, Resource } from "../../account/state/apigateway";
import { mapOf, refusedMember } from "../input";
import { controlPlaneOperation } from "./control-plane";
import { badRequest, conflict } from "./failure";
import { findAddressedMethod, findResource, findRestApi } from "./lookup";
import { methodOutput } from "./output";
import { entry, flag, type Patchable, parseFlag, patched, patchInput, replaceOnly, text } from "./patch";

const address = { restApiId: z.string(), resourceId: z.string(), verb: z.string() };

export const VERBS = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"];

const members = {
  authorizationType: z.string(),
  apiKeyRequired: z.boolean().default(false),
  operationName: z.string().optional(),
  requestParameters: mapOf(z.string(), z.boolean()).optional(),
  requestModels: mapOf(z.string(), z.string()).optional(),
  requestValidatorId: z.string().optional(),
  authorizerId: z.string().optional(),
  authorizationScopes: refusedMember("only authorizers of user pools read it"),
};

export const putMethod = controlPlaneOperation({
  http: "PUT /restapis/{restApiId}/resources/{resourceId}/methods/{verb}",
  status: 201,
  input: z.object({ ...address, ...members }),
  run({ account, input: { restApiId, resourceId, verb, ...method } }) {
    const resource = findResource(findRestApi(account, restApiId), resourceId);
    if (!VERBS.includes(verb)) {
      throw badRequest(`Invalid HttpMethod specified. Valid options are ${VERBS.join(",")}`);
    }
    if (resource.methods[verb]) {
      throw conflict("Method already exists for this resource");
    }
    return methodOutput(setMethod(resource, verb, method));
  },
});

/** Gives the resource the method, in place of one that it may have. */
export function setMethod(
  resource: Resource,
  verb: string,
  {
    authorizationType,
    requestValidatorId,
    authorizerId,
    authorizationScopes: _,
    ...others
  }: z.infer<z.ZodObject<typeof members>>,
): Method {
  if (requestValidatorId) {
    throw invalidValidator();
  }
  if (authorizerId) {
    throw invalidAuthorizer();
  }
  const method: Method = {
    ...others,
    httpMethod: verb,
    authorizationType: knownAuthorization(authorizationType),
    methodResponses: dictionary(),
  };
  checkMethod(method);
  resource.methods[verb] = method;
  return method;
}

export const getMethod = controlPlaneOperation({
  http: "GET /restapis/{restApiId}/resources/{resourceId}/methods/{verb}",
  input: z.object(address),
  run: ({ account, input }) => methodOutput(findAddressedMethod(account, input)),
});

export const updateMethod = controlPlaneOperation({
  http: "PATCH /restapis/{restApiId}/resources/{resourceId}/methods/{verb}",
  input: z.object({ ...address, ...patchInput }),
  run({ account, input }) {
    const resource = findResource(findRestApi(account, input.restApiId), input.resourceId);
    const changed = patched(findAddressedMethod(account, input), input.patchOperations, PATCHABLE);
    checkMethod(changed);
    resource.methods[input.verb] = changed;
    return methodOutput(changed);
  },
});

export const deleteMethod = controlPlaneOperation({
  http: "DELETE /restapis/{restApiId}/resources/{resourceId}/methods/{verb}",
  status: 204,
  input: z.object(address),
  run({ account, input }) {
    findAddressedMethod(account, input);
    delete findResource(findRestApi(account, input.restApiId), input.resourceId).methods[input.verb];
  },
});

/** @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateMethod-Patch */
const PATCHABLE: Patchable<Method> = {
  authorizationType: (method, { value }) => {
    method.authorizationType = knownAuthorization(value);
  },
  authorizerId: (_, { value }) => {
    if (value) {
      throw invalidAuthorizer();
    }
  },
  requestValidatorId: replaceOnly((_, { value }) => {
    if (value) {
      throw invalidValidator();
    }
  }),
  apiKeyRequired: flag("apiKeyRequired"),
  operationName: replaceOnly(text("operationName")),
  "requestParameters/*": entry("requestParameters", "parameter", parseFlag),
  "requestModels/*": entry("requestModels", "content type"),
};

/** This account has no authorizers, so the types that need one are refused as API Gateway refuses an unknown one. */
function invalidAuthorizer(): Error {
  return badRequest(
    "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
  );
}

/** Nor does it have request validators. */
function invalidValidator(): Error {
  return badRequest("Invalid Request Validator identifier specified");
}

function knownAuthorization(type: string | undefined): Method["authorizationType"] {
  if (type === "CUSTOM" || type === "COGNITO_USER_POOLS") {
    throw invalidAuthorizer();
  }
  if (type !== "NONE" && type !== "AWS_IAM") {
    throw badRequest(
      "Invalid authorization type specified. Valid options are NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS",
    );
  }
  return type;
}

const REQUEST_PARAMETER =
  /^method\.request\.(?:path|querystring|multivaluequerystring|header|multivalueheader)\.[^\s]+$/;

function checkMethod({ requestParameters = dictionary(), requestModels = dictionary() }: Method): void {
  const invalid = Object.keys(requestParameters).filter((name) => !REQUEST_PARAMETER.test(name));
  if (invalid.length > 0) {
    throw badRequest(
      `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: ${invalid.join(", ")}]`,
    );
  }
  const names = new Set(Object.keys(requestParameters).map((name) => name.slice(name.lastIndexOf(".") + 1)));
  if (names.size < Object.keys(requestParameters).length) {
    throw badRequest("Parameter names must be unique across querystring, header and path");
  }
  checkModels(requestModels);
}

/** Every API is born with the models `Empty` and `Error`; this account lets none be added. */
export function checkModels(models: Readonly<Record<string, string>>): void {
  const unknown = Object.values(models).find((model) => model !== "Empty" && model !== "Error");
  if (unknown !== undefined) {
    throw badRequest(`Invalid model identifier specified: ${unknown}`);
  }
}
