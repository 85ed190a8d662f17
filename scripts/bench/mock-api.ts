/** An API whose root answers by itself, so that a call measures the gateway alone. */
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateRestApiCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
} from "@aws-sdk/client-api-gateway";

/** An account and who deploys in it. */
interface MockAccount {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Its stage. */
export const MOCK_STAGE = "bench";

/** Deploys it. Returns its id. */
export async function deployMockApi(
  { region, endpoint, credentials }: MockAccount,
  authorizationType: "AWS_IAM" | "NONE",
): Promise<string> {
  const client = new APIGatewayClient({ region, endpoint, credentials });
  const { id = "", rootResourceId } = await client.send(new CreateRestApiCommand({ name: "bench" }));
  const method = { restApiId: id, resourceId: rootResourceId, httpMethod: "GET" };
  const response = { ...method, statusCode: "200" };
  await client.send(new PutMethodCommand({ ...method, authorizationType }));
  await client.send(new PutMethodResponseCommand(response));
  await client.send(
    new PutIntegrationCommand({
      ...method,
      type: "MOCK",
      requestTemplates: { "application/json": '{"statusCode": 200}' },
    }),
  );
  await client.send(new PutIntegrationResponseCommand(response));
  await client.send(new CreateDeploymentCommand({ restApiId: id, stageName: MOCK_STAGE }));
  client.destroy();
  return id;
}
