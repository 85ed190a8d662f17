/** How an integration's outcome becomes one of the method's responses. */
import { z } from "zod";
import type { Integration, IntegrationResponse, Method } from "../../account/state/apigateway";
import { mapOf } from "../input";
import { nonEmpty } from "../output";
import { controlPlaneOperation } from "./control-plane";
import { badRequest, notFound } from "./failure";
import { findAddressedMethod, findIntegration } from "./lookup";
import { mappingTemplates } from "./mapping-template";
import { statusCode } from "./method-response";
import { entry, type Patchable, patched, patchInput, text } from "./patch";

const address = {
  restApiId: z.string(),
  resourceId: z.string(),
  verb: z.string(),
  statusCode,
};
const path = "/restapis/{restApiId}/resources/{resourceId}/methods/{verb}/integration/responses/{statusCode}";

/** What an integration's response is made of beside its status. */
export const integrationResponseMembers = {
  selectionPattern: z.string().optional(),
  responseParameters: mapOf(z.string(), z.string()).optional(),
  responseTemplates: mappingTemplates.optional(),
  contentHandling: z.enum(["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"]).optional(),
};

export const putIntegrationResponse = controlPlaneOperation({
  http: `PUT ${path}`,
  status: 201,
  input: z.object({ ...address, ...integrationResponseMembers }),
  run: ({ account, input: { restApiId, resourceId, verb, ...response } }) =>
    setIntegrationResponse(findAddressedMethod(account, { restApiId, resourceId, verb }), response),
});

export function setIntegrationResponse(method: Method, response: IntegrationResponse): IntegrationResponse {
  const integration = findIntegration(method);
  const held = { ...response, responseTemplates: nonEmpty(response.responseTemplates) };
  checkIntegrationResponse(method, held);
  integration.integrationResponses[response.statusCode] = held;
  return held;
}

export const getIntegrationResponse = controlPlaneOperation({
  http: `GET ${path}`,
  input: z.object(address),
  run: ({ account, input }) =>
    findIntegrationResponse(findIntegration(findAddressedMethod(account, input)), input.statusCode),
});

export const updateIntegrationResponse = controlPlaneOperation({
  http: `PATCH ${path}`,
  input: z.object({ ...address, ...patchInput }),
  run({ account, input }) {
    const method = findAddressedMethod(account, input);
    const integration = findIntegration(method);
    const response = findIntegrationResponse(integration, input.statusCode);
    const changed = patched(response, input.patchOperations, PATCHABLE);
    checkIntegrationResponse(method, changed);
    integration.integrationResponses[input.statusCode] = changed;
    return changed;
  },
});

export const deleteIntegrationResponse = controlPlaneOperation({
  http: `DELETE ${path}`,
  status: 204,
  input: z.object(address),
  run({ account, input }) {
    const integration = findIntegration(findAddressedMethod(account, input));
    findIntegrationResponse(integration, input.statusCode);
    delete integration.integrationResponses[input.statusCode];
  },
});

/** @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateIntegrationResponse-Patch */
const PATCHABLE: Patchable<IntegrationResponse> = {
  selectionPattern: text("selectionPattern"),
  "responseParameters/*": entry("responseParameters", "parameter"),
  "responseTemplates/*": entry("responseTemplates", "content type"),
};

function findIntegrationResponse(integration: Integration, statusCode: string): IntegrationResponse {
  const response = integration.integrationResponses[statusCode];
  if (!response) {
    throw notFound("Invalid Response status code specified");
  }
  return response;
}

function checkIntegrationResponse(method: Method, response: IntegrationResponse): void {
  const declared = method.methodResponses[response.statusCode];
  if (!declared) {
    throw invalidMapping("No method response exists for method.");
  }
  for (const name of Object.keys(response.responseParameters ?? {})) {
    if (!Object.hasOwn(declared.responseParameters ?? {}, name)) {
      throw invalidMapping(`Invalid mapping expression parameter specified: ${name}`);
    }
  }
  try {
    new RegExp(response.selectionPattern ?? "");
  } catch {
    throw badRequest(`Invalid selection pattern '${response.selectionPattern}' specified`);
  }
}

function invalidMapping(error: string): Error {
  return badRequest(
    `Invalid mapping expression specified: Validation Result: warnings : [], errors : [${error}]`,
  );
}
