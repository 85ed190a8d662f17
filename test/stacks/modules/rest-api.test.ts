// The OpenAPI document with its routes and CORS, the deployment's trigger, the permissions, and the refusals at synth.
import { Testing } from "cdktf";
import { RestApi, type RestApiProps, type Route } from "../../../stacks/modules/rest-api";
import { type Attributes, type Configuration, onlyResource, resources } from "../configuration";

const hello = { functionName: "hello", invokeArn: "arn:hello" };
const ROUTES: readonly Route[] = [
  { method: "GET", path: "/orders/{id}", function: hello },
  { method: "DELETE", path: "/orders/{id}", function: hello },
  { method: "GET", path: "/orders", function: hello },
  { method: "ANY", path: "/files/{rest+}", function: hello },
  { method: "GET", path: "/", function: hello, authorization: "NONE" },
];

function synthesise(
  props: Partial<RestApiProps> = {},
  then: (api: RestApi) => void = () => {},
): Configuration {
  return JSON.parse(
    Testing.synthScope((stack) => {
      const api = new RestApi(stack, "api", {
        name: "shop",
        stageName: "prod",
        allowedOrigin: "https://shop.example",
        routes: ROUTES,
        ...props,
      });
      then(api);
    }),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document; the expectations say what is in it
function document(configuration: Configuration): any {
  return JSON.parse(onlyResource(configuration, "aws_api_gateway_rest_api").body);
}

/** `GET /orders AWS_IAM`, as both ways of saying it have it. */
function methods(configuration: Configuration): string[] {
  const { paths, components } = document(configuration);
  return Object.entries<Attributes>(paths).flatMap(([path, operations]) =>
    Object.entries<Attributes>(operations).map(([key, operation]) => {
      const method = key === "x-amazon-apigateway-any-method" ? "ANY" : key.toUpperCase();
      const scheme = components.securitySchemes[Object.keys(operation.security?.[0] ?? {})[0] ?? ""];
      const signed = scheme?.["x-amazon-apigateway-authtype"] === "awsSigv4";
      const { type } = operation["x-amazon-apigateway-auth"];
      expect(type).toBe(signed ? "AWS_IAM" : "NONE");
      return `${method} ${path} ${type}`;
    }),
  );
}

function preflight(configuration: Configuration, path: string): Attributes {
  return document(configuration).paths[path].options;
}

test("the API is regional", () => {
  expect(onlyResource(synthesise(), "aws_api_gateway_rest_api")).toMatchObject({
    name: "shop",
    endpoint_configuration: { types: ["REGIONAL"] },
  });
});

test("routes are signed unless they say otherwise", () => {
  expect(methods(synthesise()).sort()).toEqual(
    [
      "ANY /files/{rest+} AWS_IAM",
      "DELETE /orders/{id} AWS_IAM",
      "GET / NONE",
      "GET /orders AWS_IAM",
      "GET /orders/{id} AWS_IAM",
      "OPTIONS / NONE",
      "OPTIONS /files/{rest+} NONE",
      "OPTIONS /orders NONE",
      "OPTIONS /orders/{id} NONE",
    ].sort(),
  );
});

test("every route is passed whole to its function", () => {
  const { paths } = document(synthesise({ allowedOrigin: undefined }));
  const operations = Object.values<Attributes>(paths).flatMap((onPath) => Object.values<Attributes>(onPath));
  expect(operations).toHaveLength(ROUTES.length);
  for (const operation of operations) {
    expect(operation["x-amazon-apigateway-integration"]).toEqual({
      type: "aws_proxy",
      httpMethod: "POST",
      uri: "arn:hello",
      passthroughBehavior: "when_no_match",
    });
  }
});

test("a preflight answers what a signed request needs, and what AWS's own clients send", () => {
  const { responses, "x-amazon-apigateway-integration": mock } = preflight(synthesise(), "/orders/{id}");
  expect(mock).toMatchObject({ type: "mock", passthroughBehavior: "when_no_match" });
  expect(JSON.parse(mock.requestTemplates["application/json"])).toEqual({ statusCode: 200 });
  const headers = {
    "method.response.header.Access-Control-Allow-Headers":
      "'Authorization,Content-Type,X-Amz-Content-Sha256,X-Amz-Date,X-Amz-Security-Token,X-Amz-User-Agent,X-Api-Key'",
    "method.response.header.Access-Control-Allow-Methods": "'GET,DELETE,OPTIONS'",
    "method.response.header.Access-Control-Allow-Origin": "'https://shop.example'",
    "method.response.header.Access-Control-Max-Age": "'600'",
  };
  expect(mock.responses).toEqual({ default: { statusCode: "200", responseParameters: headers } });
  expect(Object.keys(responses["200"].headers).map((name) => `method.response.header.${name}`)).toEqual(
    Object.keys(headers),
  );
});

test("ANY is spelled out for browsers", () => {
  const { "x-amazon-apigateway-integration": mock } = preflight(synthesise(), "/files/{rest+}");
  expect(
    mock.responses.default.responseParameters["method.response.header.Access-Control-Allow-Methods"],
  ).toBe("'GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS'");
});

test("the gateway's own errors can be read by the page", () => {
  const responses = document(synthesise())["x-amazon-apigateway-gateway-responses"];
  expect(Object.keys(responses)).toEqual(["DEFAULT_4XX", "DEFAULT_5XX"]);
  for (const { responseParameters } of Object.values<Attributes>(responses)) {
    expect(responseParameters).toEqual({
      "gatewayresponse.header.Access-Control-Allow-Origin": "'https://shop.example'",
      "gatewayresponse.header.Access-Control-Expose-Headers": "'x-amzn-ErrorType,x-amzn-RequestId'",
    });
  }
});

test("without an origin there is no CORS", () => {
  const configuration = synthesise({ allowedOrigin: undefined });
  expect(methods(configuration).filter((method) => method.startsWith("OPTIONS"))).toEqual([]);
  expect(document(configuration)).not.toHaveProperty("x-amazon-apigateway-gateway-responses");
});

test("the order of the routes changes nothing", () => {
  const reversed = synthesise({ routes: [...ROUTES].reverse() });
  expect(document(reversed)).toEqual(document(synthesise()));
});

test("the deployment follows the document, after references and overrides are resolved", () => {
  const { address } = onlyResource(synthesise(), "aws_api_gateway_rest_api");
  expect(onlyResource(synthesise(), "aws_api_gateway_deployment")).toMatchObject({
    triggers: { body: `\${sha256(${address}.body)}` },
    lifecycle: { create_before_destroy: true },
  });
});

test("a resource policy is the API's own, and a change of it changes the document", () => {
  const policy = JSON.stringify({ Statement: [{ Resource: "${aws_x.y.arn}/*" }] });
  const configuration = synthesise({ policy });
  const [[name, local]] = Object.entries(configuration.locals ?? {}) as [[string, unknown]];
  expect(local).toBe(policy);
  expect(onlyResource(configuration, "aws_api_gateway_rest_api").policy).toBe(policy);
  expect(document(configuration)["x-resource-policy"]).toBe(`\${sha256(local.${name})}`);
});

test("routes may be invoked before the stage serves them", () => {
  const configuration = synthesise();
  const permissions = resources(configuration, "aws_lambda_permission").map(({ address }) => address);
  const { depends_on } = onlyResource(configuration, "aws_api_gateway_stage");
  expect([...depends_on].sort()).toEqual(permissions.sort());
});

test("the stage is throttled", () => {
  const configuration = synthesise({ throttlingRateLimit: 5, throttlingBurstLimit: 7 });
  expect(onlyResource(configuration, "aws_api_gateway_stage")).toMatchObject({
    stage_name: "prod",
    deployment_id: `\${${onlyResource(configuration, "aws_api_gateway_deployment").address}.id}`,
  });
  expect(onlyResource(configuration, "aws_api_gateway_method_settings")).toMatchObject({
    method_path: "*/*",
    settings: { throttling_rate_limit: 5, throttling_burst_limit: 7 },
  });
});

test("each permission is for one route of this API and stage", () => {
  const configuration = synthesise();
  const arn = `\${${onlyResource(configuration, "aws_api_gateway_rest_api").address}.execution_arn}`;
  const permissions = resources(configuration, "aws_lambda_permission");
  expect(permissions.map(({ source_arn }) => source_arn).sort()).toEqual([
    `${arn}/prod/*/files/*`,
    `${arn}/prod/DELETE/orders/*`,
    `${arn}/prod/GET/`,
    `${arn}/prod/GET/orders`,
    `${arn}/prod/GET/orders/*`,
  ]);
  for (const permission of permissions) {
    expect(permission).toMatchObject({
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      function_name: "hello",
      lifecycle: { create_before_destroy: true },
    });
  }
});

test("a function with more routes than its policy can hold is permitted for the stage", () => {
  const routes = (count: number, owner: string): Route[] =>
    Array.from({ length: count }, (_, index) => ({
      method: "GET",
      path: `/${owner}/${index}`,
      function: { functionName: owner, invokeArn: `arn:${owner}` },
    }));
  const configuration = synthesise({ routes: [...routes(200, "many"), ...routes(40, "few")] });
  const arn = `\${${onlyResource(configuration, "aws_api_gateway_rest_api").address}.execution_arn}`;
  const permissions = resources(configuration, "aws_lambda_permission");
  const of = (owner: string) => permissions.filter(({ function_name }) => function_name === owner);
  expect(of("many").map(({ source_arn }) => source_arn)).toEqual([`${arn}/prod/*`]);
  expect(of("few")).toHaveLength(40);
  expect(of("few")[0]?.source_arn).toBe(`${arn}/prod/GET/few/0`);
});

describe("settings that reviewers ask for", () => {
  test("are off unless asked for", () => {
    const configuration = synthesise();
    expect(resources(configuration, "aws_cloudwatch_log_group")).toEqual([]);
    const stage = onlyResource(configuration, "aws_api_gateway_stage");
    expect(stage.xray_tracing_enabled).toBe(false);
    for (const name of ["access_log_settings", "tags"]) {
      expect(stage).not.toHaveProperty(name);
    }
    const api = onlyResource(configuration, "aws_api_gateway_rest_api");
    for (const name of ["tags", "security_policy", "endpoint_access_mode"]) {
      expect(api).not.toHaveProperty(name);
    }
  });

  test("access logs go to a group of the API's own, without keys or signatures", () => {
    const configuration = synthesise({ accessLogs: { retentionDays: 7, kmsKeyArn: "arn:key" } });
    const group = onlyResource(configuration, "aws_cloudwatch_log_group");
    expect(group).toMatchObject({
      name: "/aws/apigateway/shop",
      retention_in_days: 7,
      kms_key_id: "arn:key",
    });
    const { access_log_settings } = onlyResource(configuration, "aws_api_gateway_stage");
    expect(access_log_settings.destination_arn).toBe(`\${${group.address}.arn}`);
    const format: Record<string, string> = JSON.parse(access_log_settings.format);
    expect(format.identityId).toBe("$context.identity.cognitoIdentityId");
    const secrets = Object.values(format).filter((value) => /accessKey|apiKey|authorizer|user$/i.test(value));
    expect(secrets).toEqual([]);
  });

  test("access logs are kept for thirty days", () => {
    const group = onlyResource(synthesise({ accessLogs: {} }), "aws_cloudwatch_log_group");
    expect(group.retention_in_days).toBe(30);
  });

  test("tracing and tags", () => {
    const tags = { team: "orders" };
    const configuration = synthesise({ tracing: true, tags, accessLogs: {} });
    expect(onlyResource(configuration, "aws_api_gateway_stage")).toMatchObject({
      xray_tracing_enabled: true,
      tags,
    });
    expect(onlyResource(configuration, "aws_api_gateway_rest_api").tags).toEqual(tags);
    expect(onlyResource(configuration, "aws_cloudwatch_log_group").tags).toEqual(tags);
  });

  test.each<[Partial<RestApiProps>, string | undefined]>([
    [{ securityPolicy: "TLS_1_2" }, undefined],
    [{ securityPolicy: "SecurityPolicy_TLS13_1_3_2025_09" }, "STRICT"],
    [{ securityPolicy: "SecurityPolicy_TLS13_1_3_2025_09", endpointAccessMode: "BASIC" }, "BASIC"],
  ])("TLS: %j gives access mode %s", (props, mode) => {
    const api = onlyResource(synthesise(props), "aws_api_gateway_rest_api");
    expect(api.security_policy).toBe(props.securityPolicy);
    expect(api.endpoint_access_mode).toBe(mode);
  });
});

describe("arnForRoute", () => {
  test("gives the ARN that a caller needs", () => {
    const arns: string[] = [];
    const configuration = synthesise({}, (api) => {
      const { executionArn } = api;
      for (const { method, path } of ROUTES) {
        arns.push(api.arnForRoute(method, path).replace(executionArn, "API"));
      }
    });
    expect(resources(configuration, "aws_lambda_permission")).toHaveLength(arns.length);
    expect(arns).toEqual([
      "API/prod/GET/orders/*",
      "API/prod/DELETE/orders/*",
      "API/prod/GET/orders",
      "API/prod/*/files/*",
      "API/prod/GET/",
    ]);
  });

  test.each([
    ["POST", "/orders"],
    ["GET", "/orders/"],
    ["GET", "/Orders"],
    ["GET", "/files/{rest+}"],
  ] as const)("refuses %s %s, which is no route, and names those that are", (method, path) => {
    synthesise({}, (api) => {
      expect(() => api.arnForRoute(method, path)).toThrow(RangeError);
      expect(() => api.arnForRoute(method, path)).toThrow("GET /orders/{id}, DELETE /orders/{id}");
    });
  });
});

test.each<[string, Route[]]>([
  ["no route at all", []],
  ["a path without a slash", [{ method: "GET", path: "orders", function: hello }]],
  ["a slash at the end", [{ method: "GET", path: "/orders/", function: hello }]],
  ["an empty segment", [{ method: "GET", path: "/a//b", function: hello }]],
  ["a wildcard", [{ method: "GET", path: "/*", function: hello }]],
  ["a half parameter", [{ method: "GET", path: "/a{id}", function: hello }]],
  ["a greedy parameter in the middle", [{ method: "GET", path: "/{rest+}/a", function: hello }]],
  ["OPTIONS", [{ method: "OPTIONS" as "GET", path: "/", function: hello }]],
  ["a method in lower case", [{ method: "get" as "GET", path: "/", function: hello }]],
  [
    "the same route twice",
    [
      { method: "GET", path: "/", function: hello },
      { method: "GET", path: "/", function: hello },
    ],
  ],
  [
    "two names for one parameter",
    [
      { method: "GET", path: "/orders/{id}", function: hello },
      { method: "GET", path: "/orders/{order}/lines", function: hello },
    ],
  ],
  [
    "an unknown authorization",
    [{ method: "GET", path: "/", function: hello, authorization: "iam" as "NONE" }],
  ],
])("%s is refused at synth", (_, routes) => {
  expect(() => synthesise({ routes })).toThrow(RangeError);
});

test("everything that is wrong is said at once", () => {
  const routes: Route[] = [{ method: "GET", path: "orders", function: hello }];
  const wrong = {
    stageName: "not ok!",
    allowedOrigin: "https://x.example', 'evil",
    throttlingRateLimit: -1,
    endpointAccessMode: "STRICT",
    routes,
  } as const;
  expect(() => synthesise(wrong)).toThrow(
    /^RestApi "api" cannot be declared:\n {2}stageName .*\n {2}allowedOrigin .*\n {2}throttlingRateLimit -1.*\n {2}endpointAccessMode: .*\n {2}route GET orders: .*$/,
  );
});

test("two APIs live in one stack", () => {
  const configuration: Configuration = JSON.parse(
    Testing.synthScope((stack) => {
      for (const name of ["a", "b"]) {
        new RestApi(stack, name, { name, stageName: "prod", routes: ROUTES });
      }
    }),
  );
  expect(resources(configuration, "aws_lambda_permission")).toHaveLength(2 * ROUTES.length);
});
