/** APIs as OpenAPI documents: what is imported, and what is refused rather than left out. */
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  GetGatewayResponseCommand,
  GetResourcesCommand,
  GetRestApiCommand,
  GetStagesCommand,
  ImportRestApiCommand,
  PutGatewayResponseCommand,
  PutRestApiCommand,
  type PutRestApiCommandInput,
  type Resource,
  UpdateRestApiCommand,
} from "@aws-sdk/client-api-gateway";
import { ApiGatewayAccount, add, refusal, replace } from "../../../support/apigateway-account";
import { identitySession } from "../../../support/identity-session";

let account: ApiGatewayAccount;

beforeAll(async () => {
  account = await ApiGatewayAccount.start();
});

afterAll(() => account.stop());

type Part = Record<string, unknown>;

const LAMBDA =
  "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations";
const SIGV4 = {
  type: "apiKey",
  name: "Authorization",
  in: "header",
  "x-amazon-apigateway-authtype": "awsSigv4",
};
const MOCK = { type: "mock", requestTemplates: { "application/json": '{"statusCode":200}' } };
const OK = { responses: {}, "x-amazon-apigateway-integration": MOCK };

/** A document with the given paths. */
function documentOf(paths: Part, others: Part = {}): Part {
  return {
    openapi: "3.0.1",
    info: { title: "orders", version: "2", description: "takes orders" },
    paths,
    components: { securitySchemes: { sigv4: SIGV4 } },
    ...others,
  };
}

function put(restApiId: string, document: unknown, options: Partial<PutRestApiCommandInput> = {}) {
  const body = typeof document === "string" ? document : JSON.stringify(document);
  return account.client.send(new PutRestApiCommand({ restApiId, body: Buffer.from(body), ...options }));
}

async function resourcesOf(restApiId: string): Promise<Record<string, Resource>> {
  const { items = [] } = await account.client.send(
    new GetResourcesCommand({ restApiId, embed: ["methods"] }),
  );
  return Object.fromEntries(items.map((resource) => [resource.path, resource]));
}

async function methodsOf(restApiId: string): Promise<string[]> {
  const resources = Object.values(await resourcesOf(restApiId));
  return resources
    .flatMap(({ path, resourceMethods = {} }) =>
      Object.keys(resourceMethods).map((verb) => `${verb} ${path}`),
    )
    .sort();
}

