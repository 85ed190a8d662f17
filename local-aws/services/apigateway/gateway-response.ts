/** Customised gateway responses: the headers, status and body of the answers that the gateway itself gives. */
import { z } from "zod";
import { operation } from "../../service";
import { badRequest, notFound } from "./failure";
import {
  DEFAULT_TEMPLATES,
  GATEWAY_RESPONSE_STATUS,
  GATEWAY_RESPONSE_TYPES,
  type GatewayResponseType,
} from "./gateway-response-type";
import { findRestApi, own } from "./lookup";
import { page, pageInput } from "./page";
import { entry, type Patchable, patched, patchInput, text } from "./patch";
import { controlPlanePermission } from "./permission";
import type { GatewayResponse, RestApi } from "./state";

const address = { restApiId: z.string(), responseType: z.enum(GATEWAY_RESPONSE_TYPES) };
const path = "/restapis/{restApiId}/gatewayresponses/{responseType}";

export const putGatewayResponse = operation({
  http: `PUT ${path}`,
  status: 201,
  permission: controlPlanePermission,
  input: z.object({
    ...address,
    statusCode: z
      .string()
      .regex(/^[1-5]\d\d$/)
      .optional(),
    responseParameters: z.record(z.string(), z.string()).default({}),
    responseTemplates: z.record(z.string(), z.string()).default({}),
  }),
  run({ account, input: { restApiId, ...response } }) {
    const api = findRestApi(account, restApiId);
    checkGatewayResponse(response);
    api.gatewayResponses[response.responseType] = response;
    return gatewayResponseOutput(api, response.responseType);
  },
});

export const getGatewayResponse = operation({
  http: `GET ${path}`,
  permission: controlPlanePermission,
  input: z.object(address),
  run: ({ account, input }) =>
    gatewayResponseOutput(findRestApi(account, input.restApiId), input.responseType),
});

export const getGatewayResponses = operation({
  http: "GET /restapis/{restApiId}/gatewayresponses",
  permission: controlPlanePermission,
  input: z.object({ restApiId: z.string(), ...pageInput }),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    return page(
      GATEWAY_RESPONSE_TYPES.map((type) => gatewayResponseOutput(api, type)),
      input,
    );
  },
});

export const updateGatewayResponse = operation({
  http: `PATCH ${path}`,
  permission: controlPlanePermission,
  input: z.object({ ...address, ...patchInput }),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    const { defaultResponse: _, ...current } = gatewayResponseOutput(api, input.responseType);
    const changed = patched<GatewayResponse>(current, input.patchOperations, PATCHABLE);
    checkGatewayResponse(changed);
    // Patching the last entry of a map away must leave the map.
    api.gatewayResponses[input.responseType] = { ...EMPTY, ...changed };
    return gatewayResponseOutput(api, input.responseType);
  },
});

export const deleteGatewayResponse = operation({
  http: `DELETE ${path}`,
  status: 202,
  permission: controlPlanePermission,
  input: z.object(address),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    if (!own(api.gatewayResponses, input.responseType))
      throw notFound("Gateway response type not defined on api");
    delete api.gatewayResponses[input.responseType];
  },
});

const EMPTY = { responseParameters: {}, responseTemplates: {} };

/** Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateGatewayResponse-Patch */
const PATCHABLE: Patchable<GatewayResponse> = {
  statusCode: text("statusCode"),
  "responseParameters/*": entry("responseParameters"),
  "responseTemplates/*": entry("responseTemplates"),
};

function gatewayResponseOutput(api: RestApi, responseType: GatewayResponseType) {
  const customised = own(api.gatewayResponses, responseType);
  if (customised) return { ...customised, defaultResponse: false };
  return {
    responseType,
    statusCode: GATEWAY_RESPONSE_STATUS[responseType]?.toString(),
    responseParameters: {},
    responseTemplates: DEFAULT_TEMPLATES,
    defaultResponse: true,
  };
}

const TARGET = /^gatewayresponse\.header\.[\w-]+$/;
const SOURCE =
  /^(?:'[^']*'|method\.request\.(?:header|multivalueheader|querystring|multivaluequerystring|path)\.\S+|context\.\S+|stageVariables\.\S+)$/;

function checkGatewayResponse({ statusCode, responseParameters = {} }: GatewayResponse): void {
  if (statusCode !== undefined && !/^[1-5]\d\d$/.test(statusCode)) {
    throw badRequest(`Invalid status code '${statusCode}' specified`);
  }
  for (const [target, source] of Object.entries(responseParameters)) {
    if (!TARGET.test(target)) throw badRequest(`Invalid mapping expression parameter specified: ${target}`);
    if (!SOURCE.test(source)) throw badRequest(`Invalid mapping expression specified: ${source}`);
  }
}
