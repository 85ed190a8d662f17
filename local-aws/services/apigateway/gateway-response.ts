/** Customised gateway responses: the headers, status and body of the answers that the gateway itself gives. */
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import type { GatewayResponse, RestApi } from "../../account/state/apigateway";
import { mapOf } from "../input";
import { nonEmpty } from "../output";
import { controlPlaneOperation } from "./control-plane";
import { badRequest, notFound } from "./failure";
import {
  DEFAULT_TEMPLATES,
  GATEWAY_RESPONSE_STATUS,
  GATEWAY_RESPONSE_TYPES,
  type GatewayResponseType,
} from "./gateway-response-type";
import { findRestApi } from "./lookup";
import { statusCode } from "./method-response";
import { page, pageInput } from "./page";
import { entry, type Patchable, patched, patchInput, replaceOnly, requiredText } from "./patch";

const address = { restApiId: z.string(), responseType: z.enum(GATEWAY_RESPONSE_TYPES) };
const path = "/restapis/{restApiId}/gatewayresponses/{responseType}";

/** What a gateway response is made of beside its type. */
export const gatewayResponseMembers = {
  statusCode: statusCode.optional(),
  responseParameters: mapOf(z.string(), z.string()).default(() => dictionary<string>()),
  responseTemplates: mapOf(z.string(), z.string()).default(() => dictionary<string>()),
};

export const putGatewayResponse = controlPlaneOperation({
  http: `PUT ${path}`,
  status: 201,
  input: z.object({ ...address, ...gatewayResponseMembers }),
  run({ account, input: { restApiId, ...response } }) {
    const api = findRestApi(account, restApiId);
    setGatewayResponse(api, response);
    return gatewayResponseOutput(api, response.responseType);
  },
});

export function setGatewayResponse(api: RestApi, response: GatewayResponse): void {
  checkGatewayResponse(response);
  api.gatewayResponses[response.responseType] = response;
}

export const getGatewayResponse = controlPlaneOperation({
  http: `GET ${path}`,
  input: z.object(address),
  run: ({ account, input }) =>
    gatewayResponseOutput(findRestApi(account, input.restApiId), input.responseType),
});

export const getGatewayResponses = controlPlaneOperation({
  http: "GET /restapis/{restApiId}/gatewayresponses",
  input: z.object({ restApiId: z.string(), ...pageInput }),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    return page(
      GATEWAY_RESPONSE_TYPES.map((type) => gatewayResponseOutput(api, type)),
      input,
    );
  },
});

export const updateGatewayResponse = controlPlaneOperation({
  http: `PATCH ${path}`,
  input: z.object({ ...address, ...patchInput }),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    const current = api.gatewayResponses[input.responseType] ?? uncustomized(input.responseType);
    // Patching the last entry of a map away must leave the map.
    const changed = {
      ...uncustomized(input.responseType),
      ...patched(current, input.patchOperations, PATCHABLE),
    };
    checkGatewayResponse(changed);
    api.gatewayResponses[input.responseType] = changed;
    return gatewayResponseOutput(api, input.responseType);
  },
});

export const deleteGatewayResponse = controlPlaneOperation({
  http: `DELETE ${path}`,
  status: 202,
  input: z.object(address),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    if (!api.gatewayResponses[input.responseType]) {
      throw notFound("Gateway response type not defined on api");
    }
    delete api.gatewayResponses[input.responseType];
  },
});

/** The default template isn't part of it: headers that are added later must leave the body as it was. */
function uncustomized(responseType: GatewayResponseType): GatewayResponse {
  return { responseType, responseParameters: dictionary(), responseTemplates: dictionary() };
}

/** @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateGatewayResponse-Patch */
const PATCHABLE: Patchable<GatewayResponse> = {
  statusCode: replaceOnly(requiredText("statusCode"), "path"),
  "responseParameters/*": entry("responseParameters", "parameter"),
  "responseTemplates/*": entry("responseTemplates", "content type"),
};

/** What isn't customized shows through: the type's status, its class's default response, API Gateway's own template. */
function gatewayResponseOutput(api: RestApi, responseType: GatewayResponseType) {
  const own = api.gatewayResponses[responseType];
  const status = GATEWAY_RESPONSE_STATUS[responseType];
  const ofClass = status && api.gatewayResponses[status >= 500 ? "DEFAULT_5XX" : "DEFAULT_4XX"];
  const shown = own ?? ofClass;
  return {
    responseType,
    statusCode: shown?.statusCode ?? status?.toString(),
    responseParameters: shown?.responseParameters ?? {},
    responseTemplates: nonEmpty(shown?.responseTemplates) ?? DEFAULT_TEMPLATES,
    defaultResponse: own === undefined,
  };
}

const TARGET = /^gatewayresponse\.header\.[\w-]+$/;
const SOURCE =
  /^(?:'[^']*'|method\.request\.(?:header|multivalueheader|querystring|multivaluequerystring|path)\.\S+|context\.\S+|stageVariables\.\S+)$/;

function checkGatewayResponse({ statusCode, responseParameters }: GatewayResponse): void {
  if (statusCode !== undefined && !/^[1-5]\d\d$/.test(statusCode)) {
    throw badRequest(`Invalid status code '${statusCode}' specified`);
  }
  for (const [target, source] of Object.entries(responseParameters)) {
    if (!TARGET.test(target)) {
      throw badRequest(`Invalid mapping expression parameter specified: ${target}`);
    }
    if (!SOURCE.test(source)) {
      throw badRequest(`Invalid mapping expression specified: ${source}`);
    }
  }
}
