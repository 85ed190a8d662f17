// The OpenAPI document with its routes and CORS, the deployment's trigger, the permissions, and the refusals at synth.
import { ApiGatewayDeployment } from "@cdktf/provider-aws/lib/api-gateway-deployment";
import { ApiGatewayRestApi } from "@cdktf/provider-aws/lib/api-gateway-rest-api";
import { ApiGatewayStage } from "@cdktf/provider-aws/lib/api-gateway-stage";
import { DataAwsIamRole } from "@cdktf/provider-aws/lib/data-aws-iam-role";
import { DataAwsLambdaFunction } from "@cdktf/provider-aws/lib/data-aws-lambda-function";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { Testing, Token } from "cdktf";
import { RestApi, type RestApiProps, type Route } from "../../../stacks/modules/rest-api";
import { type Attributes, type Configuration, onlyResource, resources } from "../../support/configuration";

const hello = { functionName: "hello", invokeArn: "arn:hello" };
const KEY = "arn:aws:kms:us-east-1:123456789012:key/1";
const ROUTES: readonly Route[] = [
  { method: "GET", path: "/orders/{id}", handler: hello },
  { method: "DELETE", path: "/orders/{id}", handler: hello },
  { method: "GET", path: "/orders", handler: hello },
  { method: "ANY", path: "/files/{rest+}", handler: hello },
  { method: "GET", path: "/", handler: hello, authorization: "NONE" },
];

function synthesize(
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
  expect(onlyResource(synthesize(), "aws_api_gateway_rest_api")).toMatchObject({
    name: "shop",
    endpoint_configuration: { types: ["REGIONAL"] },
  });
});

