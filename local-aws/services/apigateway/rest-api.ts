/** REST APIs: what `aws_api_gateway_rest_api` creates, reads, updates and deletes. */
import { z } from "zod";
import type { Account } from "../../account";
import { dictionary } from "../../account/dictionary";
import { apiGatewayId } from "../../account/ids";
import type { EndpointType, RestApi } from "../../account/state/apigateway";
import { mapOf, refusedMember } from "../input";
import { nonEmpty } from "../output";
import { controlPlaneOperation } from "./control-plane";
import { badRequest } from "./failure";
import { findRestApi } from "./lookup";
import { page, pageInput } from "./page";
import {
  flag,
  listMember,
  type Patchable,
  patched,
  patchInput,
  replaceOnly,
  requiredText,
  text,
} from "./patch";
import { escapedPolicy, savedPolicy } from "./resource-policy";

/** In the order of AWS's error text. */
const endpointTypes = z.enum(["PRIVATE", "EDGE", "REGIONAL"]);
const apiKeySources = z.enum(["HEADER", "AUTHORIZER"]);
const ipAddressTypes = z.enum(["ipv4", "dualstack"]);

const address = { restApiId: z.string() };

export const createRestApi = controlPlaneOperation({
  http: "POST /restapis",
  status: 201,
  input: z.object({
    name: z.string(),
    description: z.string().optional(),
    version: z.string().optional(),
    cloneFrom: refusedMember("create the API's resources one by one"),
    securityPolicy: refusedMember(
      "the account speaks plain HTTP on loopback, so no TLS policy would be in force",
    ),
    endpointAccessMode: refusedMember(
      "the account speaks plain HTTP on loopback, so no TLS policy would be in force",
    ),
    binaryMediaTypes: z.array(z.string()).default([]),
    minimumCompressionSize: z.number().int().optional(),
    apiKeySource: apiKeySources.default("HEADER"),
    endpointConfiguration: z
      .object({
        types: z.array(endpointTypes).optional(),
        ipAddressType: ipAddressTypes.optional(),
        vpcEndpointIds: z.array(z.string()).optional(),
      })
      .default({}),
    policy: z.string().optional(),
    tags: mapOf(z.string(), z.string()).default(() => dictionary<string>()),
    disableExecuteApiEndpoint: z.boolean().default(false),
  }),
  run({ account, input }) {
    const { endpointConfiguration, policy, ...members } = input;
    const { types = ["EDGE"] } = endpointConfiguration;
    if (input.description === "") {
      throw badRequest("Description cannot be an empty string");
    }
    if (types.length === 0) {
      throw badRequest("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.");
    }
    if (types.length > 1) {
      throw badRequest("Cannot create an api with multiple Endpoint Types.");
    }
    const api = checked({
      ...newRestApi(account, types),
      ...members,
      vpcEndpointIds: endpointConfiguration.vpcEndpointIds,
    });
    if (endpointConfiguration.ipAddressType) {
      api.ipAddressType = endpointConfiguration.ipAddressType;
    }
    checkAddressType(api);
    if (policy) {
      api.policy = savedPolicy(account, api.id, policy);
    }
    account.state.apiGateway.restApis[api.id] = api;
    return restApiOutput(api);
  },
});

/** An API with nothing but its root, not yet of the account. */
export function newRestApi(account: Account, endpointTypes: EndpointType[]): RestApi {
  const rootResourceId = apiGatewayId(6);
  return {
    id: apiGatewayId(10),
    name: "",
    createdDate: account.now().getTime(),
    apiKeySource: "HEADER",
    endpointTypes,
    ipAddressType: endpointTypes[0] === "PRIVATE" ? "dualstack" : "ipv4",
    binaryMediaTypes: [],
    disableExecuteApiEndpoint: false,
    rootResourceId,
    resources: dictionary([[rootResourceId, { id: rootResourceId, path: "/", methods: dictionary() }]]),
    gatewayResponses: dictionary(),
    tags: dictionary(),
    deployments: dictionary(),
    stages: dictionary(),
  };
}

export const getRestApi = controlPlaneOperation({
  http: "GET /restapis/{restApiId}",
  input: z.object(address),
  run: ({ account, input }) => restApiOutput(findRestApi(account, input.restApiId)),
});

