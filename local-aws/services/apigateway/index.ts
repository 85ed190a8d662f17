/** API Gateway's control plane for REST APIs. What it deploys is served by `execute-api`. */
import type { Service } from "../service";
import { getAccount, updateAccount } from "./account-settings";
import {
  createDeployment,
  deleteDeployment,
  getDeployment,
  getDeployments,
  updateDeployment,
} from "./deployment";
import {
  deleteGatewayResponse,
  getGatewayResponse,
  getGatewayResponses,
  putGatewayResponse,
  updateGatewayResponse,
} from "./gateway-response";
import { importRestApi, putRestApi } from "./import-rest-api";
import { deleteIntegration, getIntegration, putIntegration, updateIntegration } from "./integration";
import {
  deleteIntegrationResponse,
  getIntegrationResponse,
  putIntegrationResponse,
  updateIntegrationResponse,
} from "./integration-response";
import { restApiArn } from "./lookup";
import { deleteMethod, getMethod, putMethod, updateMethod } from "./method";
import {
  deleteMethodResponse,
  getMethodResponse,
  putMethodResponse,
  updateMethodResponse,
} from "./method-response";
import { createResource, deleteResource, getResource, getResources, updateResource } from "./resource";
import { createRestApi, deleteRestApi, getRestApi, getRestApis, updateRestApi } from "./rest-api";
import { createStage, deleteStage, getStage, getStages, updateStage } from "./stage";
import { getTags, tagResource, tagsOf, untagResource } from "./tags";

export const apiGateway: Service = {
  name: "apigateway",
  protocol: "rest-json",
  validationErrorCode: "ValidationException",
  refusalErrorCode: "BadRequestException",
  namesInputs: true,
  resources: (account) => Object.keys(account.state.apiGateway.restApis).map((id) => restApiArn(account, id)),
  tagsOf,
  operations: {
    CreateRestApi: createRestApi,
    GetRestApi: getRestApi,
    GetRestApis: getRestApis,
    UpdateRestApi: updateRestApi,
    PutRestApi: putRestApi,
    ImportRestApi: importRestApi,
    DeleteRestApi: deleteRestApi,
    CreateResource: createResource,
    GetResource: getResource,
    GetResources: getResources,
    UpdateResource: updateResource,
    DeleteResource: deleteResource,
    PutMethod: putMethod,
    GetMethod: getMethod,
    UpdateMethod: updateMethod,
    DeleteMethod: deleteMethod,
    PutMethodResponse: putMethodResponse,
    GetMethodResponse: getMethodResponse,
    UpdateMethodResponse: updateMethodResponse,
    DeleteMethodResponse: deleteMethodResponse,
    PutIntegration: putIntegration,
    GetIntegration: getIntegration,
    UpdateIntegration: updateIntegration,
    DeleteIntegration: deleteIntegration,
    PutIntegrationResponse: putIntegrationResponse,
    GetIntegrationResponse: getIntegrationResponse,
    UpdateIntegrationResponse: updateIntegrationResponse,
    DeleteIntegrationResponse: deleteIntegrationResponse,
    PutGatewayResponse: putGatewayResponse,
    GetGatewayResponse: getGatewayResponse,
    GetGatewayResponses: getGatewayResponses,
    UpdateGatewayResponse: updateGatewayResponse,
    DeleteGatewayResponse: deleteGatewayResponse,
    CreateDeployment: createDeployment,
    GetDeployment: getDeployment,
    GetDeployments: getDeployments,
    UpdateDeployment: updateDeployment,
    DeleteDeployment: deleteDeployment,
    CreateStage: createStage,
    GetStage: getStage,
    GetStages: getStages,
    UpdateStage: updateStage,
    DeleteStage: deleteStage,
    GetAccount: getAccount,
    UpdateAccount: updateAccount,
    TagResource: tagResource,
    UntagResource: untagResource,
    GetTags: getTags,
  },
};
