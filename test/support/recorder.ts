/** A server that keeps each request as it came over the wire, for whoever checks what a signer sent. */
import { createServer, type Server } from "node:http";
import type { HttpRequest } from "../../local-aws/read/http-request";
import { listen } from "./listen";

export interface CannedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export class Recorder {
  #arrived: HttpRequest[] = [];

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  /** @param answer what is answered to a path; requests for paths with an answer of their own aren't kept */
  static async start(answer: Readonly<Record<string, CannedAnswer>> = {}): Promise<Recorder> {
    const server = createServer();
    const recorder = new Recorder(server, `http://127.0.0.1:${await listen(server)}`);
    server.on("request", async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      const [path = "", query = ""] = (request.url as string).split(/\?(.*)/s);
      const { status = 200, headers = {}, body = "an answer" } = answer[path] ?? recorder.answer;
      if (answer[path] === undefined) {
        recorder.#arrived.push({
          method: request.method as string,
          path,
          query,
          headers: Array.from({ length: request.rawHeaders.length / 2 }, (_, at) => [
            request.rawHeaders[2 * at] as string,
            request.rawHeaders[2 * at + 1] as string,
          ]),
          body: Buffer.concat(chunks),
          sourceIp: "127.0.0.1",
        });
      }
      response.writeHead(status, headers).end(body);
    });
    return recorder;
  }

  /** What is answered to every other path. */
  answer: CannedAnswer = {};

  /** What has arrived since it was asked last. */
  take(): HttpRequest[] {
    const arrived = this.#arrived;
    this.#arrived = [];
    return arrived;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A header's value. */
export function header(request: HttpRequest, name: string): string | undefined {
  return request.headers.find(([key]) => key.toLowerCase() === name)?.[1];
}
