/**
 * The runtime inside a function's process: it loads the handler, fetches invocations from the Runtime API and reports how they
 * ended, with the semantics of Lambda's Node.js runtimes.
 *
 * It is plain JavaScript because the process runs it with nothing but Node.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import { Worker } from "node:worker_threads";
import { endStartedProcesses } from "./started-processes.cjs";

const PREFIX = "/2018-06-01/runtime";
const api = new URL(`http://${process.env.AWS_LAMBDA_RUNTIME_API}`);
/** Tells what this process has started from all other processes. */
const mark = api.pathname.slice(1);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** The invocation that is running; its id stands in every log line. */
let current;

endWithParent();
// What was written before an answer must be read before it: a write returns when the pipe has taken it.
for (const output of [process.stdout, process.stderr]) {
  output._handle?.setBlocking?.(true);
}
patchConsole();
process.on("uncaughtException", (error) => crash("Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason) => {
  crash("Unhandled Promise Rejection", named("Runtime.UnhandledPromiseRejection", String(reason)), 128);
});
process.on("beforeExit", () => current?.drained());
// While this process lives it can be told what descends from it, whatever environment that was given.
process.on("exit", () => endStartedProcesses(mark, process.pid));

const handler = await loadHandler().catch((error) => crash("Uncaught Exception", error, 129));
await next();

/**
 * File descriptor 3 leads to the local account. When it closes the account is gone, however it went: what the function has started
 * ends, its files are removed, and its whole process group ends. A thread of its own watches, since a handler may be spinning in
 * this one.
 */
function endWithParent() {
  const watch = `
    const { directory, mark, startedProcesses } = require("node:worker_threads").workerData;
    const end = () => {
      try {
        try {
          require(startedProcesses).endStartedProcesses(mark, process.pid);
        } finally {
          require("node:fs").rmSync(directory, { recursive: true, force: true });
        }
      } finally {
        process.kill(-process.pid, "SIGKILL");
      }
    };
    new (require("node:net").Socket)({ fd: 3 }).on("error", end).on("close", end).resume();
  `;
  const workerData = {
    directory: dirname(process.env.LAMBDA_TASK_ROOT),
    mark,
    startedProcesses: fileURLToPath(new URL("started-processes.cjs", import.meta.url)),
  };
  new Worker(watch, { eval: true, env: {}, workerData }).unref();
}

/** Every entry of the log is one line; newlines in it travel as carriage returns. */
function patchConsole() {
  const levels = { log: "INFO", info: "INFO", debug: "DEBUG", warn: "WARN", error: "ERROR", trace: "TRACE" };
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...values) => writeLog(level, format(...values));
  }
}

function writeLog(level, message) {
  const line = [new Date().toISOString(), current?.id ?? "undefined", level, message].join("\t");
  process.stdout.write(`${line.replace(/\r?\n/g, "\r")}\n`);
}

/** `folder/file.name.inner`: the file up to the first dot of its last segment, then the path of the export. */
async function loadHandler() {
  const name = process.env._HANDLER;
  const match = /^((?:.*\/)?[^./]+)\.(.+)$/.exec(name);
  if (!match || name.includes("..")) {
    throw named("Runtime.MalformedHandlerName", `Bad handler: ${name}`);
  }
  const [, path, exportPath] = match;
  const file = ["", ".js", ".mjs", ".cjs"]
    .map((extension) => resolve(process.env.LAMBDA_TASK_ROOT, path + extension))
    .find(existsSync);
  if (file === undefined) {
    throw named("Runtime.ImportModuleError", `Error: Cannot find module '${path.split("/").pop()}'`);
  }
  const module = await import(pathToFileURL(file)).catch((error) => {
    if (error instanceof SyntaxError) {
      throw named("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`);
    }
    if (/^ERR_MODULE_NOT_FOUND$|^MODULE_NOT_FOUND$/.test(error?.code)) {
      throw named("Runtime.ImportModuleError", `Error: ${error.message}`);
    }
    throw error;
  });
  const lookUp = (root) => exportPath.split(".").reduce((value, key) => value?.[key], root);
  const found = lookUp(module) ?? lookUp(module.default);
  if (found === undefined) {
    throw named("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  }
  if (typeof found !== "function") {
    throw named("Runtime.HandlerNotFound", `${name} is not a function`);
  }
  return found;
}

function named(name, message) {
  const error = new Error(message);
  error.name = name;
  error.stack = error.stack.replace(/^Error/, name);
  return error;
}

async function next() {
  const { headers, body } = await call("GET", "/invocation/next");
  process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  run(headers, body);
}

/** Runs one invocation. It ends once: by promise, by callback, by an error, or because nothing is left to happen. */
function run(headers, body) {
  const id = headers["lambda-runtime-aws-request-id"];
  let ended = false;
  let answer;
  const end = async (report) => {
    if (ended) {
      return;
    }
    ended = true;
    await report();
    current = undefined;
    await next();
  };
  const succeed = (result) => end(() => respond(id, result));
  const fail = (error) => end(() => reportFailure(id, "Invoke Error", error));
  const callback = (error, result) => {
    answer ??= error ? () => fail(error) : () => succeed(result);
    if (error || !context.callbackWaitsForEmptyEventLoop) {
      answer();
    }
  };
  const context = makeContext(headers, callback);
  current = { id, drained: () => (answer ? answer() : succeed(null)) };
  try {
    const result = handler(JSON.parse(body), context, callback);
    if (typeof result?.then === "function") {
      result.then(succeed, fail);
    }
  } catch (error) {
    fail(error);
  }
}

function makeContext(headers, callback) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const clientContext = headers["lambda-runtime-client-context"];
  // The three ways of the first Node.js runtime; they never wait for the event loop.
  const done = (error, result) => {
    context.callbackWaitsForEmptyEventLoop = false;
    callback(error, result);
  };
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext === undefined ? undefined : JSON.parse(clientContext),
    identity: undefined,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
    done,
    succeed: (result) => done(null, result),
    fail: (error) => done(error ?? new Error("handled")),
  };
  return context;
}

async function respond(id, result) {
  let payload;
  try {
    payload = JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch (error) {
    return reportFailure(
      id,
      "Invoke Error",
      named("Runtime.MarshalError", `Unable to stringify: ${error.message}`),
    );
  }
  await call("POST", `/invocation/${id}/response`, payload);
}

async function reportFailure(id, title, error) {
  const { errorType, errorMessage, trace } = describe(error);
  writeLog("ERROR", `${title} \t${JSON.stringify({ errorType, errorMessage, stack: trace })}`);
  const where = id === undefined ? "/init/error" : `/invocation/${id}/error`;
  await call("POST", where, JSON.stringify({ errorType, errorMessage, trace }));
}

function describe(error) {
  if (error instanceof Error || typeof error?.stack === "string") {
    return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\n") };
  }
  return { errorType: typeof error, errorMessage: format("%s", error), trace: [] };
}

/** After an error that nobody caught the process's state is unknown: it reports and ends. */
async function crash(title, error, exitCode) {
  await reportFailure(current?.id, title, error).catch(() => undefined);
  process.exit(exitCode);
}

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined
        ? {}
        : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const target = { host: api.hostname, port: api.port, path: api.pathname + PREFIX + path };
    const outgoing = request({ ...target, method, agent, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
