/** The access file: what it may say, and errors that name the cure. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseOutputs, readAccess, SettingsError, walkFlow } from "../../../harness";
import { expectedOf, filledPath, parseAccess } from "../../../harness/access/file";
import { CALLERS } from "../../../harness/report";

const parse = (content: unknown) => parseAccess(JSON.stringify(content), "access.json");

/** The only route of the file. */
function only(content: Readonly<Record<string, unknown>>) {
  const [route] = parse(content).routes;
  if (route === undefined) {
    throw new Error("The file has no route.");
  }
  return route;
}

test.each([
  [["anyone"], ["nobody", "guest", "signed-in", "other-user", "backend"]],
  [["signed-in"], ["signed-in"]],
  [
    ["guest", "backend"],
    ["guest", "backend"],
  ],
  [[], []],
])("%j allows %j", (allow, allowed) => {
  const route = only({ "GET /hello": allow });
  expect(CALLERS.filter((caller) => expectedOf(route, caller) === "allowed")).toEqual(allowed);
});

test.each<[string, unknown, string | undefined]>([
  ["GET /a", [], "GET"],
  ["HEAD /a", [], "HEAD"],
  ["OPTIONS /a", [], "OPTIONS"],
  ["ANY /a", [], "GET"],
  ["POST /a", [], undefined],
  ["DELETE /a", { allow: [], safe: true }, "DELETE"],
  ["GET /a", { allow: [], safe: false }, undefined],
])("%s: %j is called by %s", (name, value, probe) => {
  expect(only({ [name]: value }).probe).toBe(probe);
});

test.each([
  ["GET /", {}, undefined, "/"],
  ["GET /orders/{id}", {}, undefined, "/orders/harness-probe"],
  ["GET /orders/{id}", { id: "4 2" }, undefined, "/orders/4%202"],
  ["GET /files/{proxy+}", { proxy: "a/b" }, undefined, "/files/a/b"],
  ["GET /users/{username}/orders/{id}", { id: "1" }, "ada@example", "/users/ada@example/orders/1"],
])("%s with %j is called at another's or the own path", (name, parameters, username, path) => {
  expect(filledPath(only({ [name]: { allow: [], parameters } }), username)).toBe(path);
});

test.each<[string, unknown, RegExp]>([
  ["not JSON", undefined, /access\.json is not a JSON object with a member for each route, e\.g\. /],
  ["a list", ["GET /hello"], /is not a JSON object/],
  ["empty", {}, /is not a JSON object/],
  ["no method", { "/hello": [] }, /\n {2}\/hello: is not a route: give a method, or ANY, and a path/],
  ["another method", { "FETCH /hello": [] }, /FETCH \/hello: is not a route/],
  ["nobody", { "GET /hello": ["nobody"] }, /write \[\] if no one may, \["anyone"\] if everybody may/],
  [
    "an unknown caller",
    { "GET /hello": ["signedin"] },
    /"signedin" is no caller: name some of anyone, guest, /,
  ],
  ["a word", { "GET /hello": "signed-in" }, /is neither a list of callers, e\.g\. \["signed-in"\], nor /],
  ["a word to allow", { "GET /hello": { allow: "signed-in" } }, /is not a list of callers/],
  ["a member too many", { "GET /hello": { allow: [], save: true } }, /has save: it may have "allow", "safe"/],
  ["safe as a word", { "GET /hello": { allow: [], safe: "yes" } }, /"safe" is not true or false/],
  [
    "another user of no path",
    { "GET /hello": ["other-user"] },
    /"other-user" is for paths with \{username\}/,
  ],
  [
    "a parameter of no path",
    { "GET /a/{id}": { allow: [], parameters: { no: "1" } } },
    /the path has no \{no\}/,
  ],
  ["the user's name", { "GET /{username}": { allow: [], parameters: { username: "a" } } }, /leave it out of/],
  ["two segments", { "GET /a/{id}": { allow: [], parameters: { id: "a/b" } } }, /"id" must be one segment/],
  ["another path by a route", { "GET /a/../b": [] }, /GET \/a\/\.\.\/b: is not a route/],
  ["another path by an escape", { "GET /a/%2e%2e/b": [] }, /is not a route/],
  ["another path by a backslash", { "GET /a\\..\\b": [] }, /is not a route/],
  ["a query", { "GET /a?b=c": [] }, /is not a route/],
  ["a fragment", { "GET /a#b": [] }, /is not a route/],
  [
    "another path by a parameter",
    { "GET /a/{id}": { allow: [], parameters: { id: ".." } } },
    /"id" must be one segment of a path, and not \. or \.\./,
  ],
  [
    "another path by a greedy parameter",
    { "GET /a/{proxy+}": { allow: [], parameters: { proxy: "b/../../c" } } },
    /"proxy" must be segments of a path, and none \. or \.\./,
  ],
])("%s is told with what to write", (_, content, problem) => {
  expect(() => parse(content)).toThrow(SettingsError);
  expect(() => parse(content)).toThrow(problem);
});

test("all problems are told at once", () => {
  expect(() => parse({ "/a": [], "GET /b": ["me"] })).toThrow(/\/a: .*\n.*GET \/b: /);
});

test("a file is read, and one that is not there is named", () => {
  const directory = mkdtempSync(join(tmpdir(), "access-"));
  try {
    const file = join(directory, "access.json");
    writeFileSync(file, '{"GET /hello": ["signed-in"]}');
    expect(readAccess(file)).toMatchObject({ source: file, routes: [{ route: "GET /hello" }] });
    expect(() => readAccess(join(directory, "none.json"))).toThrow(/none\.json cannot be read \(ENOENT\)/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

const OUTPUTS = {
  region: "us-east-1",
  identity_pool_id: "us-east-1:1f0a4c1e-9a39-4a7e-8c9f-0d8f3a5b7c21",
  developer_provider_name: "login.developer.example",
  authenticated_role_arn: "arn:aws:iam::123456789012:role/r",
  invoke_url: "https://a1b2c3.execute-api.us-east-1.amazonaws.com/dev",
};

test("neither a file nor the output is a settings error that says where to write it", async () => {
  const deployment = parseOutputs(OUTPUTS, "outputs.json");
  await expect(walkFlow({ deployment, access: true })).rejects.toThrow(
    /^Who may call what is said nowhere: the outputs name no access, and --access names no file\. Deploy these stacks again/,
  );
});

test("a wrong output is named as such", async () => {
  const deployment = parseOutputs({ ...OUTPUTS, access: '{"hello":[]}' }, "outputs.json");
  await expect(walkFlow({ deployment, access: true })).rejects.toThrow(
    /^output access does not say who may call/,
  );
});
