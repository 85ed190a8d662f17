import {
  CreateDeploymentCommand,
  DeleteResourceCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  UpdateResourceCommand,
  UpdateRestApiCommand,
} from "@aws-sdk/client-api-gateway";
import { ApiClient, type ApiRequest, MISSING_TOKEN, MOCK, refusal, STAGE } from "../../../support/api-client";
import { deployEchoApi } from "../../../support/echo-api";
import type { IdentitySession } from "../../../support/identity-session";

let client: ApiClient;
let apiId: string;
let session: IdentitySession;

beforeAll(async () => {
  client = await ApiClient.start();
  ({ apiId, session } = await deployEchoApi(client));
});

afterAll(() => client.stop());

const call = (request: ApiRequest) => client.call(apiId, request);

describe("a path or a stage that isn't there", () => {
  test("is refused whether signed or not", async () => {
    expect(refusal(await call({ path: "/nowhere" }))).toEqual(MISSING_TOKEN);
    expect(refusal(await call({ path: "/nowhere", credentials: session }))).toEqual(MISSING_TOKEN);
    expect(refusal(await call({ path: "/hello", method: "DELETE", credentials: session }))).toEqual(
      MISSING_TOKEN,
    );
    const malformed = await call({ path: "/nowhere", headers: { Authorization: "Bearer x" } });
    expect(refusal(malformed).slice(0, 2)).toEqual([403, "IncompleteSignatureException"]);
  });

  test("is explained to the developer", async () => {
    await call({ path: "/nowhere" });
    expect(client.aws.decisions(1)[0]).toMatchObject({
      kind: "route",
      subject: `GET /${STAGE}/nowhere of API ${apiId}`,
      detail: [expect.stringMatching(/the deployed routes are: .*GET \/hello, POST \/hello, /)],
    });
    await call({ stage: "prod", path: "/open" });
    expect(client.aws.decisions(1)[0]).toMatchObject({
      kind: "stage",
      detail: [`the API's stages are: ${STAGE}`],
    });
    await client.call("nosuchapi1", { path: "/open" });
    expect(client.aws.decisions(1)[0]).toMatchObject({
      kind: "stage",
      detail: ["there is no REST API nosuchapi1"],
    });
  });

  test("is explained by the routes next to it when there are many", async () => {
    const names = Array.from({ length: 24 }, (_, number) => `/${String.fromCharCode(97 + number)}`);
    const api = await client.createApi(
      Object.fromEntries(names.toReversed().map((name) => [`GET ${name}`, { integration: MOCK }])),
    );
    await client.deploy(api);
    const explanation = async (path: string) => {
      await client.call(api, { path });
      return client.aws.decisions(1)[0]?.detail;
    };
    const nearest = (start: number, end: number) => [
      `the nearest of 24 deployed routes are: ${names
        .slice(start, end)
        .map((name) => `GET ${name}`)
        .join(", ")}`,
    ];
    expect(await explanation("/")).toEqual(nearest(0, 20));
    expect(await explanation("/l/unknown")).toEqual(nearest(2, 22));
    expect(await explanation("/z")).toEqual(nearest(4, 24));
  });

  test("is explained first by what its path is with another verb, wherever that stands in their order", async () => {
    const names = Array.from({ length: 30 }, (_, number) => `GET /users/${100 + number}`);
    const routes = ["PUT /users/{id}", ...names];
    const api = await client.createApi(
      Object.fromEntries(routes.map((name) => [name, { integration: MOCK }])),
    );
    await client.deploy(api);
    await client.call(api, { method: "DELETE", path: "/users/101" });
    expect(client.aws.decisions(1)[0]?.detail).toEqual([
      expect.stringMatching(
        /^the nearest of 31 deployed routes are: GET \/users\/101, PUT \/users\/\{id\}, GET \/users\/100, /,
      ),
    ]);
  });

  test("has no API to say more than Forbidden", async () => {
    const forbidden = [403, "ForbiddenException", { message: "Forbidden" }];
    expect(refusal(await call({ stage: "prod", path: "/open" }))).toEqual(forbidden);
    expect(refusal(await call({ stage: "constructor", path: "/open" }))).toEqual(forbidden);
    expect(refusal(await client.call("nosuchapi1", { path: "/open" }))).toEqual(forbidden);
    expect(refusal(await client.call("constructor", { path: "/open" }))).toEqual(forbidden);
  });
});

