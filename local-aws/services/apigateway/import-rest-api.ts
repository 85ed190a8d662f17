/** An API from an OpenAPI document: what `aws_api_gateway_rest_api` calls for its `body`. */
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import { copyOf, type Resource, type RestApi } from "../../account/state/apigateway";
import type { HttpRequest } from "../../read/http-request";
import { controlPlaneOperation } from "./control-plane";
import { badRequest, unsupported } from "./failure";
import { findRestApi } from "./lookup";
import { importDocument } from "./openapi";
import { checked, newRestApi, restApiOutput } from "./rest-api";

/** Bytes. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const MAXIMUM_DOCUMENT = 6 * 1024 * 1024;

// Nothing is ever only warned of here: a document is taken as a whole, or refused.
const failonwarnings = z.enum(["true", "false"]).optional();

export const importRestApi = controlPlaneOperation({
  http: "POST /restapis?mode=import",
  status: 201,
  blobBody: true,
  input: z.looseObject({ mode: z.literal("import"), failonwarnings }),
  run({ account, input: { mode, failonwarnings, ...parameters }, request }) {
    refuseParameters(parameters);
    const api = withDocument(newRestApi(account, ["EDGE"]), request);
    account.state.apiGateway.restApis[api.id] = api;
    return restApiOutput(api);
  },
});

/** In either mode a document with an error changes nothing. */
export const putRestApi = controlPlaneOperation({
  http: "PUT /restapis/{restApiId}",
  blobBody: true,
  input: z.looseObject({
    restApiId: z.string(),
    mode: z.enum(["merge", "overwrite"]).default("merge"),
    failonwarnings,
  }),
  run({ account, input: { restApiId, mode, failonwarnings, ...parameters }, request }) {
    refuseParameters(parameters);
    const api = findRestApi(account, restApiId);
    const changed = withDocument(mode === "overwrite" ? emptied(api) : copyOf(api), request);
    account.state.apiGateway.restApis[api.id] = changed;
    return restApiOutput(changed);
  },
});

function refuseParameters(parameters: object): void {
  const names = Object.keys(parameters);
  if (names.length > 0) {
    throw unsupported(`the import parameter ${names.join(", ")}`, "Leave it out.");
  }
}

function withDocument(api: RestApi, { body }: HttpRequest): RestApi {
  if (body.length > MAXIMUM_DOCUMENT) {
    throw badRequest(`The API definition is longer than ${MAXIMUM_DOCUMENT} bytes.`);
  }
  importDocument(api, body.toString("utf8"));
  return checked(api);
}

/**
 * A copy without what an overwriting document decides. Its identity stays, what is deployed, and where and to whom it is
 * reachable.
 */
function emptied(api: RestApi): RestApi {
  const { description, version, minimumCompressionSize, policy, ...kept } = copyOf(api);
  const root = kept.resources[kept.rootResourceId] as Resource;
  return {
    ...kept,
    apiKeySource: "HEADER",
    binaryMediaTypes: [],
    resources: dictionary([[root.id, { ...root, methods: dictionary() }]]),
    gatewayResponses: dictionary(),
  };
}
