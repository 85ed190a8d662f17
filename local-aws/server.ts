/** The listener and the one road that every request takes: read, identify, authenticate, authorise, operate, answer. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { authorise } from "./access";
import type { Account } from "./account";
import { authenticate, requestKeys } from "./authenticate";
import { AuthenticationError, ServiceError } from "./errors";
import { serveApi } from "./execute-api";
import { type HttpAnswer, type HttpRequest, header } from "./http";
import { identify, NotImplemented, protocolOf } from "./identify";
import { serveLocal } from "./local-endpoints";
import { ANONYMOUS, type Principal } from "./principal";
import type { Invocation } from "./protocols/protocol";
import { isRawAnswer, type Permission } from "./service";
import { validationError } from "./validation";

/** Bytes; above what any of the services takes (Lambda's zip of 50 MB in base64, with room for the rest). */
const MAX_BODY = 70 * 1024 * 1024;

/** Services whose credential scope is the same everywhere: https://docs.aws.amazon.com/general/latest/gr/iam-service.html */
const GLOBAL_SERVICES: Readonly<Record<string, string>> = { iam: "us-east-1" };

/** The hosts of API Gateway's data plane. */
const API_HOST = /^([a-z0-9]+)\.execute-api\.(?:[a-z0-9-]+\.amazonaws\.com|localhost)$/;

/** Names under which the account itself may be called; anything else could be a web page that rebound its name to loopback. */
const ACCOUNT_HOST = /^(127\.0\.0\.1|localhost|\[::1\]|([a-z0-9-]+\.)+(amazonaws\.com|localhost))$/;

export function createListener(account: Account, log: (line: string) => void): Server {
  const server = createServer((incoming, outgoing) => {
    void serve(account, incoming, log).then((answer) => send(outgoing, answer));
  });
  server.requestTimeout = 60_000;
  server.headersTimeout = 20_000;
  server.keepAliveTimeout = 5_000;
  return server;
}

async function serve(
  account: Account,
  incoming: IncomingMessage,
  log: (line: string) => void,
): Promise<HttpAnswer> {
  try {
    const request = await read(incoming);
    if (request === undefined) return tooLarge();
    const answer = await route(account, request);
    await account.save();
    return answer;
  } catch (error) {
    log(`internal error: ${error instanceof Error ? error.stack : String(error)}`);
    return plain(500, { message: "Local AWS failed on this request; its log says why." });
  }
}

async function read(incoming: IncomingMessage): Promise<HttpRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  const target = incoming.url ?? "/";
  const question = target.indexOf("?");
  const names = incoming.rawHeaders.filter((_, index) => index % 2 === 0);
  return {
    method: incoming.method ?? "GET",
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? "" : target.slice(question + 1),
    headers: names.map((name, index) => [name, incoming.rawHeaders[2 * index + 1] as string] as const),
    body: Buffer.concat(chunks),
    sourceIp: (incoming.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, ""),
  };
}

async function route(account: Account, request: HttpRequest): Promise<HttpAnswer> {
  const host = (header(request, "host") ?? "").toLowerCase().replace(/:\d+$/, "");
  const api = API_HOST.exec(host);
  if (api !== null) return serveApi(account, api[1] as string, request);
  if (!ACCOUNT_HOST.test(host)) {
    return plain(421, {
      message: `Local AWS does not answer for the host ${JSON.stringify(host)}: call it as 127.0.0.1 or localhost.`,
    });
  }
  return (await serveLocal(account, request)) ?? (await serveService(account, request));
}

async function serveService(account: Account, request: HttpRequest): Promise<HttpAnswer> {
  const requestId = randomUUID();
  let invocation: Invocation;
  try {
    invocation = identify(request);
  } catch (error) {
    if (error instanceof NotImplemented)
      return protocolOf(error.service).error(error.service, error.error, requestId);
    if (error instanceof ServiceError) return plain(error.status, { message: error.message });
    throw error;
  }
  const protocol = protocolOf(invocation.service);
  try {
    const output = await operate(account, request, invocation, requestId);
    return isRawAnswer(output)
      ? { ...output, headers: { "x-amzn-RequestId": requestId, ...output.headers } }
      : protocol.answer(invocation, output, requestId);
  } catch (error) {
    if (error instanceof ServiceError) return protocol.error(invocation.service, error, requestId);
    if (error instanceof AuthenticationError) {
      const [code, status] = protocol.authentication[error.failure];
      return protocol.error(invocation.service, new ServiceError(code, error.message, status), requestId);
    }
    throw error;
  }
}

async function operate(
  account: Account,
  request: HttpRequest,
  invocation: Invocation,
  requestId: string,
): Promise<unknown> {
  const { service, operation } = invocation;
  const caller =
    operation.permission === "unsigned"
      ? ANONYMOUS
      : await authenticate(account, request, scopeOf(account, service.name));
  const parsed = operation.input.safeParse(protocolOf(service).read(invocation, request));
  if (!parsed.success) throw validationError(service.validationErrorCode, parsed.error);
  const input = parsed.data;
  if (operation.permission !== "unsigned") {
    const needed = [operation.permission({ account, input, request })].flat();
    for (const permission of needed) check(account, invocation, caller, permission, request);
  }
  return operation.run({ account, caller, input, request, requestId });
}

function scopeOf(account: Account, service: string) {
  return { service, region: GLOBAL_SERVICES[service] ?? account.region };
}

function check(
  account: Account,
  invocation: Invocation,
  caller: Principal,
  permission: Permission,
  request: HttpRequest,
): void {
  const { service, operationName } = invocation;
  const decision = authorise(account, {
    caller,
    action: permission.action ?? `${service.name}:${operationName}`,
    resource: permission.resource,
    context: { ...requestKeys(request), ...permission.context },
  });
  if (decision.allowed) return;
  const [code, status] = protocolOf(service).accessDenied;
  throw new ServiceError(code, decision.message, status);
}

function send(outgoing: ServerResponse, answer: HttpAnswer): void {
  outgoing.writeHead(answer.status, { ...answer.headers, "Content-Length": Buffer.byteLength(answer.body) });
  outgoing.end(answer.body);
}

/** An answer outside of any service's protocol. */
function plain(status: number, body: object): HttpAnswer {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function tooLarge(): HttpAnswer {
  return {
    ...plain(413, { message: `Local AWS reads request bodies up to ${MAX_BODY} bytes.` }),
    headers: { "Content-Type": "application/json", Connection: "close" },
  };
}
