// Routes, CORS, the deployment's trigger, the permissions, and the refusals at synth.
import type { ApiGatewayRestApi } from "@cdktf/provider-aws/lib/api-gateway-rest-api";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
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

/** Each resource's path by its reference, put together from its parents; the root's is empty. */
function paths(configuration: Configuration): Map<string, string> {
  const root = `\${${onlyResource(configuration, "aws_api_gateway_rest_api").address}.root_resource_id}`;
  const byReference = new Map(
    resources(configuration, "aws_api_gateway_resource").map((resource) => [
      `\${${resource.address}.id}`,
      resource,
    ]),
  );
  const pathOf = (reference: string): string => {
    if (reference === root) return "";
    const resource = byReference.get(reference);
    if (resource === undefined) throw new Error(`no resource ${reference}`);
    return `${pathOf(resource.parent_id)}/${resource.path_part}`;
  };
  return new Map([root, ...byReference.keys()].map((reference) => [reference, pathOf(reference)]));
}

function methods(configuration: Configuration): string[] {
  const known = paths(configuration);
  return resources(configuration, "aws_api_gateway_method").map(
    ({ http_method, resource_id, authorization }) =>
      `${http_method} ${known.get(resource_id) || "/"} ${authorization}`,
  );
}

function triggers(configuration: Configuration): Attributes {
  return onlyResource(configuration, "aws_api_gateway_deployment").triggers;
}

test("the API is regional", () => {
  expect(onlyResource(synthesise(), "aws_api_gateway_rest_api")).toMatchObject({
    name: "shop",
    endpoint_configuration: { types: ["REGIONAL"] },
  });
});

test("routes are signed unless they say otherwise, and share their resources", () => {
  const configuration = synthesise();
  expect([...paths(configuration).values()].sort()).toEqual(
    ["", "/files", "/files/{rest+}", "/orders", "/orders/{id}"].sort(),
  );
  expect(methods(configuration).sort()).toEqual(
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
  const proxies = resources(synthesise(), "aws_api_gateway_integration").filter(
    ({ type }) => type !== "MOCK",
  );
  expect(proxies).toHaveLength(ROUTES.length);
  for (const proxy of proxies) {
    expect(proxy).toMatchObject({ type: "AWS_PROXY", integration_http_method: "POST", uri: "arn:hello" });
  }
});

test("a preflight answers what a signed request needs", () => {
  const configuration = synthesise({ routes: ROUTES.filter(({ path }) => path === "/orders/{id}") });
  const [mock] = resources(configuration, "aws_api_gateway_integration").filter(
    ({ type }) => type === "MOCK",
  );
  expect(mock?.passthrough_behavior).toBe("WHEN_NO_MATCH");
  expect(JSON.parse(mock?.request_templates["application/json"])).toEqual({ statusCode: 200 });
  const answer = onlyResource(configuration, "aws_api_gateway_integration_response");
  const headers = {
    "method.response.header.Access-Control-Allow-Headers":
      "'Authorization,Content-Type,X-Amz-Content-Sha256,X-Amz-Date,X-Amz-Security-Token'",
    "method.response.header.Access-Control-Allow-Methods": "'GET,DELETE,OPTIONS'",
    "method.response.header.Access-Control-Allow-Origin": "'https://shop.example'",
    "method.response.header.Access-Control-Max-Age": "'600'",
  };
  expect(answer.response_parameters).toEqual(headers);
  const declared = onlyResource(configuration, "aws_api_gateway_method_response");
  expect(declared.status_code).toBe("200");
  expect(declared.response_parameters).toEqual(
    Object.fromEntries(Object.keys(headers).map((name) => [name, true])),
  );
});

test("ANY is spelled out for browsers", () => {
  const configuration = synthesise({ routes: ROUTES.filter(({ method }) => method === "ANY") });
  const { response_parameters } = onlyResource(configuration, "aws_api_gateway_integration_response");
  expect(response_parameters["method.response.header.Access-Control-Allow-Methods"]).toBe(
    "'GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS'",
  );
});

test("the gateway's own errors can be read by the page", () => {
  const responses = resources(synthesise(), "aws_api_gateway_gateway_response");
  expect(responses.map(({ response_type }) => response_type)).toEqual(["DEFAULT_4XX", "DEFAULT_5XX"]);
  for (const { response_parameters } of responses) {
    expect(response_parameters).toEqual({
      "gatewayresponse.header.Access-Control-Allow-Origin": "'https://shop.example'",
      "gatewayresponse.header.Access-Control-Expose-Headers": "'x-amzn-ErrorType,x-amzn-RequestId'",
    });
  }
});

test("without an origin there is no CORS", () => {
  const configuration = synthesise({ allowedOrigin: undefined });
  expect(methods(configuration).filter((method) => method.startsWith("OPTIONS"))).toEqual([]);
  expect(resources(configuration, "aws_api_gateway_gateway_response")).toEqual([]);
});

test("the deployment waits for all that it deploys, and for no permission", () => {
  const configuration = synthesise();
  const deployment = onlyResource(configuration, "aws_api_gateway_deployment");
  const deployed = [
    "aws_api_gateway_method",
    "aws_api_gateway_integration",
    "aws_api_gateway_method_response",
    "aws_api_gateway_integration_response",
    "aws_api_gateway_gateway_response",
  ].flatMap((type) => resources(configuration, type).map(({ address }) => address));
  expect([...deployment.depends_on].sort()).toEqual(deployed.sort());
  expect(deployment.lifecycle).toEqual({ create_before_destroy: true });
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
    });
  }
});

