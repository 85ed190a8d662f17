/** A call ends at its limit or by its signal, whatever the server does, and says why. */
import { createServer, type Server, type Socket } from "node:net";
import { request } from "undici";
import { InterruptedError, UnreachableError } from "../../../harness";
import { withTimeout } from "../../../harness/run/deadline";
import { listen } from "../../support/listen";

let server: Server;
let sockets: Set<Socket>;
let url: string;
/** What the server does with a connection. */
let onConnection: (socket: Socket) => void;

beforeEach(async () => {
  sockets = new Set();
  server = createServer((socket) => {
    sockets.add(socket);
    onConnection(socket);
  });
  url = `http://127.0.0.1:${await listen(server)}/`;
});
afterEach(async () => {
  for (const socket of sockets) {
    socket.destroy();
  }
  await new Promise((resolve) => server.close(resolve));
});

const get = (limits: { timeLimit?: number; signal?: AbortSignal; endpoint?: string }) =>
  withTimeout({ what: `GET ${url}`, ...limits }, async (signal) => {
    const answer = await request(url, { signal });
    return answer.body.text();
  });

test("an answer in time", async () => {
  onConnection = (socket) =>
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
  await expect(get({})).resolves.toBe("hi");
});

test("no answer within the time limit", async () => {
  onConnection = () => {};
  const call = get({ timeLimit: 50 });
  await expect(call).rejects.toThrow(UnreachableError);
  await expect(call).rejects.toThrow(
    `GET ${url}: no answer within 0.05 s. Check the network, the proxy settings and the region in the outputs.`,
  );
});

test("half an answer within the time limit", async () => {
  onConnection = (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  await expect(get({ timeLimit: 50 })).rejects.toThrow(/no answer within 0\.05 s/);
});

test("a call that takes no notice of its signal ends all the same", async () => {
  const call = withTimeout({ what: "stubborn", timeLimit: 20 }, () => new Promise(() => {}));
  await expect(call).rejects.toThrow(/^stubborn: no answer within 0\.02 s/);
});

test("a broken connection, with the endpoint named", async () => {
  onConnection = (socket) => socket.resetAndDestroy();
  const call = get({ endpoint: "http://127.0.0.1:4566" });
  await expect(call).rejects.toThrow(UnreachableError);
  await expect(call).rejects.toThrow(
    /no connection \((ECONNRESET|UND_ERR_SOCKET)\)\. Calls go to AWS_ENDPOINT_URL \(http:\/\/127\.0\.0\.1:4566\)/,
  );
});

test("a name without address", async () => {
  const call = withTimeout({ what: "GET" }, () => request("http://nobody.invalid/"));
  await expect(call).rejects.toThrow(/^GET: no connection \((ENOTFOUND|EAI_AGAIN)\)/);
});

test("the caller's signal", async () => {
  onConnection = () => abort.abort();
  const abort = new AbortController();
  await expect(get({ signal: abort.signal })).rejects.toThrow(InterruptedError);
  await expect(get({ signal: abort.signal })).rejects.toThrow(InterruptedError);
});

test("other errors come as they are", async () => {
  const error = new TypeError("mine");
  const call = withTimeout({ what: "x" }, () => Promise.reject(error));
  await expect(call).rejects.toBe(error);
});
