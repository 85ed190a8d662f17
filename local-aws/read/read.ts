/** Reads a request off the wire, as far as it is worth reading. */
import type { IncomingMessage } from "node:http";
import { parseHost, type RequestHost } from "./host";
import { type HttpRequest, header, headerValues } from "./http-request";

/** Bytes; above what any of the services takes (Lambda's zip of 50 MB in base64, with room for the rest). */
const MAX_BODY = 70 * 1024 * 1024;

/** A request that belongs to no service: it is answered before anybody asks what it wants. */
export class UnreadableRequestError extends Error {
  override readonly name = "UnreadableRequestError";

  constructor(
    readonly status: 400 | 403 | 404 | 405 | 413 | 421,
    message: string,
  ) {
    super(message);
  }
}

/** The client went away before its request was complete: nobody is left to be answered. */
export class ClientDisconnectedError extends Error {
  override readonly name = "ClientDisconnectedError";
}

/** A request as the listener hands it on. */
export interface Incoming {
  readonly message: IncomingMessage;
  /** Has a client that waits to be asked (`Expect: 100-continue`) send its body. */
  readonly askForBody: () => void;
}

type RequestHead = Omit<HttpRequest, "body">;

/**
 * The request, and whom it is for. Its body is asked for and read only when it is for this account and not too long.
 *
 * @param region the account's
 * @throws UnreadableRequestError, ClientDisconnectedError
 */
export async function read(
  { message, askForBody }: Incoming,
  region: string,
): Promise<{ request: HttpRequest; host: RequestHost }> {
  const head = readHead(message);
  const name = header(head, "host") ?? "";
  const host = parseHost(name, region);
  if (host === undefined) {
    throw new UnreadableRequestError(
      421,
      `Local AWS does not answer for the host ${JSON.stringify(name)}: call it as 127.0.0.1 or localhost, and an API by its own name in ${region}.`,
    );
  }
  if (declaresTooMuch(message)) {
    throw tooLarge();
  }
  askForBody();
  return { request: { ...head, body: await readBody(message) }, host };
}

/**
 * The request without its body.
 *
 * @throws UnreadableRequestError for a target that is no path, and for more than one host
 */
function readHead(incoming: IncomingMessage): RequestHead {
  // Node also takes a request line without a version, HTTP/0.9's.
  if (incoming.httpVersionMajor !== 1) {
    throw new UnreadableRequestError(400, "Local AWS speaks HTTP/1.1.");
  }
  const target = incoming.url ?? "";
  // The other forms (RFC 9112, 3.2) are a proxy's or name no resource; which host an absolute one means can be disputed.
  if (!target.startsWith("/")) {
    throw new UnreadableRequestError(400, "Local AWS answers targets that are paths: it is no proxy.");
  }
  const question = target.indexOf("?");
  const { rawHeaders } = incoming;
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const head: RequestHead = {
    method: incoming.method ?? "",
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? "" : target.slice(question + 1),
    headers: names.map((name, index) => [name, rawHeaders[2 * index + 1] as string] as const),
    sourceIp: (incoming.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, ""),
  };
  if (headerValues(head, "host").length > 1) {
    throw new UnreadableRequestError(400, "The request names more than one Host.");
  }
  return head;
}

/** Whether the client says that its body is longer than anything that is read. */
function declaresTooMuch(incoming: IncomingMessage): boolean {
  return Number(incoming.headers["content-length"] ?? 0) > MAX_BODY;
}

function tooLarge(): UnreadableRequestError {
  return new UnreadableRequestError(413, `Local AWS reads request bodies of up to ${MAX_BODY} bytes.`);
}

/**
 * The request's body. What is left of one that is too large stays in the connection: once the answer is out, Node reads on and
 * drops it, so that the client gets to see the answer and the connection stays in step.
 *
 * @throws UnreadableRequestError when there is too much of it
 * @throws ClientDisconnectedError
 */
async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > MAX_BODY) {
        throw tooLarge();
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof UnreadableRequestError) {
      throw error;
    }
    throw new ClientDisconnectedError();
  }
  return Buffer.concat(chunks, size);
}
