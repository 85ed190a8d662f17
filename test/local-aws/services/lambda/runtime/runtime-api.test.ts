/** The Runtime API over HTTP: what a runtime gets, and what it can't do. */
import { request } from "undici";
import { RuntimeApi, type RuntimeReport } from "../../../../../local-aws/services/lambda/runtime/runtime-api";

let api: RuntimeApi;
let reports: RuntimeReport[];
let initErrors: string[];
let asked: number;

beforeEach(async () => {
  [reports, initErrors, asked] = [[], [], 0];
  api = await RuntimeApi.listen({
    onNext: () => asked++,
    onInitError: (payload) => initErrors.push(payload.toString()),
    onReport: (report) => reports.push(report),
  });
});

afterEach(() => api.close());

async function call(
  method: "GET" | "POST",
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
) {
  const answer = await request(`http://${api.address}/2018-06-01/runtime${path}`, { method, body, headers });
  const text = await answer.body.text();
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

const invocation = {
  requestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  functionArn: "arn:aws:lambda:us-east-1:123456789012:function:hello",
  payload: Buffer.from('{"a":1}'),
  deadline: 1_800_000_000_000,
  traceId: "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
};

test("an invocation waits for the runtime, and the runtime for an invocation", async () => {
  api.deliver(invocation);
  expect(api.undelivered).toBe(true);
  const first = await call("GET", "/invocation/next");
  expect(first).toMatchObject({
    status: 200,
    body: { a: 1 },
    headers: {
      "lambda-runtime-aws-request-id": invocation.requestId,
      "lambda-runtime-deadline-ms": "1800000000000",
      "lambda-runtime-invoked-function-arn": invocation.functionArn,
      "lambda-runtime-trace-id": invocation.traceId,
    },
  });
  expect(first.headers).not.toHaveProperty("lambda-runtime-client-context");
  expect(api.undelivered).toBe(false);
  expect(await call("POST", `/invocation/${invocation.requestId}/response`, "[2]")).toMatchObject({
    status: 202,
    body: { status: "OK" },
  });
  expect(reports).toEqual([{ kind: "response", payload: Buffer.from("[2]") }]);

  const second = call("GET", "/invocation/next");
  setTimeout(() => api.deliver({ ...invocation, requestId: "second" }), 50);
  expect((await second).headers["lambda-runtime-aws-request-id"]).toBe("second");
  await call("POST", "/invocation/second/error", '{"errorType":"E"}');
  expect(reports.at(-1)).toEqual({ kind: "error", payload: Buffer.from('{"errorType":"E"}') });
  expect(asked).toBe(2);
});

test("an error of the initialisation", async () => {
  expect((await call("POST", "/init/error", '{"errorType":"E"}')).status).toBe(202);
  expect(initErrors).toEqual(['{"errorType":"E"}']);
  expect(await call("POST", "/init/error", '{"errorType":"Again"}')).toMatchObject({
    status: 403,
    body: { errorType: "InvalidStateTransition" },
  });
  expect(initErrors).toHaveLength(1);
});

test("an error of the initialisation comes too late when the runtime has asked for work", async () => {
  api.deliver(invocation);
  await call("GET", "/invocation/next");
  const late = { status: 403, body: { errorType: "InvalidStateTransition" } };
  expect(await call("POST", "/init/error", '{"errorType":"E"}')).toMatchObject(late);
  await call("POST", `/invocation/${invocation.requestId}/response`, "1");
  expect(await call("POST", "/init/error", '{"errorType":"E"}')).toMatchObject(late);
  expect([initErrors, reports.length]).toEqual([[], 1]);
});

const ATTEMPTS: ["GET" | "POST", string][] = [
  ["GET", "/invocation/next"],
  ["POST", "/init/error"],
  ["POST", `/invocation/${invocation.requestId}/response`],
  ["POST", `/invocation/${invocation.requestId}/error`],
];

test.each([
  ["origin", "null"],
  ["origin", "http://127.0.0.1:4566"],
  ["sec-fetch-site", "cross-site"],
  ["sec-fetch-site", "same-origin"],
  ["sec-fetch-site", "none"],
  ["sec-fetch-mode", "no-cors"],
])("what sends %s: %s is a browser, which is no runtime", async (name, value) => {
  for (const [method, path] of ATTEMPTS) {
    const body = method === "POST" ? "{}" : undefined;
    expect(await call(method, path, body, { [name]: value })).toMatchObject({ status: 403 });
  }
  expect([reports, initErrors, asked]).toEqual([[], [], 0]);
});

test("only who knows the environment's own path takes part", async () => {
  const other = await RuntimeApi.listen({ onNext() {}, onInitError() {}, onReport() {} });
  try {
    const [host, path] = api.address.split("/") as [string, string];
    const [, foreign] = other.address.split("/") as [string, string];
    expect(path).toMatch(/^[0-9a-f]{32}$/);
    expect(foreign).not.toBe(path);
    for (const guess of ["", `/${foreign}`, `/${path}x`, `/${path.slice(1)}`, `/.//${path}`]) {
      for (const [method, route] of ATTEMPTS) {
        const body = method === "POST" ? "{}" : undefined;
        const answer = await request(`http://${host}${guess}/2018-06-01/runtime${route}`, { method, body });
        expect([answer.statusCode, await answer.body.text()]).toEqual([
          403,
          expect.not.stringContaining(path),
        ]);
      }
    }
    expect([reports, initErrors, asked]).toEqual([[], [], 0]);
  } finally {
    other.close();
  }
});

test("an answer is taken once, for the running invocation, and up to its limit", async () => {
  expect(await call("POST", "/invocation/unknown/response", "1")).toMatchObject({
    status: 400,
    body: { errorType: "InvalidRequestID" },
  });
  api.deliver(invocation);
  await call("GET", "/invocation/next");
  const path = `/invocation/${invocation.requestId}/response`;
  expect(await call("POST", path, Buffer.alloc(6_291_557, 49))).toMatchObject({
    status: 413,
    body: { errorType: "RequestEntityTooLarge" },
  });
  expect(await call("POST", path, "1")).toMatchObject({ status: 400 });
  expect(reports).toEqual([{ kind: "response-too-large" }]);
});

test("nothing else is there", async () => {
  expect((await call("GET", "/other")).status).toBe(404);
  expect((await call("POST", "/invocation/next")).status).toBe(404);
  expect(await call("GET", "/invocation/next", undefined, { host: "rebound.example" })).toMatchObject({
    status: 403,
  });
  expect([reports, asked]).toEqual([[], 0]);
});
