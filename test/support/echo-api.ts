/** One API whose functions show the event they got, do as they are told, fail or dawdle, as the resource says. */

import { type ApiClient, IAM } from "./api-client";
import { type IdentitySession, identitySession } from "./identity-session";

const SOURCE = `
exports.handler = async (event) => {
  if (event.resource === "/respond") return JSON.parse(event.body);
  if (event.resource === "/fail") throw new Error("as asked");
  if (event.resource === "/slow") await new Promise((resolve) => setTimeout(resolve, 3000));
  return { statusCode: 200, body: JSON.stringify(event) };
};`;

export interface EchoApi {
  readonly apiId: string;
  /** Alice may call `GET` and `POST /hello` and her own `/users/{user}`; `GET /denied` is denied to her. */
  readonly session: IdentitySession;
}

export async function deployEchoApi(client: ApiClient): Promise<EchoApi> {
  const app = client.proxyTo(await client.createFunction("app", SOURCE));
  const closed = client.proxyTo(await client.createFunction("closed", SOURCE));
  const apiId = await client.createApi(
    {
      "GET /hello": { method: IAM, integration: app },
      "POST /hello": { method: IAM, integration: app },
      "GET /restricted": { method: IAM, integration: app },
      "GET /denied": { method: IAM, integration: app },
      "GET /users/{user}": { method: IAM, integration: app },
      "ANY /open": { integration: app },
      "GET /open/{rest+}": { integration: app },
      "POST /respond": { integration: app },
      "GET /fail": { integration: app },
      "GET /slow": { integration: { ...app, timeoutInMillis: 60 } },
      "GET /closed": { integration: closed },
      "GET /gone": { integration: client.proxyTo(client.lambdaArn("gone")) },
      "GET /by-get": { integration: { ...app, integrationHttpMethod: "GET" } },
      "GET /by-variable": { integration: client.proxyTo(client.lambdaArn("${stageVariables.name}")) },
      "GET /with-key": { method: { apiKeyRequired: true }, integration: app },
    },
    { binaryMediaTypes: ["image/png"] },
  );
  await client.deploy(apiId, { name: "app", colour: "blue" });
  await client.permit("app", apiId, "*");
  const granted = [
    "GET/hello",
    "POST/hello",
    "GET/denied",
    "GET/users/${cognito-identity.amazonaws.com:sub}",
  ];
  const session = await identitySession(client.aws, "alice", [
    {
      Effect: "Allow",
      Action: "execute-api:Invoke",
      Resource: granted.map((route) => client.invokeArn(apiId, route)),
    },
    { Effect: "Deny", Action: "execute-api:*", Resource: client.invokeArn(apiId, "GET/denied") },
  ]);
  return { apiId, session };
}
