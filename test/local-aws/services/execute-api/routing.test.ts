import fc from "fast-check";
import { dictionary } from "../../../../local-aws/account/dictionary";
import type { Method, Resource } from "../../../../local-aws/account/state/apigateway";
import { matchTemplate, parseTemplate, segmentsOf } from "../../../../local-aws/identify/path-template";
import { findRoute, splitStage } from "../../../../local-aws/services/execute-api/routing";

/** Resources from templates to verbs; a resource's id is its path. */
function resources(methods: Record<string, string[]>): Record<string, Resource> {
  return Object.fromEntries(
    Object.entries(methods).map(([path, verbs]) => [
      path,
      {
        id: path,
        path,
        methods: dictionary(
          verbs.map((httpMethod): [string, Method] => [
            httpMethod,
            { httpMethod, authorizationType: "NONE", apiKeyRequired: false, methodResponses: dictionary() },
          ]),
        ),
      },
    ]),
  );
}

const API = resources({
  "/": ["GET"],
  "/hello": ["GET", "OPTIONS"],
  "/users": [],
  "/users/{user}": ["GET"],
  "/users/me": ["GET"],
  "/users/{user}/orders": ["ANY", "GET"],
  "/files/{path+}": ["ANY"],
  "/files/readme": ["GET"],
  "/{proxy+}": ["POST"],
});

test.each([
  ["GET", "", "/", "GET", {}],
  ["GET", "/", "/", "GET", {}],
  ["GET", "/hello", "/hello", "GET", {}],
  ["GET", "/hello/", "/hello", "GET", {}],
  ["GET", "//hello", "/hello", "GET", {}],
  ["GET", "/users/me", "/users/me", "GET", {}],
  ["GET", "/users/you", "/users/{user}", "GET", { user: "you" }],
  ["GET", "/users/a%2Fb", "/users/{user}", "GET", { user: "a%2Fb" }],
  ["GET", "/users/you/orders", "/users/{user}/orders", "GET", { user: "you" }],
  ["PUT", "/users/me/orders", "/users/{user}/orders", "ANY", { user: "me" }],
  ["GET", "/files/readme", "/files/readme", "GET", {}],
  // The literal resource lacks the verb, so the greedy one answers.
  ["DELETE", "/files/readme", "/files/{path+}", "ANY", { path: "readme" }],
  ["GET", "/files/a/b//c/", "/files/{path+}", "ANY", { path: "a/b//c" }],
  ["POST", "//a//b//", "/{proxy+}", "POST", { proxy: "a//b" }],
  ["POST", "/hello", "/{proxy+}", "POST", { proxy: "hello" }],
  ["POST", "/anything/else", "/{proxy+}", "POST", { proxy: "anything/else" }],
])("%s %s is answered by %s %s", (verb, path, resource, method, pathParameters) => {
  const route = findRoute(API, verb, path);
  expect(route?.resource.path).toBe(resource);
  expect(route?.method.httpMethod).toBe(method);
  expect(route?.pathParameters).toEqual(pathParameters);
});

test.each([
  ["GET", "/Hello"],
  ["GET", "/hello/there"],
  ["GET", "/users"],
  ["GET", "/files"],
  ["GET", "/%68ello"],
  ["GET", "/hello%2F"],
  ["GET", "/x/../hello"],
  ["DELETE", "/hello"],
  ["constructor", "/hello"],
  ["GET", "/constructor"],
])("%s %s has no route", (verb, path) => {
  expect(findRoute(API, verb, path)).toBeUndefined();
});

test.each([
  ["/dev/hello", "dev", "/hello"],
  ["/dev", "dev", ""],
  ["/dev/", "dev", "/"],
  ["/dev//hello", "dev", "//hello"],
  ["//dev/hello", "dev", "/hello"],
  ["/", "", ""],
])("%s begins with stage '%s'", (path, stageName, rest) => {
  expect(splitStage(path)).toEqual({ stageName, rest });
});

test("any path finds a method that has the verb, or none", () => {
  const segment = fc.oneof(fc.constantFrom("hello", "users", "files", "me", "", ".", ".."), fc.string());
  const verbs = fc.constantFrom("GET", "POST", "DELETE", "OPTIONS");
  fc.assert(
    fc.property(fc.array(segment), verbs, (segments, verb) => {
      const route = findRoute(API, verb, `/${segments.join("/")}`);
      if (route) {
        expect([verb, "ANY"]).toContain(route.method.httpMethod);
      }
    }),
  );
});

/** The rule as it is told: of all templates that match, the one that is more specific segment by segment. */
function searched(api: Readonly<Record<string, Resource>>, verb: string, path: string) {
  const weightOf = (template: string) =>
    parseTemplate(template)
      .map(({ kind }) => ["literal", "parameter", "greedy"].indexOf(kind))
      .join("");
  return Object.values(api)
    .filter(({ methods }) => methods[verb] ?? methods.ANY)
    .filter((resource) => matchTemplate(parseTemplate(resource.path), segmentsOf(path)))
    .sort((a, b) => (weightOf(a.path) < weightOf(b.path) ? -1 : 1))[0];
}

test("the route is the one that a search through all templates finds", () => {
  const part = fc.constantFrom("a", "b", "{x}");
  const template = fc
    .tuple(fc.array(part, { maxLength: 3 }), fc.constantFrom("", "{rest+}"))
    .map(([parts, last]) => `/${[...parts, last].filter((one) => one !== "").join("/")}`);
  const verbs = fc.constantFrom("GET", "PUT", "ANY");
  const api = fc
    .array(fc.tuple(template, fc.array(verbs, { maxLength: 2 })), { maxLength: 12 })
    .map((routes) => resources(Object.fromEntries(routes)));
  const path = fc
    .array(fc.constantFrom("a", "b", "c"), { maxLength: 4 })
    .map((parts) => `/${parts.join("/")}`);
  let found = 0;
  fc.assert(
    fc.property(api, fc.constantFrom("GET", "PUT", "POST"), path, (deployed, verb, called) => {
      const route = findRoute(deployed, verb, called);
      expect(route?.resource.path).toBe(searched(deployed, verb, called)?.path);
      found += route === undefined ? 0 : 1;
    }),
    { numRuns: 2000 },
  );
  expect(found).toBeGreaterThan(200);
});
