/** How functions run: what they get, what their callers get, and how they fail. */
import { setTimeout } from "node:timers/promises";
import { CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DeleteRoleCommand, DeleteRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import {
  allow,
  createFunction,
  createRole,
  failure,
  invoke,
  type LambdaAccount,
  startLambdaAccount,
} from "../../../support/lambda-account";
import { zipOf } from "../../../support/zip";

let account: LambdaAccount;

beforeAll(async () => {
  account = await startLambdaAccount();
});

afterAll(() => account.aws.stop());

describe("handlers", () => {
  const sources: [name: string, files: Record<string, string>, handler: string][] = [
    [
      "an async function",
      { "index.js": "exports.handler = async (e) => ({ sum: e.a + e.b })" },
      "index.handler",
    ],
    [
      "a callback",
      { "index.js": "exports.handler = (e, c, done) => setTimeout(() => done(null, { sum: e.a + e.b }), 5)" },
      "index.handler",
    ],
    [
      "context.succeed",
      {
        "index.js":
          "exports.handler = (e, c) => { c.succeed({ sum: e.a + e.b }); setTimeout(() => {}, 9000) }",
      },
      "index.handler",
    ],
    [
      "an ES module by extension",
      { "index.mjs": "export const handler = async (e) => ({ sum: e.a + e.b })" },
      "index.handler",
    ],
    [
      "an ES module by package.json",
      {
        "package.json": '{"type":"module"}',
        "index.js": "export const handler = async (e) => ({ sum: e.a + e.b })",
      },
      "index.handler",
    ],
    [
      "a folder and a nested export",
      { "src/app.cjs": "exports.inner = { run: async (e) => ({ sum: e.a + e.b }) }" },
      "src/app.inner.run",
    ],
    [
      "a file of its own",
      {
        "index.js": "exports.handler = require('./lib/add')",
        "lib/add.js": "module.exports = async (e) => ({ sum: e.a + e.b })",
      },
      "index.handler",
    ],
  ];

  test.each(sources)("%s", async (name, files, handler) => {
    const functionName = name.replace(/\W/g, "-");
    await createFunction(account, functionName, files, { Handler: handler });
    const answer = await invoke(account, functionName, { a: 1, b: 2 });
    expect(answer).toMatchObject({
      status: 200,
      functionError: undefined,
      executedVersion: "$LATEST",
      payload: { sum: 3 },
    });
  });

  test("a callback waits for the event loop unless told otherwise", async () => {
    await createFunction(
      account,
      "waits",
      `let late = 0; exports.handler = (e, c, done) => { c.callbackWaitsForEmptyEventLoop = e.wait; setTimeout(() => late++, 100); done(null, late) }`,
    );
    expect((await invoke(account, "waits", { wait: true })).payload).toBe(0);
    expect((await invoke(account, "waits", { wait: true })).payload).toBe(1);
    const startedAt = performance.now();
    expect((await invoke(account, "waits", { wait: false })).payload).toBe(2);
    expect(performance.now() - startedAt).toBeLessThan(95);
  });

  test.each([
    ["nothing", "async () => {}"],
    ["a promise that nothing can settle any more", "() => new Promise(() => {})"],
  ])("%s is null", async (name, handler) => {
    const functionName = name.replace(/\W/g, "-");
    await createFunction(account, functionName, `exports.handler = ${handler}`);
    expect(await invoke(account, functionName)).toMatchObject({ functionError: undefined, payload: null });
  });
});

describe("environment", () => {
  test("is Lambda's and the function's, and nothing of this process's", async () => {
    process.env.SECRET_OF_THE_PARENT = "must not leak";
    await createFunction(
      account,
      "variables",
      "exports.handler = async () => ({ env: process.env, cwd: process.cwd() })",
      {
        Environment: { Variables: { GREETING: "hello" } },
        MemorySize: 256,
      },
    );
    const { env, cwd } = (await invoke(account, "variables")).payload;
    delete process.env.SECRET_OF_THE_PARENT;
    expect(Object.keys(env).sort()).toEqual([
      "AWS_ACCESS_KEY_ID",
      "AWS_DEFAULT_REGION",
      "AWS_ENDPOINT_URL",
      "AWS_EXECUTION_ENV",
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
      "AWS_LAMBDA_FUNCTION_NAME",
      "AWS_LAMBDA_FUNCTION_VERSION",
      "AWS_LAMBDA_INITIALIZATION_TYPE",
      "AWS_LAMBDA_LOG_GROUP_NAME",
      "AWS_LAMBDA_LOG_STREAM_NAME",
      "AWS_LAMBDA_RUNTIME_API",
      "AWS_REGION",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "GREETING",
      "LAMBDA_RUNTIME_DIR",
      "LAMBDA_TASK_ROOT",
      "LANG",
      "PATH",
      "TZ",
      "_HANDLER",
      "_X_AMZN_TRACE_ID",
    ]);
    expect(env).toMatchObject({
      _HANDLER: "index.handler",
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_ENDPOINT_URL: account.aws.endpoint,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_FUNCTION_NAME: "variables",
      AWS_REGION: "us-east-1",
      GREETING: "hello",
      LAMBDA_TASK_ROOT: cwd,
    });
  });

  test("lets the function call the account as its role", async () => {
    await createFunction(
      account,
      "whoami",
      `const { createHash, createHmac } = require("node:crypto");
       const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
       const hash = (text) => createHash("sha256").update(text).digest("hex");
       exports.handler = async () => {
         const url = new URL(process.env.AWS_ENDPOINT_URL);
         const date = new Date().toISOString().replace(/[-:]|\\.\\d+/g, "");
         const body = "Action=GetCallerIdentity&Version=2011-06-15";
         const headers = { host: url.host, "x-amz-date": date, "x-amz-security-token": process.env.AWS_SESSION_TOKEN };
         const names = Object.keys(headers).sort();
         const canonical = ["POST", "/", "", ...names.map((n) => n + ":" + headers[n]), "", names.join(";"), hash(body)].join("\\n");
         const scope = [date.slice(0, 8), process.env.AWS_REGION, "sts", "aws4_request"];
         const key = scope.reduce(hmac, "AWS4" + process.env.AWS_SECRET_ACCESS_KEY);
         const signature = hmac(key, ["AWS4-HMAC-SHA256", date, scope.join("/"), hash(canonical)].join("\\n")).toString("hex");
         const authorization = "AWS4-HMAC-SHA256 Credential=" + process.env.AWS_ACCESS_KEY_ID + "/" + scope.join("/") +
           ", SignedHeaders=" + names.join(";") + ", Signature=" + signature;
         delete headers.host;
         const answer = await fetch(url, { method: "POST", body, headers: { ...headers, authorization, "content-type": "application/x-www-form-urlencoded" } });
         return answer.text();
       }`,
    );
    const { payload } = await invoke(account, "whoami");
    expect(payload).toContain("<Arn>arn:aws:sts::123456789012:assumed-role/function/whoami</Arn>");
  });

  test("context", async () => {
    await createFunction(
      account,
      "context",
      "exports.handler = async (e, c) => ({ ...c, remaining: c.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID })",
      { Timeout: 7 },
    );
    const clientContext = Buffer.from(JSON.stringify({ custom: { a: "ü\u007f\n" } })).toString("base64");
    const { payload, requestId } = await invoke(account, "context", {}, { ClientContext: clientContext });
    expect(payload).toMatchObject({
      callbackWaitsForEmptyEventLoop: true,
      functionName: "context",
      functionVersion: "$LATEST",
      memoryLimitInMB: "128",
      logGroupName: "/aws/lambda/context",
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:context",
      awsRequestId: requestId,
      clientContext: { custom: { a: "ü\u007f\n" } },
      trace: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Sampled=0$/),
    });
    expect(payload.remaining).toBeGreaterThan(6000);
    expect(payload.remaining).toBeLessThanOrEqual(7000);
  });

  test("stays warm until code or configuration change", async () => {
    const counter =
      "let count = 0; exports.handler = async () => [process.pid, ++count, process.env.SETTING]";
    await createFunction(account, "warm", counter);
    const [pid] = (await invoke(account, "warm")).payload;
    expect((await invoke(account, "warm")).payload).toEqual([pid, 2, null]);
    await account.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: "warm",
        Environment: { Variables: { SETTING: "x" } },
      }),
    );
    const [newPid, ...rest] = (await invoke(account, "warm")).payload;
    expect(rest).toEqual([1, "x"]);
    expect(newPid).not.toBe(pid);
    await account.lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: "warm",
        ZipFile: zipOf({ "index.js": "exports.handler = async () => 'new code'" }),
      }),
    );
    expect((await invoke(account, "warm")).payload).toBe("new code");
  });

  test("a handler can't have its own initialisation fail any more", async () => {
    await createFunction(
      account,
      "late",
      `exports.handler = () => new Promise((resolve) => {
         const url = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime/init/error";
         const body = JSON.stringify({ errorType: "Late", errorMessage: "not heard" });
         require("node:http")
           .request(url, { method: "POST" }, (answer) => setTimeout(() => resolve(answer.statusCode), 100))
           .end(body);
       });`,
    );
    for (const _attempt of [1, 2]) {
      expect((await invoke(account, "late")).payload).toBe(403);
    }
  });

  test("runs invocations at the same time in environments of their own", async () => {
    await createFunction(
      account,
      "parallel",
      "exports.handler = () => new Promise((r) => setTimeout(() => r(process.pid), 300))",
    );
    const answers = await Promise.all([1, 2, 3].map(() => invoke(account, "parallel")));
    expect(new Set(answers.map((answer) => answer.payload)).size).toBe(3);
  });
});