export const getRestApis = controlPlaneOperation({
  http: "GET /restapis",
  input: z.object(pageInput),
  run({ account, input }) {
    const { item, position } = page(Object.values(account.state.apiGateway.restApis), input);
    return { item: item.map((api) => restApiOutput(api)), position };
  },
});

export const updateRestApi = controlPlaneOperation({
  http: "PATCH /restapis/{restApiId}",
  input: z.object({ ...address, ...patchInput }),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    const changed = checked(patched(api, input.patchOperations, patchable(account)));
    account.state.apiGateway.restApis[api.id] = changed;
    return restApiOutput(changed);
  },
});

export const deleteRestApi = controlPlaneOperation({
  http: "DELETE /restapis/{restApiId}",
  status: 202,
  input: z.object(address),
  run({ account, input }) {
    delete account.state.apiGateway.restApis[findRestApi(account, input.restApiId).id];
  },
});

/** @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateRestApi-Patch */
function patchable(account: Account): Patchable<RestApi> {
  return {
    name: requiredText("name"),
    description: text("description"),
    version: text("version"),
    apiKeySource: requiredText("apiKeySource"),
    minimumCompressionSize: replaceOnly((api, { value }) => {
      // As documented, an empty value turns compression off.
      if (value) {
        api.minimumCompressionSize = Number(value);
      } else {
        delete api.minimumCompressionSize;
      }
    }),
    disableExecuteApiEndpoint: flag("disableExecuteApiEndpoint"),
    "binaryMediaTypes/*": listMember("binaryMediaTypes"),
    "endpointConfiguration/ipAddressType": replaceOnly((api, { value }) => {
      const { data } = ipAddressTypes.safeParse(value);
      if (!data) {
        throw badRequest("ipAddressType must be either ipv4 or dualstack.");
      }
      api.ipAddressType = data;
      checkAddressType(api);
    }),
    "endpointConfiguration/types/*": (api, { value }) => {
      const { data } = endpointTypes.safeParse(value);
      if (!data) {
        throw badRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE");
      }
      api.endpointTypes = [data];
    },
    "endpointConfiguration/vpcEndpointIds": (api, { op, value }) => {
      const others = (api.vpcEndpointIds ?? []).filter((id) => id !== value);
      api.vpcEndpointIds = op === "remove" || !value ? others : [...others, value];
    },
    policy: (api, { value }) => {
      api.policy = value ? savedPolicy(account, api.id, value) : undefined;
    },
  };
}

export function checked(api: RestApi): RestApi {
  if (!api.name.trim()) {
    throw badRequest("No Rest API name specified");
  }
  if (!apiKeySources.safeParse(api.apiKeySource).success) {
    throw badRequest(`Invalid API key source '${api.apiKeySource}'. Must be one of: [HEADER, AUTHORIZER]`);
  }
  const size = api.minimumCompressionSize;
  if (size !== undefined && !(Number.isInteger(size) && size >= 0 && size <= 10_485_760)) {
    throw badRequest("Invalid minimum compression size, must be between 0 and 10485760");
  }
  return api;
}

function checkAddressType({ endpointTypes, ipAddressType }: RestApi): void {
  if (endpointTypes[0] === "PRIVATE" && ipAddressType !== "dualstack") {
    throw badRequest("Only dualstack ipAddressType is supported for Private APIs.");
  }
}

export function restApiOutput(api: RestApi) {
  return {
    id: api.id,
    name: api.name,
    description: api.description,
    // Provider 6.58 and later waits for it after every change; here a change is in force at once.
    apiStatus: "AVAILABLE",
    createdDate: Math.floor(api.createdDate / 1000),
    version: api.version,
    binaryMediaTypes: api.binaryMediaTypes.length > 0 ? api.binaryMediaTypes : undefined,
    minimumCompressionSize: api.minimumCompressionSize,
    apiKeySource: api.apiKeySource,
    endpointConfiguration: {
      types: api.endpointTypes,
      ipAddressType: api.ipAddressType,
      vpcEndpointIds: api.vpcEndpointIds?.length ? api.vpcEndpointIds : undefined,
    },
    policy: escapedPolicy(api.policy),
    tags: nonEmpty(api.tags),
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    rootResourceId: api.rootResourceId,
  };
}
