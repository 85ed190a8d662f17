/** The Lambda Runtime API over HTTP on loopback: one server an execution environment, as on Lambda, for that environment only. */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * The largest response of a synchronous invocation, bytes: 6 MB and a hundred.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAXIMUM_RESPONSE = 6_291_556;

const PREFIX = "/2018-06-01/runtime";

/** Browsers send these, runtimes don't; nobody looks at this API in a browser, so not even a page of its own origin may. */
const OF_BROWSERS = /^(origin$|sec-fetch-)/;

/** What the runtime gets for `GET /runtime/invocation/next`. */
export interface RuntimeInvocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: Buffer;
  /** Epoch milliseconds of the machine's clock. */
  readonly deadline: number;
  readonly traceId: string;
  /** JSON that a mobile client sent along, in ASCII. */
  readonly clientContext?: string;
}

/** What the runtime tells: how an invocation ended, or that it could not even start. */
export type RuntimeReport =
  | { readonly kind: "response"; readonly payload: Buffer }
  | { readonly kind: "error"; readonly payload: Buffer }
  | { readonly kind: "response-too-large" };

interface RuntimeListener {
  /** The runtime asks for work: its initialisation is over, or the last invocation is. */
  onNext: () => void;
  onInitError: (payload: Buffer) => void;
  onReport: (report: RuntimeReport) => void;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export class RuntimeApi {
  /**
   * Every process of this machine reaches the port, and on Lambda none but the environment's own does. So the API is under a path
   * that only they know; it also marks them, since whatever they start inherits it.
   */
  readonly secret = randomBytes(16).toString("hex");
  readonly #server: Server;
  readonly #listener: RuntimeListener;
  /** Until the runtime has asked for work, or has told that it can't. */
  #initializing = true;
  #waiting: ServerResponse | undefined;
  #queued: RuntimeInvocation | undefined;
  #current: string | undefined;

  private constructor(listener: RuntimeListener) {
    this.#listener = listener;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => request.destroy());
    });
    // `next` is answered when there is work, which may be in an hour.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 0;
  }

  static async listen(listener: RuntimeListener): Promise<RuntimeApi> {
    const api = new RuntimeApi(listener);
    await new Promise<void>((resolve, reject) => {
      api.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return api;
  }

  /** The value of `AWS_LAMBDA_RUNTIME_API`: runtimes put `http://` before it and the API's paths behind it. */
  get address(): string {
    return `${this.#host}/${this.secret}`;
  }

  get #host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Hands an invocation to the runtime as soon as it asks for one. */
  deliver(invocation: RuntimeInvocation): void {
    this.#queued = invocation;
    this.#flush();
  }

  /** Whether the runtime hasn't asked for the delivered invocation yet. */
  get undelivered(): boolean {
    return this.#queued !== undefined;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #flush(): void {
    if (this.#queued === undefined || this.#waiting === undefined) {
      return;
    }
    const { requestId, functionArn, payload, deadline, traceId, clientContext } = this.#queued;
    this.#current = requestId;
    this.#waiting.writeHead(200, {
      "Content-Type": "application/json",
      "Lambda-Runtime-Aws-Request-Id": requestId,
      "Lambda-Runtime-Invoked-Function-Arn": functionArn,
      "Lambda-Runtime-Deadline-Ms": String(deadline),
      "Lambda-Runtime-Trace-Id": traceId,
      ...(clientContext === undefined ? {} : { "Lambda-Runtime-Client-Context": clientContext }),
    });
    this.#waiting.end(payload);
    this.#waiting = undefined;
    this.#queued = undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A web page on this machine could reach the port by a name of its own; only the address itself is meant.
    if (request.headers.host !== this.#host) {
      return send(response, 403, "Forbidden", "unknown host");
    }
    if (Object.keys(request.headers).some((name) => OF_BROWSERS.test(name))) {
      return send(response, 403, "Forbidden", "web pages may not take part in a function");
    }
    const path = request.url as string;
    const root = `/${this.secret}`;
    if (!path.startsWith(`${root}/`)) {
      return send(response, 403, "Forbidden", "the path must begin with AWS_LAMBDA_RUNTIME_API");
    }
    const route = `${request.method} ${path.slice(root.length)}`;
    if (route === `GET ${PREFIX}/invocation/next`) {
      this.#initializing = false;
      this.#waiting = response;
      this.#listener.onNext();
      this.#flush();
      return;
    }
    const body = await read(request, MAXIMUM_RESPONSE);
    if (route === `POST ${PREFIX}/init/error`) {
      if (!this.#initializing) {
        return send(response, 403, "InvalidStateTransition", "the initialisation has ended");
      }
      this.#initializing = false;
      send(response, 202);
      this.#listener.onInitError(body ?? Buffer.alloc(0));
      return;
    }
    const match = /^POST \/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(route);
    if (!match) {
      return send(response, 404, "InvalidPath", `no such operation: ${route}`);
    }
    if (match[1] !== this.#current) {
      return send(response, 400, "InvalidRequestID", "no such invocation");
    }
    this.#current = undefined;
    if (body === undefined) {
      send(response, 413, "RequestEntityTooLarge", `the limit is ${MAXIMUM_RESPONSE} bytes`);
      this.#listener.onReport({ kind: "response-too-large" });
      return;
    }
    send(response, 202);
    this.#listener.onReport({ kind: match[2] as "response" | "error", payload: body });
  }
}

/** The body, or undefined when it is larger than the limit; what is over the limit is read and dropped. */
async function read(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) {
      chunks.push(chunk);
    } else {
      chunks.length = 0;
    }
  }
  return size <= limit ? Buffer.concat(chunks) : undefined;
}

function send(response: ServerResponse, status: number, errorType?: string, errorMessage?: string): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(errorType === undefined ? { status: "OK" } : { errorType, errorMessage }));
}
