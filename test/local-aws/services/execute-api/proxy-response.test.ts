import fc from "fast-check";
import {
  MalformedProxyResponseError,
  type ProxyResponse,
  readProxyResponse,
  UndecodableBodyError,
} from "../../../../local-aws/services/execute-api/proxy-response";

function read(
  answer: unknown,
  options: { accept?: string; binaryMediaTypes?: string[] } = {},
): ProxyResponse {
  const { accept, binaryMediaTypes = [] } = options;
  return readProxyResponse(Buffer.from(JSON.stringify(answer) ?? ""), { accept, binaryMediaTypes });
}

test.each([
  ["an empty object", {}, { status: 200, headers: {}, body: "" }],
  ["no status", { body: "hi" }, { status: 200, headers: {}, body: "hi" }],
  ["a status as text", { statusCode: "201" }, { status: 201, headers: {}, body: "" }],
  [
    "null for everything",
    { statusCode: null, headers: null, multiValueHeaders: null, body: null },
    { status: 200, headers: {}, body: "" },
  ],
  [
    "scalars as header values",
    { headers: { A: "text", B: 1, C: true } },
    { status: 200, headers: { A: ["text"], B: ["1"], C: ["true"] }, body: "" },
  ],
  [
    "a header in both maps",
    { headers: { "x-thing": "one" }, multiValueHeaders: { "X-Thing": ["two", "three"] } },
    { status: 200, headers: { "X-Thing": ["two", "three", "one"] }, body: "" },
  ],
  [
    "headers of the gateway's connection",
    { headers: { "Content-Length": "3", Connection: "close", "Transfer-Encoding": "chunked" } },
    {
      status: 200,
      headers: { "x-amzn-Remapped-Content-Length": ["3"], "x-amzn-Remapped-Connection": ["close"] },
      body: "",
    },
  ],
])("%s is taken", (_, answer, expected) => {
  const { status, headers, body } = read(answer);
  expect({ status, headers, body: body.toString() }).toEqual(expected);
});

test.each([
  ["an unknown member", { statusCode: 200, cookies: [] }],
  ["a status that is no number", { statusCode: "ok" }],
  ["a status that HTTP doesn't have", { statusCode: 99 }],
  ["a body that is an object", { statusCode: 200, body: { a: 1 } }],
  ["a list as a header's value", { headers: { A: ["x"] } }],
  ["no list as a multi-value header's value", { multiValueHeaders: { A: "x" } }],
  ["a header that would split the answer", { headers: { A: "x\r\nSet-Cookie: y" } }],
  ["a header name with a space", { headers: { "A b": "x" } }],
  ["bare text", "hello"],
  ["null", null],
  ["a list", []],
  ["nothing", undefined],
])("%s is malformed", (_, answer) => {
  expect(() => read(answer)).toThrow(MalformedProxyResponseError);
});

describe("base64", () => {
  const png = { isBase64Encoded: true, body: "AAEC/w==" };

  test.each([
    ["image/png", ["image/png"], true],
    ["image/png, text/html", ["image/png"], true],
    ["text/html, image/png", ["image/png"], false],
    ["image/*", ["image/png"], false],
    [undefined, ["image/png"], false],
    [undefined, ["*/*"], true],
    ["image/png", [], false],
  ])("Accept: %s with binary types %j is decoded: %s", (accept, binaryMediaTypes, decoded) => {
    const { body } = read(png, { accept, binaryMediaTypes });
    expect(body).toEqual(decoded ? Buffer.from([0, 1, 2, 255]) : Buffer.from("AAEC/w=="));
  });

  test("that is none cannot be decoded", () => {
    expect(() => read({ isBase64Encoded: true, body: "not base64!" }, { binaryMediaTypes: ["*/*"] })).toThrow(
      UndecodableBodyError,
    );
  });
});

test("whatever a function answers, it is taken or refused, never an accident", () => {
  const lenient = fc.record(
    {
      statusCode: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
      headers: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
      multiValueHeaders: fc.oneof(fc.dictionary(fc.string(), fc.array(fc.string())), fc.jsonValue()),
      body: fc.jsonValue(),
      isBase64Encoded: fc.oneof(fc.boolean(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(lenient, fc.jsonValue()), fc.option(fc.string()), (answer, accept) => {
      try {
        const { status, headers } = read(answer, { accept: accept ?? undefined, binaryMediaTypes: ["*/*"] });
        expect(status).toBeGreaterThanOrEqual(200);
        for (const values of Object.values(headers)) {
          expect(values.join()).not.toMatch(/[\r\n]/);
        }
      } catch (error) {
        if (!(error instanceof MalformedProxyResponseError || error instanceof UndecodableBodyError)) {
          throw error;
        }
      }
    }),
    { numRuns: 1000 },
  );
});
