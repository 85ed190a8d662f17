/** Stages: a name in the URL, the deployment behind it, and how it is throttled and logged. */
import { z } from "zod";
import type { Account } from "../../account";
import { dictionary } from "../../account/dictionary";
import type { RestApi, Stage } from "../../account/state/apigateway";
import { mapOf, refusedMember } from "../input";
import { nonEmpty } from "../output";
import { controlPlaneOperation } from "./control-plane";
import { badRequest, conflict, unsupported } from "./failure";
import { findRestApi, findStage } from "./lookup";
import { isMethodSettingPatch, patchMethodSetting } from "./method-setting";
import {
  entry,
  flag,
  type Patchable,
  type PatchOperation,
  patched,
  patchInput,
  requiredText,
  text,
} from "./patch";

const address = { restApiId: z.string(), stageName: z.string() };

export const createStage = controlPlaneOperation({
  http: "POST /restapis/{restApiId}/stages",
  status: 201,
  input: z.object({
    ...address,
    deploymentId: z.string(),
    description: z.string().optional(),
    cacheClusterEnabled: refusedMember("leave response caching off", false),
    cacheClusterSize: refusedMember("leave response caching off", ""),
    variables: mapOf(z.string(), z.string()).optional(),
    documentationVersion: refusedMember("there are no documentation versions here", ""),
    canarySettings: refusedMember("deploy to a stage of its own"),
    tracingEnabled: z.boolean().default(false),
    tags: mapOf(z.string(), z.string()).default(() => dictionary<string>()),
  }),
  run({ account, input }) {
    const { restApiId, stageName, deploymentId, description, variables, tracingEnabled, tags } = input;
    const api = findRestApi(account, restApiId);
    const stage = {
      ...newStage(account, { stageName, deploymentId }),
      description,
      variables,
      tracingEnabled,
      tags,
    };
    if (api.stages[stageName]) {
      throw conflict("Stage already exists");
    }
    checkStage(account, api, stage);
    api.stages[stageName] = stage;
    return stageOutput(stage);
  },
});

export const getStage = controlPlaneOperation({
  http: "GET /restapis/{restApiId}/stages/{stageName}",
  input: z.object(address),
  run: ({ account, input }) => stageOutput(findStage(findRestApi(account, input.restApiId), input.stageName)),
});

export const getStages = controlPlaneOperation({
  http: "GET /restapis/{restApiId}/stages",
  input: z.object({ restApiId: z.string(), deploymentId: z.string().optional() }),
  run({ account, input }) {
    const stages = Object.values(findRestApi(account, input.restApiId).stages);
    const wanted = stages.filter((stage) => !input.deploymentId || stage.deploymentId === input.deploymentId);
    return { item: wanted.map(stageOutput) };
  },
});

export const updateStage = controlPlaneOperation({
  http: "PATCH /restapis/{restApiId}/stages/{stageName}",
  input: z.object({ ...address, ...patchInput }),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    const stage = patchedStage(findStage(api, input.stageName), input.patchOperations);
    checkStage(account, api, stage);
    stage.lastUpdatedDate = account.now().getTime();
    api.stages[stage.stageName] = stage;
    return stageOutput(stage);
  },
});

export const deleteStage = controlPlaneOperation({
  http: "DELETE /restapis/{restApiId}/stages/{stageName}",
  status: 202,
  input: z.object(address),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    delete api.stages[findStage(api, input.stageName).stageName];
  },
});

/** A stage with nothing but a name and a deployment. Throws BadRequestException for an invalid name. */
export function newStage(account: Account, given: { stageName: string; deploymentId: string }): Stage {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(given.stageName)) {
    throw badRequest("Stage name only allows a-zA-Z0-9_-");
  }
  const now = account.now().getTime();
  return {
    ...given,
    createdDate: now,
    lastUpdatedDate: now,
    tracingEnabled: false,
    methodSettings: dictionary(),
    tags: dictionary(),
  };
}

/** @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateStage-Patch */
const PATCHABLE: Patchable<Stage> = {
  deploymentId: requiredText("deploymentId"),
  description: text("description"),
  tracingEnabled: flag("tracingEnabled"),
  "variables/*": entry("variables", "variable"),
  accessLogSettings: (stage, { op, value }) => {
    if (op !== "remove") {
      throw badRequest(`Invalid value '${value ?? ""}' for /accessLogSettings; remove it or set its members`);
    }
    delete stage.accessLogSettings;
  },
  "accessLogSettings/destinationArn": (stage, { value }) => {
    // A trailing `:*` names all streams of the group; the group is what is meant.
    stage.accessLogSettings = { ...stage.accessLogSettings, destinationArn: value?.replace(/:\*$/, "") };
  },
  "accessLogSettings/format": (stage, { value }) => {
    stage.accessLogSettings = { ...stage.accessLogSettings, format: value };
  },
  cacheClusterEnabled: (_, { value }) => {
    if (value === "true") {
      throw unsupported("response caching", "Leave cacheClusterEnabled off.");
    }
  },
  documentationVersion: (_, { value }) => {
    if (value) {
      throw unsupported("documentation versions", "Leave documentationVersion out.");
    }
  },
  clientCertificateId: (_, { value }) => {
    if (value) {
      throw unsupported("client certificates", "Leave clientCertificateId out.");
    }
  },
};

/** A patch of a stage mixes the stage's own members with the settings of its methods. */
function patchedStage(stage: Stage, operations: readonly PatchOperation[]): Stage {
  const ofStage = operations.filter((operation) => !isMethodSettingPatch(operation));
  const changed = patched(stage, ofStage, PATCHABLE);
  for (const operation of operations.filter(isMethodSettingPatch)) {
    patchMethodSetting(changed, operation);
  }
  return changed;
}

function checkStage(account: Account, api: RestApi, stage: Stage): void {
  if (!api.deployments[stage.deploymentId]) {
    throw badRequest("Deployment id does not exist");
  }
  const { destinationArn, format } = stage.accessLogSettings ?? {};
  if (destinationArn !== undefined && !LOG_GROUP_ARN.test(destinationArn)) {
    throw badRequest("Invalid ARN specified in the request");
  }
  // A format without an identifier could not be matched with the answer that the client got.
  if (format !== undefined && !/\$context\.(?:requestId|extendedRequestId)/.test(format)) {
    throw badRequest("Access log format must contain $context.requestId or $context.extendedRequestId");
  }
  const logs = Object.values(stage.methodSettings).some(({ loggingLevel }) => loggingLevel !== "OFF");
  if ((logs || destinationArn !== undefined) && !account.state.apiGateway.cloudwatchRoleArn) {
    throw badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging");
  }
  for (const [name, value] of Object.entries(stage.variables ?? {})) {
    if (!/^[A-Za-z0-9_]+$/.test(name) || !/^[A-Za-z0-9\-._~:/?#&=,]*$/.test(value)) {
      throw badRequest("Stage variable names only allow a-zA-Z0-9_, and their values a-zA-Z0-9-._~:/?#&=,");
    }
  }
}

const LOG_GROUP_ARN = /^arn:aws[a-z-]*:logs:[a-z0-9-]+:\d{12}:log-group:[\w./#-]+$/;

function stageOutput(stage: Stage) {
  return {
    ...stage,
    variables: nonEmpty(stage.variables),
    tags: nonEmpty(stage.tags),
    cacheClusterEnabled: false,
    cacheClusterStatus: "NOT_AVAILABLE",
    createdDate: Math.floor(stage.createdDate / 1000),
    lastUpdatedDate: Math.floor(stage.lastUpdatedDate / 1000),
  };
}
