/** From a login to an answer of a deployed API that demands signatures, by the two functions of the file alone. */
import {
  CognitoIdentityClient,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { fromDeveloperIdentity, signedFetch } from "../../web/developer-identity";
import { ApiClient, STAGE } from "../support/api-client";
import { deployEchoApi, type EchoApi } from "../support/echo-api";
import { DEVELOPER_PROVIDER } from "../support/identity-session";

let client: ApiClient;
let cognito: CognitoIdentityClient;
let api: EchoApi;
let base: string;
let call: typeof fetch;

beforeAll(async () => {
  client = await ApiClient.start();
  const { endpoint, region, credentials } = client.aws;
  cognito = new CognitoIdentityClient({ endpoint, region, credentials });
  api = await deployEchoApi(client);
  base = `${endpoint}/_aws/execute-api/${api.apiId}/${STAGE}`;
  call = signedFetch(signedIn("alice"), region);
});
afterAll(async () => {
  cognito.destroy();
  await client.stop();
});

function signedIn(user: string) {
  return fromDeveloperIdentity({
    login: async () => {
      const { IdentityId = "", Token = "" } = await cognito.send(
        new GetOpenIdTokenForDeveloperIdentityCommand({
          IdentityPoolId: api.session.identityPoolId,
          Logins: { [DEVELOPER_PROVIDER]: user },
        }),
      );
      return { identityId: IdentityId, token: Token };
    },
    region: client.aws.region,
    endpoint: client.aws.endpoint,
  });
}

/** The event that the function got. */
async function eventOf(response: Response) {
  expect(response.status).toBe(200);
  return (await response.json()) as {
    readonly body: string;
    readonly isBase64Encoded: boolean;
    readonly multiValueQueryStringParameters: unknown;
    readonly pathParameters: unknown;
    readonly requestContext: { readonly identity: { readonly cognitoIdentityId: string } };
  };
}

test("the function sees whose call it is", async () => {
  const { requestContext } = await eventOf(await call(`${base}/hello`));
  expect(requestContext.identity.cognitoIdentityId).toBe(api.session.identityId);
});

test.each([
  ["?a=b%20c&d=e+f&g=%2B&h=é", { a: ["b c"], d: ["e f"], g: ["+"], h: ["é"] }],
  ["?b=2&a=1&b=1&B=0&a", { b: ["2", "1"], a: ["1", ""], B: ["0"] }],
  ["?x=!'()*;:@$,/?[]", { x: ["!'()*;:@$,/?[]"] }],
])("a query as it was meant: %s", async (query, parameters) => {
  const event = await eventOf(await call(`${base}/hello${query}`));
  expect(event.multiValueQueryStringParameters).toEqual(parameters);
});

test.each<[string, RequestInit["body"], string]>([
  ["text", "grüße 🙂", "grüße 🙂"],
  ["a form", new URLSearchParams({ a: "b c&d" }), "a=b+c%26d"],
  ["a Blob", new Blob(["blob"]), "blob"],
])("a body: %s", async (_, body, expected) => {
  expect((await eventOf(await call(`${base}/hello`, { method: "POST", body }))).body).toBe(expected);
});

test("bytes arrive as they are", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const response = await call(`${base}/hello`, {
    method: "POST",
    body: bytes,
    headers: { "Content-Type": "image/png" },
  });
  const { body, isBase64Encoded } = await eventOf(response);
  expect([isBase64Encoded, Buffer.from(body, "base64")]).toEqual([true, Buffer.from(bytes)]);
});

test("the own path, given as a Request", async () => {
  const request = new Request(`${base}/users/${api.session.identityId}`);
  expect((await eventOf(await call(request))).pathParameters).toEqual({ user: api.session.identityId });
});

test.each([
  ["another user's path", "/users/us-east-1:11111111-2222-3333-4444-555555555555"],
  ["a path that nobody is granted", "/restricted"],
  ["a path that is denied", "/denied"],
])("%s is refused, and the answer handed over", async (_, path) => {
  const response = await call(`${base}${path}`);
  expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([403, "AccessDeniedException"]);
});

test("another user's own path is open to the other user", async () => {
  const credentials = signedIn("bob");
  const { identityId } = await credentials();
  const bob = signedFetch(credentials, client.aws.region);
  expect((await bob(`${base}/users/${identityId}`)).status).toBe(200);
  expect((await bob(`${base}/users/${api.session.identityId}`)).status).toBe(403);
});

test("signed for another region, or with another secret, it is refused", async () => {
  const credentials = await signedIn("alice")();
  for (const wrong of [
    signedFetch(credentials, "eu-west-1"),
    signedFetch({ ...credentials, secretAccessKey: "another" }, client.aws.region),
    signedFetch({ ...credentials, sessionToken: undefined }, client.aws.region),
  ]) {
    expect((await wrong(`${base}/hello`)).status).toBe(403);
  }
});