test("routes are signed unless they say otherwise", () => {
  expect(methods(synthesize()).sort()).toEqual(
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
  const { paths } = document(synthesize({ allowedOrigin: undefined }));
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
  const { responses, "x-amazon-apigateway-integration": mock } = preflight(synthesize(), "/orders/{id}");
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
  const { "x-amazon-apigateway-integration": mock } = preflight(synthesize(), "/files/{rest+}");
  expect(
    mock.responses.default.responseParameters["method.response.header.Access-Control-Allow-Methods"],
  ).toBe("'GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS'");
});

test("the gateway's own errors can be read by the page", () => {
  const responses = document(synthesize())["x-amazon-apigateway-gateway-responses"];
  expect(Object.keys(responses)).toEqual(["DEFAULT_4XX", "DEFAULT_5XX"]);
  for (const { responseParameters } of Object.values<Attributes>(responses)) {
    expect(responseParameters).toEqual({
      "gatewayresponse.header.Access-Control-Allow-Origin": "'https://shop.example'",
      "gatewayresponse.header.Access-Control-Expose-Headers": "'x-amzn-ErrorType,x-amzn-RequestId'",
    });
  }
});

test("further headers are added to what signing needs, each once", () => {
  const configuration = synthesize({
    allowedHeaders: ["amz-sdk-invocation-id", "x-api-key", "X-Custom", "x-custom"],
    exposedHeaders: ["X-AMZN-REQUESTID", "Retry-After"],
  });
  const { responseParameters } = preflight(configuration, "/orders")["x-amazon-apigateway-integration"]
    .responses.default;
  expect(responseParameters["method.response.header.Access-Control-Allow-Headers"]).toBe(
    "'Authorization,Content-Type,X-Amz-Content-Sha256,X-Amz-Date,X-Amz-Security-Token,X-Amz-User-Agent,X-Api-Key,amz-sdk-invocation-id,X-Custom'",
  );
  const responses = document(configuration)["x-amazon-apigateway-gateway-responses"];
  for (const { responseParameters } of Object.values<Attributes>(responses)) {
    expect(responseParameters["gatewayresponse.header.Access-Control-Expose-Headers"]).toBe(
      "'x-amzn-ErrorType,x-amzn-RequestId,Retry-After'",
    );
  }
  expect(document(synthesize({ allowedHeaders: [], exposedHeaders: [] }))).toEqual(document(synthesize()));
});

test("without an origin there is no CORS", () => {
  const configuration = synthesize({ allowedOrigin: undefined });
  expect(methods(configuration).filter((method) => method.startsWith("OPTIONS"))).toEqual([]);
  expect(document(configuration)).not.toHaveProperty("x-amazon-apigateway-gateway-responses");
});

test("the order of the routes changes nothing", () => {
  const reversed = synthesize({ routes: [...ROUTES].reverse() });
  expect(document(reversed)).toEqual(document(synthesize()));
});

test("the deployment follows the document, after references and overrides are resolved", () => {
  const { address } = onlyResource(synthesize(), "aws_api_gateway_rest_api");
  expect(onlyResource(synthesize(), "aws_api_gateway_deployment")).toMatchObject({
    triggers: { body: `\${sha256(${address}.body)}` },
    lifecycle: { create_before_destroy: true },
  });
});

test("a resource policy is the API's own, and a change of it changes the document", () => {
  const policy = JSON.stringify({ Statement: [{ Resource: "${aws_x.y.arn}/*" }] });
  const configuration = synthesize({ policy });
  const [[name, local]] = Object.entries(configuration.locals ?? {}) as [[string, unknown]];
  expect(local).toBe(policy);
  expect(onlyResource(configuration, "aws_api_gateway_rest_api").policy).toBe(policy);
  expect(document(configuration)["x-resource-policy"]).toBe(`\${sha256(local.${name})}`);
});

test("routes may be invoked before the stage serves them", () => {
  const configuration = synthesize();
  const permissions = resources(configuration, "aws_lambda_permission").map(({ address }) => address);
  const { depends_on } = onlyResource(configuration, "aws_api_gateway_stage");
  expect([...depends_on].sort()).toEqual(permissions.sort());
});

test("the stage is throttled", () => {
  const configuration = synthesize({ throttlingRateLimit: 5, throttlingBurstLimit: 7 });
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
  const configuration = synthesize();
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

test("a resource of the provider's is a handler too, declared or looked up", () => {
  const configuration: Configuration = JSON.parse(
    Testing.synthScope((stack) => {
      const settings = { functionName: "declared", role: "arn:role" };
      const declared = new LambdaFunction(stack, "declared", settings);
      const found = new DataAwsLambdaFunction(stack, "found", { functionName: "found" });
      const routes: Route[] = [
        { method: "GET", path: "/a", handler: declared },
        { method: "GET", path: "/b", handler: found },
        { method: "PUT", path: "/b", handler: found },
      ];
      new RestApi(stack, "api", { name: "shop", stageName: "prod", routes });
    }),
  );
  const permitted = resources(configuration, "aws_lambda_permission").map((one) => [
    one.function_name,
    one.source_arn.replace(/^.*(?=\/prod)/, ""),
  ]);
  expect(permitted).toEqual([
    ["${aws_lambda_function.declared.function_name}", "/prod/GET/a"],
    ["${data.aws_lambda_function.found.function_name}", "/prod/GET/b"],
    ["${data.aws_lambda_function.found.function_name}", "/prod/PUT/b"],
  ]);
});

test("a function with more routes than its policy can hold is permitted for the stage", () => {
  const routes = (count: number, owner: string): Route[] =>
    Array.from({ length: count }, (_, index) => ({
      method: "GET",
      path: `/${owner}/${index}`,
      handler: { functionName: owner, invokeArn: `arn:${owner}` },
    }));
  const configuration = synthesize({ routes: [...routes(200, "many"), ...routes(40, "few")] });
  const arn = `\${${onlyResource(configuration, "aws_api_gateway_rest_api").address}.execution_arn}`;
  const permissions = resources(configuration, "aws_lambda_permission");
  const of = (owner: string) => permissions.filter(({ function_name }) => function_name === owner);
  expect(of("many").map(({ source_arn }) => source_arn)).toEqual([`${arn}/prod/*`]);
  expect(of("few")).toHaveLength(40);
  expect(of("few")[0]?.source_arn).toBe(`${arn}/prod/GET/few/0`);
});

describe("settings that reviewers ask for", () => {
  test("are off unless asked for", () => {
    const configuration = synthesize();
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
    const configuration = synthesize({ accessLogs: { retentionDays: 7, kmsKeyArn: KEY } });
    const group = onlyResource(configuration, "aws_cloudwatch_log_group");
    expect(group).toMatchObject({
      name: "/aws/apigateway/shop",
      retention_in_days: 7,
      kms_key_id: KEY,
    });
    const { access_log_settings } = onlyResource(configuration, "aws_api_gateway_stage");
    expect(access_log_settings.destination_arn).toBe(`\${${group.address}.arn}`);
    const format: Record<string, string> = JSON.parse(access_log_settings.format);
    expect(format.identityId).toBe("$context.identity.cognitoIdentityId");
    const secrets = Object.values(format).filter((value) => /accessKey|apiKey|authorizer|user$/i.test(value));
    expect(secrets).toEqual([]);
  });

  test("access logs are kept for thirty days", () => {
    const group = onlyResource(synthesize({ accessLogs: {} }), "aws_cloudwatch_log_group");
    expect(group.retention_in_days).toBe(30);
  });

  test("tracing and tags", () => {
    const tags = { team: "orders" };
    const configuration = synthesize({ tracing: true, tags, accessLogs: {} });
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
    const api = onlyResource(synthesize(props), "aws_api_gateway_rest_api");
    expect(api.security_policy).toBe(props.securityPolicy);
    expect(api.endpoint_access_mode).toBe(mode);
  });
});

describe("arnForRoute", () => {
  test("gives the ARN that a caller needs", () => {
    const arns: string[] = [];
    const configuration = synthesize({}, (api) => {
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
    synthesize({}, (api) => {
      expect(() => api.arnForRoute(method, path)).toThrow(RangeError);
      expect(() => api.arnForRoute(method, path)).toThrow("GET /orders/{id}, DELETE /orders/{id}");
    });
  });
});

describe("grantInvoke", () => {
  function grants(configuration: Configuration) {
    const arn = `\${${onlyResource(configuration, "aws_api_gateway_rest_api").address}.execution_arn}`;
    return resources(configuration, "aws_iam_role_policy").map(({ name, role, policy }) => ({
      name,
      role,
      policy: JSON.parse(policy.replaceAll(arn, "API")),
    }));
  }

  test("allows the role to call the route, and nothing else", () => {
    const configuration = synthesize({}, (api) => {
      const role = new IamRole(api, "customers", { name: "customers", assumeRolePolicy: "{}" });
      api.grantInvoke(role, "GET", "/orders");
    });
    expect(grants(configuration)).toEqual([
      {
        name: expect.stringMatching(/^invoke-GET-orders-[0-9a-f]{8}$/),
        role: `\${${onlyResource(configuration, "aws_iam_role").address}.name}`,
        policy: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "API/prod/GET/orders" }],
        },
      },
    ]);
  });

  test("goes to several roles, also to those that are only looked up, under a name of one's own", () => {
    const configuration = synthesize({}, (api) => {
      const options = { policyName: "cancel" };
      api.grantInvoke(new DataAwsIamRole(api, "a", { name: "a" }), "DELETE", "/orders/{id}", options);
      api.grantInvoke(new DataAwsIamRole(api, "b", { name: "b" }), "DELETE", "/orders/{id}", options);
      api.grantInvoke(new DataAwsIamRole(api, "c", { name: "c" }), "ANY", "/files/{rest+}");
    });
    const granted = grants(configuration).map(({ name, policy }) => [name, policy.Statement[0].Resource]);
    const cancelling = ["cancel", "API/prod/DELETE/orders/*"];
    const name = expect.stringMatching(/^invoke-ANY-files-rest-[0-9a-f]{8}$/);
    expect(granted.sort()).toEqual([cancelling, cancelling, [name, "API/prod/*/files/*"]]);
  });

  test("goes to each caller's own path: a policy variable, which Terraform must not take for its own", () => {
    const configuration = synthesize({}, (api) => {
      api.grantInvoke(new DataAwsIamRole(api, "a", { name: "a" }), "GET", "/orders/{id}", {
        parameters: { id: "aws:PrincipalTag/order" },
      });
      api.grantInvoke(new DataAwsIamRole(api, "b", { name: "b" }), "DELETE", "/orders/{id}", {
        parameters: { id: "cognito-identity.amazonaws.com:sub" },
      });
    });
    const granted = grants(configuration).map(({ policy }) => policy.Statement[0].Resource);
    expect(granted.sort()).toEqual([
      "API/prod/DELETE/orders/$${cognito-identity.amazonaws.com:sub}",
      "API/prod/GET/orders/$${aws:PrincipalTag/order}",
    ]);
  });

  test("of two APIs to one role doesn't overwrite one by the other", () => {
    const name = (api: string) =>
      grants(
        synthesize({ name: api }, (declared) => {
          declared.grantInvoke(new DataAwsIamRole(declared, "role", { name: "r" }), "GET", "/orders");
        }),
      ).map((grant) => grant.name);
    expect(name("a")).toEqual(name("a"));
    expect(name("a")).not.toEqual(name("b"));
  });

  test.each([
    ["a route that the API doesn't have", "POST", "/orders", undefined, "No route POST /orders"],
    ["a route that anybody may call", "GET", "/", undefined, "Anybody may call GET /"],
    ["a name that can't be a policy's", "GET", "/orders", { policyName: "a b" }, 'policyName "a b"'],
    [
      "a parameter that the path doesn't have",
      "GET",
      "/orders/{id}",
      { parameters: { user: "aws:PrincipalTag/user" } },
      'parameters {"user":"aws:PrincipalTag/user"}',
    ],
    [
      "a parameter that takes all that follows",
      "ANY",
      "/files/{rest+}",
      { parameters: { rest: "aws:PrincipalTag/user" } },
      "one segment",
    ],
    [
      "a condition key that ends its variable",
      "GET",
      "/orders/{id}",
      { parameters: { id: "aws:PrincipalTag/a}*" } },
      "a condition key such as",
    ],
  ] as const)("refuses %s", (_, method, path, options, message) => {
    synthesize({}, (api) => {
      const role = new DataAwsIamRole(api, "role", { name: "role" });
      expect(() => api.grantInvoke(role, method, path, options)).toThrow(RangeError);
      expect(() => api.grantInvoke(role, method, path, options)).toThrow(message);
    });
  });
});

test.each<[string, Route[]]>([
  ["no route at all", []],
  ["a path without a slash", [{ method: "GET", path: "orders", handler: hello }]],
  ["a slash at the end", [{ method: "GET", path: "/orders/", handler: hello }]],
  ["an empty segment", [{ method: "GET", path: "/a//b", handler: hello }]],
  ["a wildcard", [{ method: "GET", path: "/*", handler: hello }]],
  ["a half parameter", [{ method: "GET", path: "/a{id}", handler: hello }]],
  ["a greedy parameter in the middle", [{ method: "GET", path: "/{rest+}/a", handler: hello }]],
  ["OPTIONS", [{ method: "OPTIONS" as "GET", path: "/", handler: hello }]],
  ["a method in lower case", [{ method: "get" as "GET", path: "/", handler: hello }]],
  [
    "the same route twice",
    [
      { method: "GET", path: "/", handler: hello },
      { method: "GET", path: "/", handler: hello },
    ],
  ],
  [
    "two names for one parameter",
    [
      { method: "GET", path: "/orders/{id}", handler: hello },
      { method: "GET", path: "/orders/{order}/lines", handler: hello },
    ],
  ],
  [
    "an unknown authorization",
    [{ method: "GET", path: "/", handler: hello, authorization: "iam" as "NONE" }],
  ],
])("%s is refused at synth", (_, routes) => {
  expect(() => synthesize({ routes })).toThrow(RangeError);
});

test("fifty tags are accepted, more are refused", () => {
  const tags = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, ""]));
  expect(onlyResource(synthesize({ tags: tags(50) }), "aws_api_gateway_rest_api").tags).toEqual(tags(50));
  expect(() => synthesize({ tags: tags(51) })).toThrow("tags: give at most 50");
});