describe("the deployment's trigger", () => {
  const before = triggers(synthesise());

  test("is the same on every synth, whatever the order of the routes", () => {
    expect(triggers(synthesise())).toEqual(before);
    expect(triggers(synthesise({ routes: [...ROUTES].reverse() }))).toEqual(before);
  });

  test.each<[string, Partial<RestApiProps>]>([
    ["a route less", { routes: ROUTES.slice(1) }],
    [
      "another path",
      { routes: [...ROUTES.slice(0, 4), { method: "GET", path: "/health", function: hello }] },
    ],
    ["another method", { routes: [...ROUTES.slice(0, 4), { method: "POST", path: "/", function: hello }] }],
    ["another authorisation", { routes: ROUTES.map((route) => ({ ...route, authorization: "NONE" })) }],
    [
      "another function",
      { routes: ROUTES.map((route) => ({ ...route, function: { ...hello, invokeArn: "arn:other" } })) },
    ],
    ["another origin", { allowedOrigin: "https://other.example" }],
    ["no CORS", { allowedOrigin: undefined }],
  ])("changes with %s", (_, props) => {
    expect(triggers(synthesise(props)).configuration).not.toBe(before.configuration);
  });

  test("changes with an override made after the construct", () => {
    const overridden = synthesise({}, (api) => {
      const rest = api.node.findChild("api") as ApiGatewayRestApi;
      rest.addOverride("binary_media_types", ["image/png"]);
    });
    expect(triggers(overridden).configuration).not.toBe(before.configuration);
  });

  test("does not change with what is not deployed: throttling", () => {
    expect(triggers(synthesise({ throttlingRateLimit: 1 }))).toEqual(before);
  });

  test("holds no unresolved token, and the values behind the references", () => {
    const configuration: Configuration = JSON.parse(
      Testing.synthScope((stack) => {
        const lambda = new LambdaFunction(stack, "f", { functionName: "f", role: "arn:role" });
        new RestApi(stack, "api", {
          name: "shop",
          stageName: "prod",
          routes: [
            { method: "GET", path: "/", function: { functionName: "f", invokeArn: lambda.invokeArn } },
          ],
        });
      }),
    );
    expect(triggers(configuration)).toEqual({
      configuration: expect.stringMatching(/^[0-9a-f]{64}$/),
      "GET /": "${aws_lambda_function.f.invoke_arn}",
    });
  });
});

describe("arnForRoute", () => {
  test("gives the ARN that a caller needs", () => {
    const arns: string[] = [];
    const configuration = synthesise({}, (api) => {
      const { executionArn } = api;
      for (const { method, path } of ROUTES)
        arns.push(api.arnForRoute(method, path).replace(executionArn, "API"));
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
])("%s is refused at synth", (_, routes) => {
  expect(() => synthesise({ routes })).toThrow(RangeError);
});

test("two APIs live in one stack", () => {
  const configuration: Configuration = JSON.parse(
    Testing.synthScope((stack) => {
      for (const name of ["a", "b"]) new RestApi(stack, name, { name, stageName: "prod", routes: ROUTES });
    }),
  );
  expect(resources(configuration, "aws_lambda_permission")).toHaveLength(2 * ROUTES.length);
});
