/** The listener: takes requests from clients that may be slow, broken or hostile, and has every one of them answered. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Account } from "./account";
import { handle } from "./pipeline";
import { ClientDisconnectedError, UnreadableRequestError } from "./read/read";
import type { HttpResponse } from "./respond/http-response";
import { fault, plain, send } from "./respond/send";

/** Bytes of all of a request's headers; above it Node answers 431. API Gateway itself takes 10,240. */
const MAX_HEADERS = 16 * 1024;

/** Milliseconds. */
const REQUEST_TIMEOUT = 60_000;
const HEADERS_TIMEOUT = 20_000;
const KEEP_ALIVE_TIMEOUT = 5_000;
const CHECKING_INTERVAL = 5_000;

interface Listener {
  readonly server: Server;
  /** Resolves when no request is being worked on, whether or not its client still waits. */
  readonly idle: () => Promise<void>;
}

/** @param requestTimeout milliseconds that a client has for sending a whole request, after which Node answers 408 */
export function createListener(account: Account, requestTimeout: number = REQUEST_TIMEOUT): Listener {
  const server = createServer({
    maxHeaderSize: MAX_HEADERS,
    requestTimeout,
    headersTimeout: Math.min(HEADERS_TIMEOUT, requestTimeout),
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    connectionsCheckingInterval: Math.min(CHECKING_INTERVAL, requestTimeout),
  });
  const working = new Set<Promise<void>>();
  const take = (incoming: IncomingMessage, outgoing: ServerResponse, askForBody: () => void) => {
    const work = serve(account, incoming, outgoing, askForBody).finally(() => working.delete(work));
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
  message: IncomingMessage,
  outgoing: ServerResponse,
  askForBody: () => void,
): Promise<void> {
  let asked = message.headers.expect === undefined;
  const ask = () => {
    askForBody();
    asked = true;
  };
  let response: HttpResponse;
  try {
    // By the account's clock: clients measure theirs against it.
    outgoing.setHeader("Date", account.now().toUTCString());
    response = await handle(account, { message, askForBody: ask });
  } catch (error) {
    if (error instanceof ClientDisconnectedError) {
      return;
    }
    // What follows on this connection would be taken for the body that wasn't asked for.
    if (!asked) {
      outgoing.setHeader("Connection", "close");
    }
    response =
      error instanceof UnreadableRequestError
        ? plain(error.status, error.message)
        : fault(account, "the listener", error);
  }
  try {
    send(outgoing, response);
  } catch (error) {
    send(outgoing, fault(account, "writing an answer", error));
  }
}
