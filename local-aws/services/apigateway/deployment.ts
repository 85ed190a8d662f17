/** Deployments: frozen copies of an API, the only thing that a stage serves. */
import { z } from "zod";
import { apiGatewayId } from "../../account/ids";
import { type ApiDefinition, copyOf, type Deployment, type RestApi } from "../../account/state/apigateway";
import { mapOf, refusedMember } from "../input";
import { controlPlaneOperation } from "./control-plane";
import { badRequest } from "./failure";
import { findDeployment, findRestApi } from "./lookup";
import { page, pageInput } from "./page";
import { type Patchable, patched, patchInput, text } from "./patch";
import { newStage } from "./stage";

const address = { restApiId: z.string(), deploymentId: z.string() };
const embed = { embed: z.union([z.string(), z.array(z.string())]).optional() };

export const createDeployment = controlPlaneOperation({
  http: "POST /restapis/{restApiId}/deployments",
  status: 201,
  input: z.object({
    restApiId: z.string(),
    stageName: z.string().optional(),
    stageDescription: z.string().optional(),
    description: z.string().optional(),
    variables: mapOf(z.string(), z.string()).optional(),
    canarySettings: refusedMember("deploy to a stage of its own"),
    cacheClusterEnabled: refusedMember("leave response caching off", false),
    cacheClusterSize: refusedMember("leave response caching off", ""),
    tracingEnabled: z.boolean().nullish(),
  }),
  run({ account, input }) {
    const { stageName, stageDescription, description, variables, tracingEnabled } = input;
    const api = findRestApi(account, input.restApiId);
    const deployment: Deployment = {
      id: apiGatewayId(6),
      description,
      createdDate: account.now().getTime(),
      snapshot: snapshotOf(api),
    };
    const current = stageName ? api.stages[stageName] : undefined;
    const stage = stageName
      ? {
          ...(current ?? newStage(account, { stageName, deploymentId: deployment.id })),
          deploymentId: deployment.id,
          lastUpdatedDate: account.now().getTime(),
          ...(stageDescription && { description: stageDescription }),
          ...(variables && { variables }),
          ...(typeof tracingEnabled === "boolean" && { tracingEnabled }),
        }
      : undefined;
    api.deployments[deployment.id] = deployment;
    if (stage) {
      api.stages[stage.stageName] = stage;
    }
    return deploymentOutput(deployment);
  },
});

export const getDeployment = controlPlaneOperation({
  http: "GET /restapis/{restApiId}/deployments/{deploymentId}",
  input: z.object({ ...address, ...embed }),
  run: ({ account, input }) =>
    deploymentOutput(findDeployment(findRestApi(account, input.restApiId), input.deploymentId), input.embed),
});

export const getDeployments = controlPlaneOperation({
  http: "GET /restapis/{restApiId}/deployments",
  input: z.object({ restApiId: z.string(), ...pageInput }),
  run({ account, input }) {
    const deployments = Object.values(findRestApi(account, input.restApiId).deployments);
    const { item, position } = page(deployments, input);
    return { item: item.map((deployment) => deploymentOutput(deployment)), position };
  },
});

export const updateDeployment = controlPlaneOperation({
  http: "PATCH /restapis/{restApiId}/deployments/{deploymentId}",
  input: z.object({ ...address, ...patchInput }),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    const deployment = findDeployment(api, input.deploymentId);
    const changed = patched(deployment, input.patchOperations, PATCHABLE);
    api.deployments[changed.id] = changed;
    return deploymentOutput(changed);
  },
});

export const deleteDeployment = controlPlaneOperation({
  http: "DELETE /restapis/{restApiId}/deployments/{deploymentId}",
  status: 202,
  input: z.object(address),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    const { id } = findDeployment(api, input.deploymentId);
    if (Object.values(api.stages).some((stage) => stage.deploymentId === id)) {
      throw badRequest("Active stages pointing to this deployment must be moved or deleted");
    }
    delete api.deployments[id];
  },
});

/** @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateDeployment-Patch */
const PATCHABLE: Patchable<Deployment> = { description: text("description") };

function snapshotOf(api: RestApi): ApiDefinition {
  const methods = Object.values(api.resources).flatMap((resource) => Object.values(resource.methods));
  if (methods.length === 0) {
    throw badRequest("The REST API doesn't contain any methods");
  }
  if (methods.some((method) => !method.methodIntegration)) {
    throw badRequest("No integration defined for method");
  }
  const { resources, gatewayResponses, binaryMediaTypes, minimumCompressionSize, policy } = api;
  const { disableExecuteApiEndpoint } = api;
  return copyOf({
    resources,
    gatewayResponses,
    binaryMediaTypes,
    minimumCompressionSize,
    policy,
    disableExecuteApiEndpoint,
  });
}

function deploymentOutput(
  { id, description, createdDate, snapshot }: Deployment,
  embedded?: string | string[],
) {
  const whole = [embedded].flat().includes("apisummary");
  return {
    id,
    description,
    createdDate: Math.floor(createdDate / 1000),
    apiSummary: whole ? summary(snapshot) : undefined,
  };
}

function summary({ resources }: ApiDefinition) {
  const served = Object.values(resources).filter(({ methods }) => Object.keys(methods).length > 0);
  return Object.fromEntries(
    served.map(({ path, methods }) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([verb, { authorizationType, apiKeyRequired }]) => [
          verb,
          { authorizationType, apiKeyRequired },
        ]),
      ),
    ]),
  );
}
