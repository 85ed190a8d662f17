/** Finds the parts of an API by the identifiers of a request, or answers as API Gateway does when there is none. */
import type { Account } from "../../account";
import type {
  Deployment,
  Integration,
  Method,
  Resource,
  RestApi,
  Stage,
} from "../../account/state/apigateway";
import { notFound } from "./failure";

export function restApiArn(account: Account, restApiId: string): string {
  return `arn:aws:apigateway:${account.region}::/restapis/${restApiId}`;
}

export function findRestApi(account: Account, restApiId: string): RestApi {
  const api = account.state.apiGateway.restApis[restApiId];
  if (!api) {
    throw notFound(`Invalid API identifier specified ${account.id}:${restApiId}`);
  }
  return api;
}

export function findResource(api: RestApi, resourceId: string): Resource {
  const resource = api.resources[resourceId];
  if (!resource) {
    throw notFound("Invalid Resource identifier specified");
  }
  return resource;
}

function findMethod(resource: Resource, verb: string): Method {
  const method = resource.methods[verb];
  if (!method) {
    throw notFound("Invalid Method identifier specified");
  }
  return method;
}

export function findIntegration(method: Method): Integration {
  if (!method.methodIntegration) {
    throw notFound("Invalid Integration identifier specified");
  }
  return method.methodIntegration;
}

export function findDeployment(api: RestApi, deploymentId: string): Deployment {
  const deployment = api.deployments[deploymentId];
  if (!deployment) {
    throw notFound("Invalid Deployment identifier specified");
  }
  return deployment;
}

export function findStage(api: RestApi, stageName: string): Stage {
  const stage = api.stages[stageName];
  if (!stage) {
    throw notFound("Invalid stage identifier specified");
  }
  return stage;
}

/** The identifiers in the path of an operation on a method. */
interface MethodAddress {
  readonly restApiId: string;
  readonly resourceId: string;
  readonly verb: string;
}

export function findAddressedMethod(account: Account, address: MethodAddress): Method {
  const api = findRestApi(account, address.restApiId);
  return findMethod(findResource(api, address.resourceId), address.verb);
}

/** A request may ask for a member called `constructor`: only the map's own members count. */
export function own<Value>(map: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
