/**
 * The server behind the page: its files, what it has to know of the deployment, and sessions for its users. It listens on
 * loopback only, and answers nobody but its own page: another site's can neither read nor sign in here, not even under a name of
 * its own that it lets resolve to 127.0.0.1.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { Deployment } from "../../web/page/deployment";
import type { PageFile } from "./bundle";
import type { DemoLogin } from "./demo-login";

/** The port is taken. */
export class PortInUseError extends Error {
  override readonly name = "PortInUseError";

  constructor(readonly port: number) {
    super(`Port ${port} is in use. Give another one with --port.`);
  }
}

/** Bytes of the only body that is taken: a user's name. */
const BODY_LIMIT = 1024;

export interface PageServerOptions {
  readonly files: ReadonlyMap<string, PageFile>;
  readonly login: DemoLogin;
  /** 0 takes a free one. */
  readonly port: number;
}

/** Serves the page. */
export class PageServer {
  private deployment: Deployment | undefined;

  private constructor(
    private readonly server: Server,
    private readonly options: PageServerOptions,
  ) {}

  /** @throws PortInUseError */
  static async start(options: PageServerOptions): Promise<PageServer> {
    const server = createServer();
    const page = new PageServer(server, options);
    server.on("request", (request, response) => {
      page.answer(request, response).catch(() => {
        response.headersSent ? response.destroy() : refuse(response, 500, "The page's server failed.");
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) =>
        reject(error.code === "EADDRINUSE" ? new PortInUseError(options.port) : error),
      );
      server.listen(options.port, "127.0.0.1", resolve);
    });
    return page;
  }

  /** e.g. `http://127.0.0.1:5173`; the login endpoint and the API must allow it. */
  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Lets the page work with a deployment. */
  serve(deployment: Deployment): void {
    this.deployment = deployment;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(this.headers())) {
      response.setHeader(name, value);
    }
    const { host, port } = new URL(this.origin);
    const path = new URL(request.url ?? "/", this.origin).pathname;
    if (request.headers.host === `localhost:${port}` && request.method === "GET") {
      // The API allows one origin, and that is the number's.
      response.writeHead(307, { Location: this.origin + path }).end();
      return;
    }
    if (request.headers.host !== host) {
      refuse(response, 421, `Open ${this.origin}.`);
      return;
    }
    if (path === "/session") {
      await this.signIn(request, response);
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      refuse(response, 405, "Only GET.");
      return;
    }
    if (path === "/deployment.json" && this.deployment !== undefined) {
      sendJson(response, 200, this.deployment);
      return;
    }
    const file = this.options.files.get(path);
    if (file === undefined) {
      refuse(response, 404, "There is no such file.");
      return;
    }
    response.writeHead(200, { "Content-Type": file.type }).end(file.content);
  }

  /** Gives a session to the page's own script: `POST /session` with `{ "user": NAME }`. */
  private async signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST") {
      response.setHeader("Allow", "POST");
      refuse(response, 405, "Only POST.");
      return;
    }
    // Browsers set both themselves; a form of another site's can't have this content type either.
    const ours =
      request.headers.origin === this.origin &&
      (request.headers["sec-fetch-site"] ?? "same-origin") === "same-origin" &&
      request.headers["content-type"] === "application/json";
    if (!ours) {
      refuse(response, 403, "Sessions are for the page only.");
      return;
    }
    const body = z.object({ user: z.enum(this.deployment?.users ?? []) }).safeParse(await readJson(request));
    if (!body.success) {
      refuse(response, 400, "There is no such user.");
      return;
    }
    sendJson(response, 200, { session: await this.options.login.signIn(body.data.user) });
  }

  private headers(): Readonly<Record<string, string>> {
    const { cognitoUrl, loginUrl, apiUrl } = this.deployment ?? {};
    const origins = [cognitoUrl, loginUrl, apiUrl].filter((url) => url !== undefined).map(originOf);
    const policy = {
      "default-src": ["'none'"],
      "script-src": ["'self'"],
      "style-src": ["'self'"],
      "img-src": ["'self'"],
      "connect-src": ["'self'", ...new Set(origins)],
      "base-uri": ["'none'"],
      "form-action": ["'none'"],
      "frame-ancestors": ["'none'"],
      "require-trusted-types-for": ["'script'"],
      "trusted-types": ["'none'"],
    };
    return {
      "Content-Security-Policy": Object.entries(policy)
        .map(([directive, sources]) => [directive, ...sources].join(" "))
        .join("; "),
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "no-store",
    };
  }
}

function originOf(url: string): string {
  return new URL(url).origin;
}

function refuse(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { message });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

/** Reads a body that is small and JSON; undefined for any other. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_LIMIT) {
      return undefined;
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return undefined;
  }
}