describe("failures", () => {
  const cases: [name: string, source: string, expected: Record<string, unknown>][] = [
    [
      "thrown error",
      "exports.handler = async () => { throw new TypeError('no') }",
      { errorType: "TypeError", errorMessage: "no", trace: expect.arrayContaining(["TypeError: no"]) },
    ],
    [
      "synchronous error",
      "exports.handler = () => { throw new RangeError('sync') }",
      { errorType: "RangeError", errorMessage: "sync", trace: expect.any(Array) },
    ],
    [
      "callback error",
      "exports.handler = (e, c, done) => done('plain text')",
      { errorType: "string", errorMessage: "plain text", trace: [] },
    ],
    [
      "uncaught exception",
      "exports.handler = () => { setImmediate(() => { throw new Error('later') }); return new Promise(() => {}) }",
      { errorType: "Error", errorMessage: "later", trace: expect.any(Array) },
    ],
    [
      "unhandled rejection",
      "exports.handler = () => { Promise.reject(new Error('lost')); return new Promise((r) => setTimeout(r, 500)) }",
      {
        errorType: "Runtime.UnhandledPromiseRejection",
        errorMessage: "Error: lost",
        trace: expect.any(Array),
      },
    ],
    [
      "answer that isn't JSON",
      "exports.handler = async () => 1n",
      {
        errorType: "Runtime.MarshalError",
        errorMessage: expect.stringContaining("BigInt"),
        trace: expect.any(Array),
      },
    ],
    [
      "process.exit(1)",
      "exports.handler = async () => process.exit(1)",
      {
        errorType: "Runtime.ExitError",
        errorMessage: expect.stringMatching(
          /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 1$/,
        ),
      },
    ],
    [
      "process.exit(0)",
      "exports.handler = async () => process.exit(0)",
      {
        errorType: "Runtime.ExitError",
        errorMessage: expect.stringMatching(/Error: Runtime exited without providing a reason$/),
      },
    ],
    [
      "signal",
      "exports.handler = async () => { process.kill(process.pid, 'SIGKILL'); await new Promise((r) => setTimeout(r, 1000)) }",
      {
        errorType: "Runtime.ExitError",
        errorMessage: expect.stringMatching(/Runtime exited with error: signal: killed$/),
      },
    ],
    [
      "exit while loading",
      "process.exit(3)",
      { errorType: "Runtime.ExitError", errorMessage: expect.stringMatching(/exit status 3$/) },
    ],
    [
      "error while loading",
      "throw new Error('at load')",
      { errorType: "Error", errorMessage: "at load", trace: expect.any(Array) },
    ],
    [
      "syntax error",
      "exports.handler = (",
      {
        errorType: "Runtime.UserCodeSyntaxError",
        errorMessage: expect.stringMatching(/^SyntaxError: /),
        trace: expect.any(Array),
      },
    ],
    [
      "ES module in a CommonJS file",
      "export const handler = 1",
      {
        errorType: "Runtime.UserCodeSyntaxError",
        errorMessage: expect.stringMatching(/^SyntaxError: /),
        trace: expect.any(Array),
      },
    ],
    [
      "missing module",
      "require('not-there')",
      {
        errorType: "Runtime.ImportModuleError",
        errorMessage: expect.stringMatching(/^Error: Cannot find module 'not-there'/),
        trace: expect.any(Array),
      },
    ],
    [
      "missing export",
      "exports.other = 1",
      {
        errorType: "Runtime.HandlerNotFound",
        errorMessage: "index.handler is undefined or not exported",
        trace: expect.any(Array),
      },
    ],
  ];

  test.each(cases)("%s", async (name, source, expected) => {
    const functionName = `fails-${name.replace(/\W/g, "-")}`;
    await createFunction(account, functionName, source);
    for (const _attempt of [1, 2]) {
      const answer = await invoke(account, functionName);
      expect(answer).toMatchObject({ status: 200, functionError: "Unhandled" });
      expect(answer.payload).toEqual(expected);
    }
  });

  test("missing file", async () => {
    await createFunction(account, "no-file", "", { Handler: "elsewhere.handler" });
    expect((await invoke(account, "no-file")).payload).toMatchObject({
      errorType: "Runtime.ImportModuleError",
      errorMessage: "Error: Cannot find module 'elsewhere'",
    });
  });

  test.each([
    ["sleeps", "exports.handler = () => new Promise((r) => setTimeout(r, 60000))"],
    ["spins", "exports.handler = () => { for (;;); }"],
  ])("a handler that %s is killed at its timeout", async (name, source) => {
    await createFunction(account, name, source, { Timeout: 1 });
    const startedAt = performance.now();
    const answer = await invoke(account, name);
    expect(performance.now() - startedAt).toBeLessThan(4000);
    expect(answer.functionError).toBe("Unhandled");
    expect(answer.payload).toEqual({
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${answer.requestId} Error: Task timed out after 1.00 seconds`,
    });
    expect(answer.log).toMatch(/^\S+Z \S+ Task timed out after 1\.00 seconds$/m);
    expect(answer.log).toContain("Status: timeout");
  });

  test("memory runs out", async () => {
    await createFunction(
      account,
      "hungry",
      "exports.handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill({})) }",
      { Timeout: 20 },
    );
    const { payload } = await invoke(account, "hungry");
    expect(payload).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/Runtime exited with error: signal: (aborted|killed)$/),
    });
  });

  test("a response over 6 MB", async () => {
    await createFunction(account, "large", "exports.handler = async (e) => 'x'.repeat(e.size)", {
      Timeout: 10,
    });
    expect((await invoke(account, "large", { size: 6_000_000 })).payload).toHaveLength(6_000_000);
    expect(await invoke(account, "large", { size: 6_291_557 })).toMatchObject({
      functionError: "Unhandled",
      payload: {
        errorType: "Function.ResponseSizeTooLarge",
        errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
      },
    });
    expect((await invoke(account, "large", { size: 1 })).payload).toBe("x");
  });
});

describe("requests", () => {
  beforeAll(() => createFunction(account, "echo", "exports.handler = async (e) => e"));

  test("DryRun checks and runs nothing", async () => {
    expect(await invoke(account, "echo", {}, { InvocationType: "DryRun" })).toMatchObject({
      status: 204,
      payload: undefined,
    });
    expect(await failure(invoke(account, "nobody", {}, { InvocationType: "DryRun" }))).toEqual({
      name: "ResourceNotFoundException",
      status: 404,
      message: "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody",
    });
  });

  test("an empty payload is an empty object", async () => {
    const { Payload } = await account.lambda.send(new InvokeCommand({ FunctionName: "echo" }));
    expect(Buffer.from(Payload ?? []).toString()).toBe("{}");
  });

  test.each([
    "echo",
    "123456789012:echo",
    "function:echo",
    "arn:aws:lambda:us-east-1:123456789012:function:echo",
    "echo:$LATEST",
  ])("the name may be given as %s", async (name) =>
    expect((await invoke(account, name, [1])).payload).toEqual([1]),
  );

  test.each([
    ["no JSON", { Payload: Buffer.from("{") }, "InvalidRequestContentException", 400],
    ["too much for a call", { Payload: Buffer.alloc(6_291_457, 49) }, "RequestTooLargeException", 413],
    [
      "too much for an event",
      { Payload: Buffer.alloc(1_048_577, 49), InvocationType: "Event" as const },
      "RequestTooLargeException",
      413,
    ],
    ["unknown type", { InvocationType: "Later" as "Event" }, "ValidationException", 400],
    ["unknown log type", { LogType: "Head" as "Tail" }, "ValidationException", 400],
    ["a tenant", { TenantId: "blue" }, "InvalidParameterValueException", 400],
    ["no client context", { ClientContext: "e3s=" }, "InvalidRequestContentException", 400],
    ["unknown version", { Qualifier: "7" }, "ResourceNotFoundException", 404],
    ["another account's function", { FunctionName: "999999999999:echo" }, "AccessDeniedException", 403],
  ])("%s is refused", async (_name, input, name, status) => {
    expect(
      await failure(account.lambda.send(new InvokeCommand({ FunctionName: "echo", ...input }))),
    ).toMatchObject({ name, status });
  });

  test("reserved concurrency", async () => {
    await createFunction(
      account,
      "reserved",
      "exports.handler = () => new Promise((r) => setTimeout(r, 500))",
    );
    const reserve = (count: number) =>
      account.lambda.send(
        new PutFunctionConcurrencyCommand({ FunctionName: "reserved", ReservedConcurrentExecutions: count }),
      );
    const tooMany = { name: "TooManyRequestsException", status: 429, message: "Rate Exceeded." };
    await reserve(1);
    const [first, second] = await Promise.allSettled([
      invoke(account, "reserved"),
      failure(invoke(account, "reserved")),
    ]);
    expect([first.status, second.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(second).toMatchObject({ value: tooMany });
    await reserve(0);
    expect(await failure(invoke(account, "reserved"))).toEqual(tooMany);
    expect(await failure(invoke(account, "reserved", {}, { InvocationType: "Event" }))).toEqual(tooMany);
    expect(await failure(reserve(901))).toMatchObject({
      name: "InvalidParameterValueException",
      status: 400,
    });
    const get = new GetFunctionConcurrencyCommand({ FunctionName: "reserved" });
    expect((await account.lambda.send(get)).ReservedConcurrentExecutions).toBe(0);
    await account.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "reserved" }));
    expect((await account.lambda.send(get)).ReservedConcurrentExecutions).toBeUndefined();
    expect((await invoke(account, "reserved")).functionError).toBeUndefined();
  });

  test("a role that is gone stops new environments", async () => {
    const role = await createRole(account.iam, "short-lived", "lambda.amazonaws.com");
    await createFunction(account, "orphan", "exports.handler = async () => 1", { Role: role });
    await account.iam.send(new DeleteRoleCommand({ RoleName: "short-lived" }));
    expect(await failure(invoke(account, "orphan"))).toEqual({
      name: "AccessDeniedException",
      status: 403,
      message: "The role defined for the function cannot be assumed by Lambda.",
    });
  });
});

describe("logs", () => {
  const messages = async (group: string) => {
    const { events = [] } = await account.logs.send(new FilterLogEventsCommand({ logGroupName: group }));
    return events.map((event) => event.message as string);
  };

  test("go to the function's group, between Lambda's own lines", async () => {
    await account.logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/lambda/talks" }));
    await createFunction(
      account,
      "talks",
      `console.log("loading");
       exports.handler = async () => { console.log("two\\nlines", { a: 1 }); console.error("bad"); process.stdout.write("raw\\n"); throw new Error("end") }`,
    );
    const { log, requestId } = await invoke(account, "talks");
    const lines = await messages("/aws/lambda/talks");
    expect(lines).toEqual([
      expect.stringMatching(/^\S+Z\tundefined\tINFO\tloading$/),
      `START RequestId: ${requestId} Version: $LATEST`,
      expect.stringMatching(new RegExp(`^\\S+Z\t${requestId}\tINFO\ttwo\nlines { a: 1 }$`)),
      expect.stringMatching(new RegExp(`^\\S+Z\t${requestId}\tERROR\tbad$`)),
      "raw",
      expect.stringMatching(
        /\tERROR\tInvoke Error \t\{"errorType":"Error","errorMessage":"end","stack":\["Error: end",/,
      ),
      `END RequestId: ${requestId}`,
      expect.stringMatching(
        new RegExp(
          `^REPORT RequestId: ${requestId}\tDuration: [\\d.]+ ms\tBilled Duration: \\d+ ms\tMemory Size: 128 MB(\tMax Memory Used: \\d+ MB)?\tInit Duration: [\\d.]+ ms$`,
        ),
      ),
    ]);
    expect(log).toBe(`${lines.join("\n")}\n`);
  });

  test("an event's outcome is only there", async () => {
    await account.logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/lambda/listens" }));
    await createFunction(account, "listens", "exports.handler = async (e) => console.log('heard', e.word)");
    expect(await invoke(account, "listens", { word: "hi" }, { InvocationType: "Event" })).toMatchObject({
      status: 202,
      payload: undefined,
    });
    let lines: string[] = [];
    for (let attempt = 0; attempt < 100 && lines.length === 0; attempt++) {
      await setTimeout(50);
      lines = await messages("/aws/lambda/listens");
    }
    expect(lines).toContainEqual(expect.stringMatching(/heard hi$/));
  });

  test.each([
    ["long", 2000, 10_000],
    ["short", 500_000, 1],
  ])("a flood of %s lines is cut", async (name, count, length) => {
    const group = `/aws/lambda/floods-${name}`;
    await account.logs.send(new CreateLogGroupCommand({ logGroupName: group }));
    await createFunction(
      account,
      `floods-${name}`,
      `exports.handler = async () => {
         for (let i = 0; i < ${count}; i += 100) process.stdout.write(("x".repeat(${length}) + "\\n").repeat(100));
         return "done";
       }`,
      { Timeout: 20 },
    );
    const { payload, log } = await invoke(account, `floods-${name}`);
    expect(payload).toBe("done");
    expect(log).toMatch(/\nLocal AWS dropped the rest.*\nEND .*\nREPORT .*\n$/);
    const lines = await messages(group);
    expect(lines.length).toBeLessThanOrEqual(10_000);
    expect(lines.at(-3)).toMatch(/^Local AWS dropped the rest/);
  });

  test("need the role's permission, and may create the group with it", async () => {
    const role = await createRole(account.iam, "silent", "lambda.amazonaws.com");
    await createFunction(account, "silent", "exports.handler = async () => console.log('psst')", {
      Role: role,
    });
    const groupMissing = { name: "ResourceNotFoundException" };
    expect((await invoke(account, "silent")).log).toContain("psst");
    expect(await failure(messages("/aws/lambda/silent"))).toMatchObject(groupMissing);
    expect(account.aws.decisions()).toContainEqual(
      expect.objectContaining({
        outcome: "refused",
        subject: expect.stringMatching(/assumed-role\/silent\/silent → logs:CreateLogGroup/),
      }),
    );
    await allow(
      account.iam,
      "silent",
      ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      "*",
    );
    await invoke(account, "silent");
    expect(await messages("/aws/lambda/silent")).toContainEqual(expect.stringMatching(/psst$/));
    await account.iam.send(
      new DeleteRolePolicyCommand({
        RoleName: "silent",
        PolicyName: "logs.CreateLogGroup-logs.CreateLogStream-logs.PutLogEvents",
      }),
    );
    const before = (await messages("/aws/lambda/silent")).length;
    await invoke(account, "silent");
    expect(await messages("/aws/lambda/silent")).toHaveLength(before);
  });

  test("are refused to an environment whose role is gone, also when there is another of its name", async () => {
    const create = async () => {
      const Role = await createRole(account.iam, "replaced", "lambda.amazonaws.com");
      const actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
      await allow(account.iam, "replaced", actions, "*");
      return Role;
    };
    await createFunction(account, "replaced", "exports.handler = async () => console.log('line')", {
      Role: await create(),
    });
    const lines = async () => {
      expect((await invoke(account, "replaced")).log).toContain("line");
      return (await messages("/aws/lambda/replaced")).filter((message) => message?.includes("line")).length;
    };
    expect([await lines(), await lines()]).toEqual([1, 2]);
    await account.iam.send(
      new DeleteRolePolicyCommand({
        RoleName: "replaced",
        PolicyName: "logs.CreateLogGroup-logs.CreateLogStream-logs.PutLogEvents",
      }),
    );
    await account.iam.send(new DeleteRoleCommand({ RoleName: "replaced" }));
    expect(await lines()).toBe(2);
    await create();
    expect(await lines()).toBe(2);
  });

  test("of what ran at a reset are lost with the account of before, without a word in that of after", async () => {
    const access: unknown[] = [];
    const own = await startLambdaAccount({ onAccess: (record) => access.push(record) });
    await createFunction(own, "late", "exports.handler = () => new Promise((r) => setTimeout(r, 20_000))");
    const waiting = invoke(own, "late").catch(() => {});
    await setTimeout(600);
    await own.aws.reset();
    access.splice(0);
    await waiting;
    await own.logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/lambda/late" }));
    const { events } = await own.logs.send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/late" }));
    expect(events).toEqual([]);
    const ofFunction = (record: unknown) => JSON.stringify(record).includes("assumed-role");
    expect([...access, ...own.aws.decisions()].filter(ofFunction)).toEqual([]);
    await own.aws.stop();
  });
});