test("everything that is wrong is said at once", () => {
  const routes: Route[] = [{ method: "GET", path: "orders", handler: hello }];
  const wrong = {
    stageName: "not ok!",
    allowedOrigin: "https://x.example', 'evil",
    allowedHeaders: ["x-fine", "x', 'evil"],
    exposedHeaders: ["a,b"],
    throttlingRateLimit: -1,
    endpointAccessMode: "STRICT",
    routes,
  } as const;
  expect(() => synthesize(wrong)).toThrow(
    /^RestApi "api" cannot be declared:\n {2}stageName .*\n {2}allowedOrigin .*\n {2}allowedHeaders "x', 'evil".*\n {2}exposedHeaders "a,b".*\n {2}throttlingRateLimit -1.*\n {2}endpointAccessMode: .*\n {2}route GET orders: .*$/,
  );
});

test.each<Partial<RestApiProps>>([
  { name: "" },
  { name: "my shop", accessLogs: {} },
  { accessLogs: { retentionDays: 31 } },
  { accessLogs: { kmsKeyArn: "alias/key" } },
  { throttlingRateLimit: Number.POSITIVE_INFINITY },
  { throttlingBurstLimit: Number.NaN },
  { throttlingBurstLimit: 0.5 },
  { stageName: "a".repeat(129) },
  { allowedOrigin: "https://Shop.example" },
  { allowedOrigin: "https://shop.example:443" },
  { allowedOrigin: "https://shop.example:65536" },
  { allowedOrigin: "https://shop.example/" },
  { allowedOrigin: "https://[" },
  { allowedHeaders: ["x-custom"], allowedOrigin: undefined },
  { exposedHeaders: ["x-custom"], allowedOrigin: undefined },
  { securityPolicy: "TLS_1_3" },
  { securityPolicy: "TLS_1_2", endpointAccessMode: "strict" as "STRICT" },
  { policy: "{" },
  { policy: "[]" },
  { tags: { "aws:team": "orders" } },
  { routes: [{ method: "GET", path: "/", handler: { functionName: "", invokeArn: "" } }] },
  { routes: [{ method: "GET", path: "/" } as Route] },
])("%j is refused at synth", (props) => {
  expect(() => synthesize(props)).toThrow(RangeError);
});

