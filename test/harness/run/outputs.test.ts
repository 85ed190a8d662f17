/** Outputs of any nesting are read; what is wrong with them is listed together with its cure. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseOutputs, readOutputs, SettingsError } from "../../../harness";

const POOL = "us-east-1:11111111-2222-3333-4444-555555555555";
const IDENTITY = {
  identity_pool_id: POOL,
  developer_provider_name: "login.developer.example",
  authenticated_role_arn: "arn:aws:iam::123456789012:role/dev-authenticated",
  region: "us-east-1",
};
const API = { invoke_url: "https://a1b2c3.execute-api.us-east-1.amazonaws.com/dev" };

const EXPECTED = {
  region: "us-east-1",
  identityPoolId: POOL,
  developerProviderName: "login.developer.example",
  authenticatedRoleArn: "arn:aws:iam::123456789012:role/dev-authenticated",
  invokeUrl: "https://a1b2c3.execute-api.us-east-1.amazonaws.com/dev",
  probeRoute: "GET /hello",
  refusedRoute: "GET /restricted",
};

describe("outputs that describe a deployment", () => {
  test.each([
    ["two stacks", { "identity-dev": IDENTITY, "api-dev": API }],
    ["one stack of another name", { everything: { ...IDENTITY, ...API } }],
    ["outputs of nested constructs", { a: { pool: IDENTITY }, b: { api: { v1: API } } }],
    ["the same value in two stacks", { a: IDENTITY, b: { ...API, region: "us-east-1" } }],
    ["outputs of other things", { a: IDENTITY, b: { ...API, table_name: "orders", count: 3 } }],
    ["a slash at the URL's end", { a: IDENTITY, b: { invoke_url: `${API.invoke_url}/` } }],
  ])("%s", (_, outputs) => {
    expect(parseOutputs(outputs, "outputs.json")).toEqual(EXPECTED);
  });

  test("a guest role that is declared", () => {
    const arn = "arn:aws:iam::123456789012:role/dev-guest";
    const outputs = { a: { ...IDENTITY, ...API, unauthenticated_role_arn: arn } };
    expect(parseOutputs(outputs, "outputs.json").unauthenticatedRoleArn).toBe(arn);
  });

  test.each(["https://app.example", "http://localhost:5173", "*"])("the allowed origin %s", (origin) => {
    const outputs = { a: { ...IDENTITY, ...API, allowed_origin: origin } };
    expect(parseOutputs(outputs, "outputs.json").allowedOrigin).toBe(origin);
  });

  test("routes of their own", () => {
    const outputs = {
      a: { ...IDENTITY, ...API, probe_route: "GET /orders", refused_route: "HEAD /orders/1" },
    };
    expect(parseOutputs(outputs, "outputs.json")).toMatchObject({
      probeRoute: "GET /orders",
      refusedRoute: "HEAD /orders/1",
    });
  });

  test("a route to call, and none that is granted to nobody", () => {
    const outputs = { a: { ...IDENTITY, ...API, probe_route: "GET /hello" } };
    expect(parseOutputs(outputs, "outputs.json").refusedRoute).toBeUndefined();
  });

  test("a custom domain", () => {
    const outputs = { a: IDENTITY, b: { invoke_url: "https://api.example.com/v1" } };
    expect(parseOutputs(outputs, "outputs.json").invokeUrl).toBe("https://api.example.com/v1");
  });
});

describe("outputs that do not", () => {
  test.each<[string, unknown, RegExp]>([
    ["an empty object", {}, /identity_pool_id is missing.*invoke_url is missing/s],
    ["a list", [], /identity_pool_id is missing/],
    ["null", null, /identity_pool_id is missing/],
    ["no API yet", { a: IDENTITY }, /invoke_url is missing/],
    [
      "a stack without outputs",
      { a: {} },
      /authenticated_role_arn is missing: new TerraformOutput\(this, "authenticated_role_arn", \{ value: pool\.authenticatedRoleArn \}\);/,
    ],
    [
      "two stages",
      { dev: { ...IDENTITY, ...API }, prod: { ...IDENTITY, region: "eu-west-1" } },
      /more than one deployment:\n {2}region: us-east-1, eu-west-1/,
    ],
    [
      "a pool of another region",
      { a: { ...IDENTITY, ...API, identity_pool_id: POOL.replace("us-east-1", "eu-west-1") } },
      /identity_pool_id is a pool of eu-west-1, but region is us-east-1/,
    ],
    [
      "an API of another region",
      { a: IDENTITY, b: { invoke_url: "https://a1.execute-api.eu-west-1.amazonaws.com/dev" } },
      /invoke_url is an API of eu-west-1, but region is us-east-1/,
    ],
    [
      "a URL without stage",
      { a: IDENTITY, b: { invoke_url: "https://a1.execute-api.us-east-1.amazonaws.com/" } },
      /invoke_url names no stage/,
    ],
    ["a user pool", { a: { ...IDENTITY, ...API, identity_pool_id: "us-east-1_AbCdEf" } }, /identity pool id/],
    [
      "a URL that is none",
      { a: IDENTITY, b: { invoke_url: "a1.execute-api" } },
      /invoke_url is not an https URL/,
    ],
    ["plain http", { a: IDENTITY, b: { invoke_url: "http://a1.example.com/dev" } }, /not an https URL/],
    [
      "a role's name instead of its ARN",
      { a: { ...IDENTITY, ...API, authenticated_role_arn: "dev" } },
      /authenticated_role_arn is not the ARN of a role \(found "dev"\)/,
    ],
    [
      "an origin with a path",
      { a: { ...IDENTITY, ...API, allowed_origin: "https://app.example/" } },
      /allowed_origin is not an origin/,
    ],
    [
      "a route that may change something",
      { a: { ...IDENTITY, ...API, probe_route: "POST /orders" } },
      /probe_route is not GET or HEAD and a path/,
    ],
    ["a value of another type", { a: { ...IDENTITY, ...API, region: 3 } }, /region .*found 3/],
  ])("%s", (_, outputs, message) => {
    const read = () => parseOutputs(outputs, "outputs.json");
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(message);
    expect(read).toThrow("npx cdktf deploy '*' --outputs-file outputs.json");
  });
});

describe("files", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "outputs-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (content: string) => {
    const file = join(directory, "outputs.json");
    writeFileSync(file, content);
    return file;
  };

  test("a good one", () => {
    expect(readOutputs(write(JSON.stringify({ a: IDENTITY, b: API })))).toEqual(EXPECTED);
  });

  test.each([
    ["empty", "", /is empty\. Run: npx cdktf deploy/],
    ["not JSON", "{ identity_pool_id", /is not JSON\. Run: npx cdktf deploy/],
  ])("%s", (_, content, message) => {
    const file = write(content);
    expect(() => readOutputs(file)).toThrow(SettingsError);
    expect(() => readOutputs(file)).toThrow(message);
  });

  test("missing", () => {
    expect(() => readOutputs(join(directory, "none.json"))).toThrow(/There is no file .*none\.json\. Run: /);
  });

  test("a directory", () => {
    expect(() => readOutputs(directory)).toThrow(/Could not read \(EISDIR\)/);
  });
});