describe("a document", () => {
  test("becomes an API of its own", async () => {
    const body = Buffer.from(JSON.stringify(documentOf({ "/a/{id}": { get: OK } })));
    const imported = await account.client.send(new ImportRestApiCommand({ body, failOnWarnings: true }));
    expect(imported).toMatchObject({
      $metadata: { httpStatusCode: 201 },
      name: "orders",
      version: "2",
      description: "takes orders",
      apiStatus: "AVAILABLE",
      endpointConfiguration: { types: ["EDGE"], ipAddressType: "ipv4" },
    });
    expect(await methodsOf(imported.id as string)).toEqual(["GET /a/{id}"]);
  });

  test("says everything that single calls can say of methods and their answers", async () => {
    const { restApiId } = await account.newApi();
    const document = documentOf(
      {
        "/": { "x-amazon-apigateway-any-method": OK },
        "/orders/{id}": {
          summary: "An order",
          get: {
            operationId: "getOrder",
            parameters: [
              { name: "id", in: "path", required: true, schema: { type: "string" } },
              { name: "page", in: "query" },
              { name: "X-Trace", in: "header" },
            ],
            responses: {},
            security: [{ sigv4: [] }],
            "x-other-vendor": { anything: 1 },
            "x-amazon-apigateway-auth": { type: "AWS_IAM" },
            "x-amazon-apigateway-integration": {
              type: "aws_proxy",
              httpMethod: "POST",
              uri: LAMBDA,
              passthroughBehavior: "when_no_match",
              contentHandling: "convert_to_text",
              timeoutInMillis: 5000,
            },
          },
          options: {
            responses: { "200": { description: "Preflight", headers: { "x-allowed": { schema: {} } } } },
            "x-amazon-apigateway-integration": {
              ...MOCK,
              responses: {
                default: {
                  statusCode: "200",
                  responseParameters: { "method.response.header.x-allowed": "'*'" },
                },
              },
            },
          },
        },
      },
      {
        "x-amazon-apigateway-gateway-responses": {
          DEFAULT_4XX: { statusCode: "418", responseParameters: { "gatewayresponse.header.X": "'1'" } },
        },
      },
    );
    expect(await put(restApiId, document, { mode: "overwrite", failOnWarnings: true })).toMatchObject({
      $metadata: { httpStatusCode: 200 },
      id: restApiId,
      endpointConfiguration: { types: ["EDGE"] },
    });
    const resources = await resourcesOf(restApiId);
    expect(resources["/"]?.resourceMethods).toMatchObject({ ANY: { authorizationType: "NONE" } });
    expect(resources["/orders/{id}"]).toMatchObject({ parentId: resources["/orders"]?.id, pathPart: "{id}" });
    const { GET, OPTIONS } = resources["/orders/{id}"]?.resourceMethods ?? {};
    expect(GET).toMatchObject({
      authorizationType: "AWS_IAM",
      operationName: "getOrder",
      apiKeyRequired: false,
      requestParameters: {
        "method.request.path.id": true,
        "method.request.querystring.page": false,
        "method.request.header.X-Trace": false,
      },
      methodIntegration: {
        type: "AWS_PROXY",
        httpMethod: "POST",
        uri: LAMBDA,
        passthroughBehavior: "WHEN_NO_MATCH",
        contentHandling: "CONVERT_TO_TEXT",
        timeoutInMillis: 5000,
        cacheNamespace: resources["/orders/{id}"]?.id,
      },
    });
    const answered = { "200": { statusCode: "200" } };
    expect(OPTIONS).toMatchObject({
      authorizationType: "NONE",
      methodResponses: { "200": { responseParameters: { "method.response.header.x-allowed": false } } },
      methodIntegration: { type: "MOCK", integrationResponses: answered },
    });
    expect(OPTIONS?.methodIntegration?.integrationResponses?.["200"]).not.toHaveProperty("selectionPattern");
    const responseType = "DEFAULT_4XX";
    expect(
      await account.client.send(new GetGatewayResponseCommand({ restApiId, responseType })),
    ).toMatchObject({ statusCode: "418", responseParameters: { "gatewayresponse.header.X": "'1'" } });
  });

  test.each<[string, Part, string]>([
    ["a scheme alone", { security: [{ sigv4: [] }] }, "AWS_IAM"],
    ["the extension alone", { "x-amazon-apigateway-auth": { type: "AWS_IAM" } }, "AWS_IAM"],
    ["an open extension", { "x-amazon-apigateway-auth": { type: "NONE" } }, "NONE"],
    ["an empty list", { security: [] }, "NONE"],
    ["nothing", {}, "NONE"],
  ])("authorizes by %s", async (_, security, authorizationType) => {
    const { restApiId } = await account.newApi();
    await put(restApiId, documentOf({ "/a": { get: { ...OK, ...security } } }));
    const resources = await resourcesOf(restApiId);
    expect(resources["/a"]?.resourceMethods?.GET).toMatchObject({ authorizationType });
  });
});

describe("modes", () => {
  /** An API with routes, a deployment and a stage of its own, and more that a document may decide. */
  async function existing() {
    const { restApiId, root } = await account.newApi();
    await put(restApiId, documentOf({ "/a": { get: OK, post: OK }, "/b": { get: OK } }));
    await account.client.send(new CreateDeploymentCommand({ restApiId, stageName: "prod" }));
    await account.client.send(
      new PutGatewayResponseCommand({ restApiId, responseType: "THROTTLED", statusCode: "503" }),
    );
    await account.client.send(
      new UpdateRestApiCommand({
        restApiId,
        patchOperations: [
          add("/binaryMediaTypes/image~1png"),
          replace("/minimumCompressionSize", "10"),
          replace("/apiKeySource", "AUTHORIZER"),
          replace("/disableExecuteApiEndpoint", "true"),
          replace("/endpointConfiguration/types/EDGE", "REGIONAL"),
        ],
      }),
    );
    return { restApiId, root };
  }
  const later = documentOf({ "/a": { get: { ...OK, security: [{ sigv4: [] }] } }, "/c": { get: OK } });
  const throttled = (restApiId: string) =>
    account.client.send(new GetGatewayResponseCommand({ restApiId, responseType: "THROTTLED" }));

  test.each([[{}], [{ mode: "merge" }]] as const)("merging %p adds to what is there", async (mode) => {
    const { restApiId } = await existing();
    expect(await put(restApiId, later, mode)).toMatchObject({
      binaryMediaTypes: ["image/png"],
      minimumCompressionSize: 10,
      apiKeySource: "AUTHORIZER",
    });
    expect(await methodsOf(restApiId)).toEqual(["GET /a", "GET /b", "GET /c", "POST /a"]);
    const resources = await resourcesOf(restApiId);
    expect(resources["/a"]?.resourceMethods?.GET?.authorizationType).toBe("AWS_IAM");
    expect(await throttled(restApiId)).toMatchObject({ statusCode: "503" });
  });

  test("overwriting leaves what the document says, and the API's identity, stages and reach", async () => {
    const { restApiId, root } = await existing();
    const overwritten = await put(restApiId, later, { mode: "overwrite" });
    expect(overwritten).toMatchObject({
      id: restApiId,
      rootResourceId: root,
      apiKeySource: "HEADER",
      disableExecuteApiEndpoint: true,
      endpointConfiguration: { types: ["REGIONAL"] },
    });
    expect(overwritten).not.toHaveProperty("binaryMediaTypes");
    expect(overwritten).not.toHaveProperty("minimumCompressionSize");
    expect(await methodsOf(restApiId)).toEqual(["GET /a", "GET /c"]);
    expect(await throttled(restApiId)).toMatchObject({ statusCode: "429" });
    const { item = [] } = await account.client.send(new GetStagesCommand({ restApiId }));
    expect(item.map(({ stageName }) => stageName)).toEqual(["prod"]);
  });

  test("merging a second name for a parameter is refused as CreateResource refuses it", async () => {
    const { restApiId } = await account.newApi();
    await put(restApiId, documentOf({ "/a/{id}": { get: OK } }));
    expect((await refusal(put(restApiId, documentOf({ "/a/{key}": { get: OK } }))))[2]).toBe(
      "Errors found during import:\n\tUnable to create resource at path '/a/{key}': A sibling ({id}) of this resource already has a variable path part -- only one is allowed",
    );
    await put(restApiId, documentOf({ "/a/{key}": { get: OK } }), { mode: "overwrite" });
    expect(await methodsOf(restApiId)).toEqual(["GET /a/{key}"]);
  });
});