test.each<Partial<RestApiProps>>([
  { throttlingRateLimit: 0, throttlingBurstLimit: 0 },
  { throttlingRateLimit: 0.5 },
  { allowedOrigin: "http://localhost:5173" },
  { allowedOrigin: "https://[::1]:8443" },
  { allowedOrigin: "${var.origin}" },
  { stageName: "${var.stage}" },
])("%j is accepted", (props) => {
  expect(onlyResource(synthesize(props), "aws_api_gateway_rest_api").name).toBe("shop");
});

test("what only Terraform knows is left to AWS", () => {
  const written = onlyResource(synthesize({ policy: "${local.text}" }), "aws_api_gateway_rest_api");
  expect(written.policy).toBe("${local.text}");
  const unknown = Token.asString({ resolve: () => "${local.text}" });
  const configuration = synthesize({ name: unknown, policy: unknown, accessLogs: { kmsKeyArn: unknown } });
  expect(onlyResource(configuration, "aws_api_gateway_rest_api")).toMatchObject({
    name: "${local.text}",
    policy: "${local.text}",
  });
});

test("a stage that only Terraform knows: permissions as for the longest name, and names of policies that stay", () => {
  const stageName = () => Token.asString({ resolve: () => "${var.stage}" });
  const routes = Array.from({ length: 36 }, (_, index): Route => {
    return { method: "GET", path: `/${index}`, handler: hello };
  });
  const grants = [stageName(), stageName()].map((stage) => {
    const configuration = synthesize({ routes, stageName: stage }, (api) => {
      api.grantInvoke(new IamRole(api, "role", { assumeRolePolicy: "{}" }), "GET", "/0");
    });
    const arn = `\${${onlyResource(configuration, "aws_api_gateway_rest_api").address}.execution_arn}`;
    expect(onlyResource(configuration, "aws_lambda_permission").source_arn).toBe(`${arn}/\${var.stage}/*`);
    const { name, policy } = onlyResource(configuration, "aws_iam_role_policy");
    expect(JSON.parse(policy).Statement[0].Resource).toBe(`${arn}/\${var.stage}/GET/0`);
    return name;
  });
  expect(grants[0]).toBe(grants[1]);
  expect(resources(synthesize({ routes, stageName: "short" }), "aws_lambda_permission")).toHaveLength(36);
});

