/** The listener: takes requests from clients that may be slow, broken or hostile, and has every one of them answered. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Account } from "./account";
import { serveService } from "./pipeline";
import { parseHost } from "./read/host";
import { type HttpRequest, header } from "./read/http-request";
import {
  ClientDisconnectedError,
  declaresTooMuch,
  readBody,
  readHead,
  tooLarge,
  UnreadableRequestError,
} from "./read/read";
import type { HttpResponse } from "./respond/http-response";
import { describeFault } from "./respond/internal-error";
import { serveApi } from "./services/execute-api";
import { serveLocal } from "./services/local";

/** Bytes of all of a request's headers; above it Node answers 431. API Gateway itself takes 10,240. */
const MAX_HEADERS = 16 * 1024;

/** Milliseconds. */
const REQUEST_TIMEOUT = 60_000;
const HEADERS_TIMEOUT = 20_000;
const KEEP_ALIVE_TIMEOUT = 5_000;
const CHECKING_INTERVAL = 5_000;
/** How long a client may leave an answer lying. */
const ANSWER_TIMEOUT = 60_000;

/** What frames a message on its connection is the listener's, whatever an answer says. */
const FRAMING = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);

interface Listener {
  readonly server: Server;
  /** Resolves when no request is being worked on, whether or not its client still waits. */
  readonly idle: () => Promise<void>;
}

/** @param requestTimeout milliseconds that a client has for sending a whole request, after which Node answers 408 */
export function createListener(
  account: Account,
  log: (line: string) => void,
  requestTimeout: number = REQUEST_TIMEOUT,
): Listener {
  const server = createServer({
    maxHeaderSize: MAX_HEADERS,
    requestTimeout,
    headersTimeout: Math.min(HEADERS_TIMEOUT, requestTimeout),
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    connectionsCheckingInterval: Math.min(CHECKING_INTERVAL, requestTimeout),
  });
  const working = new Set<Promise<void>>();
  const take = (incoming: IncomingMessage, outgoing: ServerResponse, askForBody: () => void) => {
    const work = serve(account, log, incoming, outgoing, askForBody).finally(() => working.delete(work));
    working.add(work);
  };
  server.on("request", (incoming, outgoing) => take(incoming, outgoing, () => {}));
  // `Expect: 100-continue`: the client sends its body only if it is asked to.
  server.on("checkContinue", (incoming, outgoing) => {
    take(incoming, outgoing, () => outgoing.writeContinue());
  });
  const idle = async () => {
    await Promise.allSettled(working);
  };
  return { server, idle };
}

async function serve(
  account: Account,
  log: (line: string) => void,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  askForBody: () => void,
): Promise<void> {
  let asked = incoming.headers.expect === undefined;
  const ask = () => {
    askForBody();
    asked = true;
  };
  let answer: HttpResponse;
  try {
    // By the account's clock: clients measure theirs against it.
    outgoing.setHeader("Date", account.now().toUTCString());
    answer = await answerTo(account, log, incoming, ask);
  } catch (error) {
    if (error instanceof ClientDisconnectedError) {
      return;
    }
    // What follows on this connection would be taken for the body that wasn't asked for.
    if (!asked) {
      outgoing.setHeader("Connection", "close");
    }
    answer =
      error instanceof UnreadableRequestError
        ? plain(error.status, error.message)
        : fault(log, "the listener", error);
  }
  try {
    send(outgoing, answer);
  } catch (error) {
    send(outgoing, fault(log, "writing an answer", error));
  }
}

async function answerTo(
  account: Account,
  log: (line: string) => void,
  incoming: IncomingMessage,
  askForBody: () => void,
): Promise<HttpResponse> {
  const head = readHead(incoming);
  const host = header(head, "host") ?? "";
  const called = parseHost(host, account.region);
  if (called === undefined) {
    throw new UnreadableRequestError(
      421,
      `Local AWS does not answer for the host ${JSON.stringify(host)}: call it as 127.0.0.1 or localhost, and an API by its own name in ${account.region}.`,
    );
  }
  if (declaresTooMuch(incoming)) {
    throw tooLarge();
  }
  askForBody();
  const request: HttpRequest = { ...head, body: await readBody(incoming) };
  if (called.kind === "account") {
    return (await serveLocal(account, request)) ?? (await serveService(account, request, log));
  }
  try {
    const answer = await serveApi(account, called.apiId, request);
    // Functions and logs change with every call.
    await account.save();
    return answer;
  } catch (error) {
    log(describeFault(`execute-api ${request.method}`, error));
    return {
      status: 500,
      headers: { "Content-Type": "application/json", "x-amzn-ErrorType": "InternalServerErrorException" },
      body: JSON.stringify({ message: "Internal server error" }),
    };
  }
}

function send(outgoing: ServerResponse, { status, headers, body }: HttpResponse): void {
  if (outgoing.destroyed) {
    return;
  }
  const named = Object.entries(headers).filter(([name]) => !FRAMING.has(name.toLowerCase()));
  outgoing.setTimeout(ANSWER_TIMEOUT, () => outgoing.destroy());
  outgoing.writeHead(status, { ...Object.fromEntries(named), "Content-Length": Buffer.byteLength(body) });
  outgoing.end(body);
}

/** An answer outside of any service's protocol. */
function plain(status: number, message: string): HttpResponse {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ message }) };
}

function fault(log: (line: string) => void, doing: string, error: unknown): HttpResponse {
  log(describeFault(doing, error));
  return plain(500, "Local AWS failed on this request; its log says where.");
}
