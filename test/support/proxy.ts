/** Stands between the harness and local AWS and does what networks, proxies and clocks do: lose, delay, cut, answer, alter. */
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "./listen";

/** A request on its way. */
export interface Passing {
  /** The operation of Cognito, `METHOD path` below the API's stage, or the path of anything else. */
  readonly operation: string;
  /** How often this operation has been seen, this one included. */
  readonly time: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Message {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** What becomes of a request; everything that is left out stays as it is. */
export interface Interference {
  /** The connection breaks before the request arrives. */
  readonly loseRequest?: boolean;
  /** The request is carried out, and the connection breaks before the answer comes. */
  readonly loseAnswer?: boolean;
  /** Milliseconds before anything happens. */
  readonly delay?: number;
  /** Answers in the service's place. */
  readonly answer?: {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly body: string;
  };
  /** The answer stops in the middle: the connection breaks, or the message only seems complete. */
  readonly cut?: "connection" | "message";
  readonly alterRequest?: (request: { headers: IncomingHttpHeaders; body: string }) => {
    headers?: IncomingHttpHeaders;
    body?: string;
  };
  readonly alterAnswer?: (answer: Message) => Partial<Message>;
}

export interface Proxy {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** @param target the origin that everything is passed on to */
export async function startProxy(
  target: string,
  interfere: (passing: Passing) => Interference | undefined,
): Promise<Proxy> {
  const seen = new Map<string, number>();
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);
    const operation = operationOf(incoming.method, incoming.url, incoming.headers);
    const time = (seen.get(operation) ?? 0) + 1;
    seen.set(operation, time);
    const interference = interfere({ operation, time, headers: incoming.headers, body }) ?? {};

    if (interference.delay !== undefined) {
      await sleep(interference.delay, undefined, { ref: false });
    }
    if (interference.loseRequest) {
      incoming.socket.resetAndDestroy();
      return;
    }
    const altered = interference.alterRequest?.({ headers: incoming.headers, body: body.toString() });
    const answer =
      interference.answer === undefined
        ? await passOn(target, incoming, altered?.headers ?? incoming.headers, altered?.body ?? body)
        : { headers: {}, ...interference.answer, body: Buffer.from(interference.answer.body) };
    if (interference.loseAnswer || answer === null) {
      incoming.socket.resetAndDestroy();
      return;
    }
    const sent: Message = { ...answer, ...interference.alterAnswer?.(answer) };
    const half = sent.body.subarray(0, sent.body.length / 2);
    const content = interference.cut === "message" ? half : sent.body;
    outgoing.writeHead(sent.status, { ...sent.headers, "content-length": content.length });
    if (interference.cut === "connection") {
      outgoing.write(half, () => incoming.socket.resetAndDestroy());
    } else {
      outgoing.end(content);
    }
  });
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  return {
    endpoint,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function operationOf(
  method: string | undefined,
  url: string | undefined,
  headers: IncomingHttpHeaders,
): string {
  const target = String(headers["x-amz-target"] ?? "").split(".")[1];
  if (target !== undefined) {
    return target;
  }
  return headers.host?.includes(".execute-api.")
    ? `${method} ${url?.replace(/^\/\w+/, "")}`
    : (url ?? "/").replace(/\?.*/, "");
}

/** The service's answer; null when it gave none. The headers go as they came, so that what was signed stays as it was. */
function passOn(
  target: string,
  incoming: { method?: string; url?: string },
  headers: IncomingHttpHeaders,
  body: Buffer | string,
): Promise<Message | null> {
  return new Promise((resolve) => {
    const passed = request(
      new URL(incoming.url ?? "/", target),
      { method: incoming.method, headers: { ...headers, "content-length": String(Buffer.byteLength(body)) } },
      async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) {
          chunks.push(chunk);
        }
        resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) });
      },
    );
    passed.on("error", () => resolve(null));
    passed.end(body);
  });
}