describe("invokePolicyFor an API that exists already", () => {
  const API = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5";

  test("allows what a grant would", () => {
    synthesize({}, (api) => {
      const grant = api.grantInvoke(
        new DataAwsIamRole(api, "role", { name: "role" }),
        "GET",
        "/orders/{id}",
        {
          parameters: { id: "aws:PrincipalTag/id" },
        },
      );
      const policy = RestApi.invokePolicyFor(api.executionArn, "prod", "GET", "/orders/{id}", {
        id: "aws:PrincipalTag/id",
      });
      expect(policy).toBe(grant.policyInput);
    });
    const { Statement } = JSON.parse(RestApi.invokePolicyFor(API, "prod", "ANY", "/files/{rest+}"));
    expect(Statement).toEqual([
      { Effect: "Allow", Action: "execute-api:Invoke", Resource: `${API}/prod/*/files/*` },
    ]);
  });

  test("is refused with everything that is wrong", () => {
    const wrong = () =>
      RestApi.invokePolicyFor(`${API}/*`, "pr*d", "*" as "ANY", "/*", { id: "aws:PrincipalTag/id" });
    expect(wrong).toThrow(RangeError);
    expect(wrong).toThrow(
      /^No policy can be made:\n {2}parameters .*\n {2}executionArn .*\n {2}stageName "pr\*d": .*\n {2}method "\*": .*\n {2}path "\/\*": .*$/,
    );
  });
});

