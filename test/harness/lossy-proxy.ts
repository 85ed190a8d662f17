/** Stands between the harness and local AWS and loses chosen requests or answers, as networks do. */
import { createServer, request } from "node:http";
import { listen } from "../listen";

export interface Losses {
  /** Operations that never reach the service, e.g. `DeleteIdentities`. */
  readonly requests?: readonly string[];
  /** Operations that the service carries out, and whose answer never comes back. */
  readonly answers?: readonly string[];
}

export interface LossyProxy {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** @param target the origin that everything else is passed on to */
export async function startLossyProxy(target: string, losses: Losses): Promise<LossyProxy> {
  const server = createServer((incoming, outgoing) => {
    const operation = String(incoming.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
    if (losses.requests?.includes(operation)) {
      incoming.socket.resetAndDestroy();
      return;
    }
    // The headers as they came, so that what was signed stays as it was.
    const passedOn = request(
      new URL(incoming.url ?? "/", target),
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        if (losses.answers?.includes(operation)) {
          answer.resume().on("end", () => incoming.socket.resetAndDestroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passedOn.on("error", () => incoming.socket.destroy());
    incoming.pipe(passedOn);
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
