/** Puts a response on the wire. */
import type { ServerResponse } from "node:http";
import type { Account } from "../account";
import type { HttpResponse } from "./http-response";
import { describeFault } from "./internal-error";

/** How long a client may leave a response lying, milliseconds. */
const SEND_TIMEOUT = 60_000;

/** What frames a message on its connection is the listener's, whatever a response says. */
const FRAMING = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);

export function send(outgoing: ServerResponse, { status, headers, body }: HttpResponse): void {
  if (outgoing.destroyed) {
    return;
  }
  const named = Object.entries(headers).filter(([name]) => !FRAMING.has(name.toLowerCase()));
  outgoing.setTimeout(SEND_TIMEOUT, () => outgoing.destroy());
  outgoing.writeHead(status, { ...Object.fromEntries(named), "Content-Length": Buffer.byteLength(body) });
  outgoing.end(body);
}

/** A response outside of any service's protocol. */
export function plain(status: number, message: string): HttpResponse {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ message }) };
}

/** @param doing what was being done, for the account's log */
export function fault(account: Account, doing: string, error: unknown): HttpResponse {
  account.log(describeFault(doing, error));
  return plain(500, "Local AWS failed on this request; its log says where.");
}