test("its constructs are there to be changed", () => {
  const configuration = synthesize({ accessLogs: {} }, (api) => {
    expect(api.restApi).toBeInstanceOf(ApiGatewayRestApi);
    expect(api.deployment).toBeInstanceOf(ApiGatewayDeployment);
    expect(api.stage).toBeInstanceOf(ApiGatewayStage);
    api.restApi.description = "Orders";
    api.stage.description = "Orders";
    if (api.accessLogGroup !== undefined) {
      api.accessLogGroup.skipDestroy = true;
    }
  });
  for (const type of ["rest_api", "stage"]) {
    expect(onlyResource(configuration, `aws_api_gateway_${type}`).description).toBe("Orders");
  }
  expect(onlyResource(configuration, "aws_cloudwatch_log_group").skip_destroy).toBe(true);
  synthesize({}, (api) => expect(api.accessLogGroup).toBeUndefined());
});

test("paths that read alike as part of an id stay apart", () => {
  const paths = ["/a/b", "/a--b", "/a-/b", "/a/-b", "/a-b", "/a/--/b", "/a----b"];
  const configuration = synthesize(
    { routes: paths.map((path) => ({ method: "GET", path, handler: hello })) },
    (api) => {
      const role = new IamRole(api, "role", { assumeRolePolicy: "{}" });
      for (const path of paths) {
        api.grantInvoke(role, "GET", path);
      }
    },
  );
  expect(resources(configuration, "aws_lambda_permission")).toHaveLength(paths.length);
  const policies = resources(configuration, "aws_iam_role_policy");
  expect(new Set(policies.map(({ name }) => name)).size).toBe(paths.length);
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