test("a stage may have slashes before it, for signed calls and others, and nothing opens by that", async () => {
  const open = await call({ stage: `/${STAGE}`, path: "/open" });
  expect(open.status).toBe(200);
  const signed = await call({ stage: `/${STAGE}`, path: "/hello", credentials: session });
  expect([signed.status, (await call({ path: "/hello", credentials: session })).status]).toEqual([200, 200]);
  expect(refusal(await call({ stage: `/${STAGE}`, path: "/hello" }))).toEqual(MISSING_TOKEN);
});

test("serves what was deployed until it is deployed again", async () => {
  const api = await client.createApi({ "GET /": { integration: MOCK } });
  const route = { resourceId: await client.resourceId(api, "/"), httpMethod: "GET" };
  await client.answerWith(api, route, { "X-Version": "'1'" });
  await client.deploy(api);
  const version = async () => (await client.call(api, { path: "/" })).headers["x-version"];
  expect(await version()).toBe("1");
  await client.gateway.send(
    new PutIntegrationResponseCommand({
      restApiId: api,
      ...route,
      statusCode: "200",
      responseParameters: { "method.response.header.X-Version": "'2'" },
    }),
  );
  await client.gateway.send(
    new UpdateRestApiCommand({
      restApiId: api,
      patchOperations: [{ op: "replace", path: "/name", value: "renamed" }],
    }),
  );
  await client.gateway.send(
    new PutMethodCommand({ restApiId: api, ...route, httpMethod: "POST", authorizationType: "NONE" }),
  );
  await client.gateway.send(
    new PutIntegrationCommand({ restApiId: api, ...route, httpMethod: "POST", type: "MOCK" }),
  );
  expect(await version()).toBe("1");
  expect(refusal(await client.call(api, { method: "POST", path: "/" }))).toEqual(MISSING_TOKEN);
  expect(client.aws.decisions(1)[0]?.detail).toEqual([
    "POST / exists, but not in the stage's deployment: deploy the API again",
  ]);
  await client.gateway.send(new CreateDeploymentCommand({ restApiId: api, stageName: STAGE }));
  expect(await version()).toBe("2");
  await client.gateway.send(
    new UpdateRestApiCommand({
      restApiId: api,
      patchOperations: [{ op: "replace", path: "/disableExecuteApiEndpoint", value: "true" }],
    }),
  );
  expect(await version()).toBe("2");
  await client.gateway.send(new CreateDeploymentCommand({ restApiId: api, stageName: STAGE }));
  expect(refusal(await client.call(api, { path: "/" }))).toEqual([
    403,
    "ForbiddenException",
    { message: "Forbidden" },
  ]);
});

test("what isn't deployed is named as it is at the time", async () => {
  const api = await client.createApi({
    "GET /": { integration: MOCK },
    "GET /old/part": { integration: MOCK },
  });
  await client.deploy(api);
  const hint = async (path: string) => {
    expect(refusal(await client.call(api, { method: "POST", path }))).toEqual(MISSING_TOKEN);
    return client.aws.decisions(1)[0]?.detail[0]?.replace(/:.*/, "");
  };
  const [deployed, undeployed] = [
    "the deployed routes are",
    "POST PATH exists, but not in the stage's deployment",
  ];
  const named = (path: string) => undeployed.replace("PATH", path);
  expect(await hint("/old/part")).toBe(deployed);
  const part = { restApiId: api, resourceId: await client.resourceId(api, "/old/part"), httpMethod: "POST" };
  await client.gateway.send(new PutMethodCommand({ ...part, authorizationType: "NONE" }));
  expect(await hint("/old/part")).toBe(named("/old/part"));
  await client.gateway.send(
    new UpdateResourceCommand({
      restApiId: api,
      resourceId: await client.resourceId(api, "/old"),
      patchOperations: [{ op: "replace", path: "/pathPart", value: "new" }],
    }),
  );
  expect([await hint("/old/part"), await hint("/new/part")]).toEqual([deployed, named("/new/part")]);
  await client.gateway.send(new DeleteResourceCommand({ restApiId: api, resourceId: part.resourceId }));
  expect(await hint("/new/part")).toBe(deployed);
});

describe("limits", () => {
  test("a body of more than 10 MiB is refused", async () => {
    const tooLong = await call({ method: "POST", path: "/open", body: Buffer.alloc(10_485_761) });
    expect([tooLong.status, tooLong.text]).toEqual([413, "HTTP content length exceeded 10485760 bytes."]);
  });

  test("a path of more than 1,600 bytes is refused", async () => {
    const tooLong = await call({ path: `/open/${"x".repeat(1600)}` });
    expect([tooLong.status, tooLong.text]).toEqual([414, "Request URI too long"]);
  });
});
