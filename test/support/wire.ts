/** HTTP as bytes on a socket: whatever a test writes is sent, also what no client library would. */
import { connect, type Socket } from "node:net";

export interface WireRequest {
  readonly method: string;
  /** The target as sent, with the query. */
  readonly path: string;
  /** In the order sent, duplicates kept. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

export interface WireAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Sends a request on a connection of its own. `Content-Length` and `Connection: close` are added. */
export async function send(port: number, request: WireRequest): Promise<WireAnswer> {
  const [answer] = await exchange(port, bytesOf(request));
  if (answer === undefined) {
    throw new Error(`${request.method} ${request.path} got no answer.`);
  }
  return answer;
}

export function bytesOf({ method, path, headers, body = "" }: WireRequest): string {
  const framed = [...headers, ["Content-Length", `${Buffer.byteLength(body)}`], ["Connection", "close"]];
  const lines = framed.map(([name, value]) => `${name}: ${value}`);
  return `${[`${method} ${path} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n${body}`;
}

/**
 * Writes bytes and reads until the server hangs up.
 *
 * @returns the answers, interim ones included; none if it hung up without a word
 * @throws when it still hasn't after the time limit (milliseconds)
 */
export async function exchange(port: number, bytes: string | Buffer, limit = 10_000): Promise<WireAnswer[]> {
  const socket = await open(port);
  socket.write(bytes);
  return answersIn(await untilClosed(socket, limit));
}

export async function open(port: number, host = "127.0.0.1"): Promise<Socket> {
  const socket = connect(port, host);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  // A server that hangs up on bytes which are still coming resets the connection.
  socket.on("error", () => {});
  return socket;
}

/** All that the server sends until it hangs up. */
export function untilClosed(socket: Socket, limit = 10_000): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`The connection was still open after ${limit} ms.`));
    }, limit);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
  });
}

export function answersIn(bytes: Buffer): WireAnswer[] {
  const answers: WireAnswer[] = [];
  let rest = bytes.toString("latin1");
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) {
      throw new Error(`The answer breaks off: ${JSON.stringify(rest.slice(0, 200))}`);
    }
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(":")).toLowerCase(),
        line.slice(line.indexOf(":") + 1).trim(),
      ]),
    );
    // What Node refuses by itself comes as an empty list of chunks.
    const chunked = headers["transfer-encoding"] === "chunked";
    const length = chunked ? "0\r\n\r\n".length : Number(headers["content-length"] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    const text = chunked ? "" : Buffer.from(body, "latin1").toString("utf8");
    answers.push({ status: Number(first.split(" ")[1]), headers, text });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

/** What a request was refused with. */
export interface Refusal {
  readonly status: number;
  /** The error class, from the header or, in XML, from the body. */
  readonly code: string;
  readonly message: string;
}

export function refusalIn({ status, headers, text }: WireAnswer): Refusal {
  if (text.startsWith("<")) {
    const element = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(text)?.[1] ?? "";
    return { status, code: element("Code"), message: element("Message") };
  }
  // A HEAD is answered without the body.
  const body = headers["content-type"]?.includes("json") && text !== "" ? JSON.parse(text) : {};
  const code = headers["x-amzn-errortype"]?.replace(/:$/, "") ?? "";
  return { status, code, message: body.message ?? body.Message ?? text };
}
