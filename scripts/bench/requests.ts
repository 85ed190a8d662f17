/** The requests that local AWS is sent, so that a bench can show that it compares like with like. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { LocalAws } from "../../local-aws";

/** https://nodejs.org/api/diagnostics_channel.html#http */
const CHANNEL = "http.server.request.start";

/** Runs it and returns each request as its method and the operation or path. */
export async function requestsOf(local: LocalAws, run: () => Promise<void>): Promise<string[]> {
  const requests: string[] = [];
  const note = (message: unknown) => {
    const { request } = message as { request: IncomingMessage };
    // The functions' own runtime is served in this process too, on another port.
    if (request.socket.localPort === local.port) {
      requests.push(`${request.method} ${request.headers["x-amz-target"] ?? request.url}`);
    }
  };
  subscribe(CHANNEL, note);
  try {
    await run();
  } finally {
    unsubscribe(CHANNEL, note);
  }
  return requests;
}