describe("refused, and nothing is changed:", () => {
  const get = (members: Part) => documentOf({ "/a": { get: { ...OK, ...members } } });
  const integration = (members: Part) => get({ "x-amazon-apigateway-integration": { ...MOCK, ...members } });

  test.each<[string, unknown, RegExp]>([
    ["no JSON", "openapi: 3.0.1", /^Invalid OpenAPI input\. \(Local AWS reads JSON, no YAML\.\)$/],
    ["no object", [], /^Invalid OpenAPI input/],
    ["Swagger 2.0", { swagger: "2.0" }, /does not offer Swagger 2\.0/],
    ["OpenAPI 3.1", documentOf({}, { openapi: "3.1.0" }), /at 'openapi': local AWS reads OpenAPI 3\.0/],
    ["models", documentOf({}, { components: { schemas: {} } }), /not offer 'schemas'.* at 'components'/],
    ["servers", documentOf({}, { servers: [] }), /not offer 'servers'/],
    ["security for all", documentOf({}, { security: [{ sigv4: [] }] }), /not offer 'security'/],
    [
      "a policy",
      documentOf({}, { "x-amazon-apigateway-policy": {} }),
      /not offer 'x-amazon-apigateway-policy'/,
    ],
    ["a reference", documentOf({ "/a": { $ref: "#/x" } }), /path '\/a': Local AWS does not offer '\$ref'/],
    ["TRACE", documentOf({ "/a": { trace: OK } }), /path '\/a': Local AWS does not offer 'trace'/],
    [
      "a body's model",
      get({ requestBody: {} }),
      /method 'GET' .* '\/a': Local AWS does not offer 'requestBody'/,
    ],
    [
      "a validator",
      get({ "x-amazon-apigateway-request-validator": "all" }),
      /not offer 'x-amazon-apigateway-request-validator'/,
    ],
    ["a cookie", get({ parameters: [{ name: "c", in: "cookie" }] }), /at 'parameters\.0\.in'/],
    [
      "a default response",
      get({ responses: { default: { description: "" } } }),
      /'default' is no status code/,
    ],
    [
      "a response's model",
      get({ responses: { "200": { description: "", content: {} } } }),
      /offer 'content'/,
    ],
    ["a scheme that isn't there", get({ security: [{ other: [] }] }), /scheme 'other' is not defined/],
    ["two schemes", get({ security: [{ sigv4: [] }, {}] }), /one security requirement/],
    [
      "two authorizations",
      get({ security: [{ sigv4: [] }], "x-amazon-apigateway-auth": { type: "NONE" } }),
      /security is AWS_IAM, its x-amazon-apigateway-auth is NONE/,
    ],
    ["an authorizer", get({ "x-amazon-apigateway-auth": { type: "CUSTOM" } }), /Invalid authorizer ID/],
    [
      "an unknown authorization",
      get({ "x-amazon-apigateway-auth": { type: "none" } }),
      /Invalid authorization/,
    ],
    [
      "an authorizer's scheme",
      documentOf({}, { components: { securitySchemes: { key: { ...SIGV4, name: "x-api-key" } } } }),
      /security scheme 'key': Invalid OpenAPI input at 'name'/,
    ],
    [
      "an HTTP integration",
      integration({ type: "http", uri: "https://x.example" }),
      /not offer integrations of type HTTP/,
    ],
    ["a TLS setting", integration({ tlsConfig: {} }), /not offer 'tlsConfig'/],
    [
      "streaming",
      integration({ type: "aws_proxy", responseTransferMode: "STREAM" }),
      /not offer response streaming/,
    ],
    [
      "a mapping without a response",
      integration({ responses: { default: { statusCode: "200" } } }),
      /No method response exists/,
    ],
    ["a path part", documentOf({ "/a b": { get: OK } }), /path '\/a b': Resource's path part only allow/],
    [
      "a gateway response",
      documentOf({}, { "x-amazon-apigateway-gateway-responses": { TEAPOT: {} } }),
      /put gateway response 'TEAPOT'/,
    ],
  ])("%s", async (_, document, message) => {
    const { restApiId } = await account.newApi();
    await put(restApiId, documentOf({ "/before": { get: OK } }));
    const before = [
      await account.client.send(new GetRestApiCommand({ restApiId })),
      await methodsOf(restApiId),
    ];
    expect(await refusal(put(restApiId, document, { mode: "overwrite" }))).toEqual([
      "BadRequestException",
      400,
      expect.stringMatching(message),
    ]);
    const after = [
      await account.client.send(new GetRestApiCommand({ restApiId })),
      await methodsOf(restApiId),
    ];
    const plain = (parts: unknown) =>
      JSON.parse(JSON.stringify(parts, (key, part) => (key === "$metadata" ? 0 : part)));
    expect(plain(after)).toEqual(plain(before));
  });

  test("all errors are named at once", async () => {
    const { restApiId } = await account.newApi();
    const open = { "x-amazon-apigateway-auth": { type: "open" } };
    const document = documentOf({ "/a": { get: { ...OK, ...open }, put: { ...OK, ...open } }, "/b|": {} });
    const [, , message] = await refusal(put(restApiId, document));
    expect(message.split("\n").map((line) => line.split(":")[0])).toEqual([
      "Errors found during import",
      "\tUnable to put method 'GET' on resource at path '/a'",
      "\tUnable to put method 'PUT' on resource at path '/a'",
      "\tUnable to create resource at path '/b|'",
    ]);
  });

  test.each<[string, Partial<PutRestApiCommandInput>, RegExp]>([
    ["a mode", { mode: "replace" as never }, /\[merge, overwrite\]/],
    [
      "an import parameter",
      { parameters: { basepath: "prepend" } },
      /not offer the import parameter basepath/,
    ],
  ])("%s", async (_, options, message) => {
    const { restApiId } = await account.newApi();
    expect((await refusal(put(restApiId, documentOf({}), options)))[2]).toMatch(message);
  });

  test("a document of more than 6 MB", async () => {
    const { restApiId } = await account.newApi();
    const [name, , message] = await refusal(put(restApiId, " ".repeat(6 * 1024 * 1024 + 1)));
    expect([name, message]).toEqual([
      "BadRequestException",
      "The API definition is longer than 6291456 bytes.",
    ]);
  });
});

test("putting a document is apigateway:PUT on the API, importing one apigateway:POST on all", async () => {
  const { restApiId } = await account.newApi();
  const resource = (path: string) => `arn:aws:apigateway:${account.aws.region}::/restapis${path}`;
  const session = await identitySession(account.aws, "importer", [
    { Effect: "Allow", Action: "apigateway:PUT", Resource: resource(`/${restApiId}`) },
  ]);
  const client = new APIGatewayClient({
    endpoint: account.aws.endpoint,
    region: account.aws.region,
    credentials: session,
  });
  const body = Buffer.from(JSON.stringify(documentOf({})));
  await client.send(new PutRestApiCommand({ restApiId, body }));
  const other = (await account.newApi()).restApiId;
  const refused = await Promise.all([
    refusal(client.send(new PutRestApiCommand({ restApiId: other, body }))),
    refusal(client.send(new ImportRestApiCommand({ body }))),
  ]);
  client.destroy();
  expect(refused.map(([, , message]) => /perform: (\S+) on resource: (\S+)/.exec(message)?.slice(1))).toEqual(
    [
      ["apigateway:PUT", resource(`/${other}`)],
      ["apigateway:POST", resource("")],
    ],
  );
});
