import fc from "fast-check";
import type { Account } from "../../../../local-aws/account";
import { dictionary } from "../../../../local-aws/account/dictionary";
import type { Method, Resource } from "../../../../local-aws/account/state/apigateway";
import type { HttpRequest } from "../../../../local-aws/read/http-request";
import { proxyEvent } from "../../../../local-aws/services/execute-api/proxy-event";
import { newRequestContext } from "../../../../local-aws/services/execute-api/request-context";
import { findRoute, splitStage } from "../../../../local-aws/services/execute-api/routing";

/** A greedy resource that answers whatever comes. */
function everything(authorizationType: Method["authorizationType"]): Record<string, Resource> {
  const httpMethod = "ANY";
  const method = {
    httpMethod,
    authorizationType,
    apiKeyRequired: false,
    methodResponses: dictionary<never>(),
  };
  const methods = dictionary([[httpMethod, method]]);
  return { rest: { id: "rest", path: "/{rest+}", methods } };
}

function eventOf(request: HttpRequest, authorizationType: Method["authorizationType"], binary: boolean) {
  const account = { id: "123456789012", region: "us-east-1", now: () => new Date() } as Account;
  const { stageName, rest } = splitStage(request.path);
  const route = findRoute(everything(authorizationType), request.method, rest);
  if (route === undefined) {
    throw new Error(`nothing answers ${request.path}`);
  }
  return proxyEvent({
    account,
    request,
    route,
    path: rest,
    context: newRequestContext(account, request, {
      apiId: "a1b2c3d4e5",
      domainName: "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
      path: request.path,
      stage: stageName,
    }),
    definition: {
      resources: dictionary(),
      gatewayResponses: dictionary(),
      binaryMediaTypes: binary ? ["*/*"] : [],
      disableExecuteApiEndpoint: false,
    },
    stage: {
      stageName,
      deploymentId: "a1b2c3",
      createdDate: 0,
      lastUpdatedDate: 0,
      tracingEnabled: false,
      methodSettings: dictionary(),
      tags: dictionary(),
    },
  });
}

const name = fc.oneof(
  fc.constantFrom("Authorization", "authorization", "Connection", "TE", "X-Forwarded-For", "__proto__"),
  fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/),
);

const requests: fc.Arbitrary<HttpRequest> = fc.record({
  method: fc.constantFrom("GET", "POST", "DELETE"),
  path: fc.webPath().map((path) => `/dev/x${path}`),
  query: fc.webQueryParameters(),
  headers: fc.array(fc.tuple(name, fc.stringMatching(/^[ -~]{0,12}$/))),
  body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  sourceIp: fc.ipV4(),
});

test("a function gets everything of the request but its signature and its connection", () => {
  fc.assert(
    fc.property(
      requests,
      fc.constantFrom("AWS_IAM", "NONE"),
      fc.boolean(),
      (request, authorisation, binary) => {
        const event = eventOf(request, authorisation, binary);
        expect(`/dev${event.path}`).toBe(request.path);
        expect(event.requestContext.path).toBe(request.path);

        const sent = request.headers.filter(([header]) => {
          const key = header.toLowerCase();
          if (key === "authorization") {
            return authorisation === "NONE";
          }
          return !["connection", "te", "x-forwarded-for"].includes(key);
        });
        for (const [header, value] of sent) {
          const entry = Object.entries(event.multiValueHeaders ?? {}).find(
            ([known]) => known.toLowerCase() === header.toLowerCase(),
          );
          expect(entry?.[1]).toContain(value);
        }
        const names = Object.keys(event.headers ?? {}).map((header) => header.toLowerCase());
        expect(new Set(names).size).toBe(names.length);
        expect(names).not.toContain("connection");
        expect(names).not.toContain("te");
        if (authorisation === "AWS_IAM") {
          expect(names).not.toContain("authorization");
        }
        expect(event.headers?.["X-Forwarded-For"]).toMatch(new RegExp(`(^|, )${request.sourceIp}$`));

        const query = [...new URLSearchParams(request.query)];
        expect(Object.values(event.multiValueQueryStringParameters ?? {}).flat()).toHaveLength(query.length);
        if (query.length === 0) {
          expect(event.queryStringParameters).toBeNull();
        }

        const encoding = event.isBase64Encoded ? "base64" : "utf8";
        expect(event.isBase64Encoded).toBe(binary && request.body.length > 0);
        if (event.isBase64Encoded) {
          expect(Buffer.from(event.body ?? "", encoding)).toEqual(request.body);
        } else {
          expect(event.body).toBe(request.body.length === 0 ? null : request.body.toString());
        }
        expect(JSON.parse(JSON.stringify(event)).path).toBe(event.path);
      },
    ),
  );
});

test("two headers get API Gateway's spelling, others keep the client's", () => {
  const headers: [string, string][] = [
    ["authorization", "random-value"],
    ["user-Agent", "test/integration"],
    ["accept", "*/*"],
  ];
  const request = {
    method: "GET",
    path: "/dev/x",
    query: "",
    headers,
    body: Buffer.alloc(0),
    sourceIp: "127.0.0.1",
  };
  const event = eventOf(request, "NONE", false);
  expect(event.headers).toMatchObject({
    Authorization: "random-value",
    "User-Agent": "test/integration",
    accept: "*/*",
  });
  expect(event.multiValueHeaders).toMatchObject({
    Authorization: ["random-value"],
    "User-Agent": ["test/integration"],
  });
});

test("the path is the client's, but for slashes in front of the stage", () => {
  const at = (path: string) => {
    const request = {
      method: "GET",
      path,
      query: "",
      headers: [],
      body: Buffer.alloc(0),
      sourceIp: "127.0.0.1",
    };
    const { path: behindStage, pathParameters, requestContext } = eventOf(request, "NONE", false);
    return [behindStage, requestContext.path, pathParameters?.rest];
  };
  expect(at("/stage/a//b")).toEqual(["/a//b", "/stage/a//b", "a//b"]);
  expect(at("/stage/a/")).toEqual(["/a/", "/stage/a/", "a"]);
  expect(at("//stage/a")).toEqual(["/a", "/stage/a", "a"]);
  expect(at("/stage//a")).toEqual(["/a", "/stage//a", "a"]);
});

test("a client's trace goes on, and gets a parent if it has none; what is no trace is replaced", () => {
  const root = "Root=1-3152b799-8954dae64eda91bc9a23a7e8";
  const passed = (value: string) => {
    const headers: [string, string][] = [["x-amzn-trace-id", value]];
    const request = {
      method: "GET",
      path: "/dev/x",
      query: "",
      headers,
      body: Buffer.alloc(0),
      sourceIp: "127.0.0.1",
    };
    return eventOf(request, "NONE", false).headers?.["X-Amzn-Trace-Id"];
  };
  const whole = `${root};Parent=7fa8c0f79203be72;Sampled=1`;
  expect(passed(whole)).toBe(whole);
  expect(passed(root)).toMatch(new RegExp(`^${root};Parent=[0-9a-f]{16}$`));
  expect(passed("nonsense")).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
});
