/** An account with an API Gateway client, for tests of the control plane. */
import {
  APIGatewayClient,
  type APIGatewayServiceException,
  CreateDeploymentCommand,
  CreateRestApiCommand,
  type PatchOperation,
  PutIntegrationCommand,
  PutMethodCommand,
} from "@aws-sdk/client-api-gateway";
import { type LocalAws, startLocalAws } from "../../local-aws";

export class ApiGatewayAccount {
  readonly client: APIGatewayClient;

  private constructor(readonly aws: LocalAws) {
    this.client = new APIGatewayClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: aws.credentials,
    });
  }

  static async start(): Promise<ApiGatewayAccount> {
    return new ApiGatewayAccount(await startLocalAws());
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.aws.stop();
  }

  /** An API with nothing but its root. */
  async newApi(): Promise<{ restApiId: string; root: string }> {
    const { id, rootResourceId } = await this.client.send(new CreateRestApiCommand({ name: "test" }));
    return { restApiId: id as string, root: rootResourceId as string };
  }

  /** An API whose root answers GET, and a deployment of it. */
  async newDeployedApi() {
    const { restApiId, root } = await this.newApi();
    const get = { restApiId, resourceId: root, httpMethod: "GET" };
    await this.client.send(new PutMethodCommand({ ...get, authorizationType: "NONE" }));
    await this.client.send(new PutIntegrationCommand({ ...get, type: "MOCK" }));
    const { id } = await this.client.send(new CreateDeploymentCommand({ restApiId, stageName: "" }));
    return { restApiId, root, get, deploymentId: id as string };
  }
}

/** The class, status and message of a refusal. */
export async function refusal(
  answer: Promise<unknown>,
): Promise<[name: string, status: number | undefined, message: string]> {
  const error = await answer.then(
    () => undefined,
    (reason: APIGatewayServiceException) => reason,
  );
  if (error === undefined) {
    throw new Error("the call was expected to be refused");
  }
  return [error.name, error.$metadata.httpStatusCode, error.message];
}

export const replace = (path: string, value: string): PatchOperation => ({ op: "replace", path, value });
export const add = (path: string, value?: string): PatchOperation => ({ op: "add", path, value });
export const remove = (path: string): PatchOperation => ({ op: "remove", path });
