/** The listener's time limits, its end and its own faults. */
import { setTimeout } from "node:timers/promises";
import { CognitoIdentityClient, ListIdentityPoolsCommand } from "@aws-sdk/client-cognito-identity";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { ApiClient } from "../support/api-client";
import { signed } from "../support/attack-signer";
import { answersIn, open, refusalIn, send, untilClosed, type WireRequest } from "../support/wire";

let aws: LocalAws;
let log: string[];

const start = async (options: Parameters<typeof startLocalAws>[0] = {}) => {
  log = [];
  aws = await startLocalAws({ log: (line) => log.push(line), ...options });
};
const faults = () => log.filter((line) => line.startsWith("internal error"));

afterEach(() => aws.stop());

describe("a slow client", () => {
  beforeEach(() => start({ requestTimeout: 500 }));

  test.each([
    ["that sends nothing", ""],
    ["in its request line", "GET /_loc"],
    ["in its headers", "GET /_local/health HTTP/1.1\r\nHost: localhost\r\nX-A:"],
    ["in its body", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf"],
    ["in its chunks", "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha"],
    [
      "in a body that nobody wants",
      "POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 10\r\n\r\nhalf",
    ],
  ])("%s is hung up on", async (_name, bytes) => {
    const socket = await open(aws.port);
    socket.write(bytes);
    const answers = answersIn(await untilClosed(socket, 5_000));
    // A refusal that doesn't need the body doesn't wait for it.
    expect(answers.map((answer) => answer.status)).toEqual(bytes.includes("evil") ? [421, 408] : [408]);
    expect(faults()).toEqual([]);
  });

  test("that sends a byte now and then doesn't gain time", async () => {
    const socket = await open(aws.port);
    socket.write("GET /_local/health HTTP/1.1\r\n");
    const drip = setInterval(() => socket.write("X-A: b\r\n"), 50);
    try {
      const answers = answersIn(await untilClosed(socket, 5_000));
      expect(answers.map((answer) => answer.status)).toEqual([408]);
    } finally {
      clearInterval(drip);
    }
  });
});

describe("with a function at work", () => {
  let client: ApiClient;
  let apiId: string;

  beforeEach(async () => {
    log = [];
    client = await ApiClient.start({ log: (line) => log.push(line) });
    aws = client.aws;
    const source = `exports.handler = async (event) => {
      await new Promise((resolve) => setTimeout(resolve, Number(event.queryStringParameters.wait)));
      return { statusCode: 200, body: "done" };
    };`;
    const arn = await client.createFunction("slow", source);
    apiId = await client.createApi({ "GET /slow": { integration: client.proxyTo(arn) } });
    await client.deploy(apiId);
    await client.permit("slow", apiId, "GET/slow");
  });

  afterEach(() => client.stop());

  const call = (wait: number): WireRequest => ({
    method: "GET",
    path: `/dev/slow?wait=${wait}`,
    headers: [["Host", client.host(apiId)]],
  });

  test("a client that goes away before the answer does no harm", async () => {
    for (let time = 0; time < 3; time++) {
      const socket = await open(aws.port);
      socket.write(`GET /dev/slow?wait=200 HTTP/1.1\r\nHost: ${client.host(apiId)}\r\n\r\n`);
      await setTimeout(50);
      socket.resetAndDestroy();
    }
    await setTimeout(400);
    expect(await send(aws.port, call(0))).toMatchObject({ status: 200, text: "done" });
    expect(faults()).toEqual([]);
  });

  test("stop() is prompt, whoever is still connected", async () => {
    const idle = await open(aws.port);
    const keptAlive = await open(aws.port);
    keptAlive.write("GET /_local/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const half = await open(aws.port);
    half.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf");
    const waiting = send(aws.port, call(2_500)).catch(() => "hung up");
    await setTimeout(300);
    const closed = Promise.all([idle, keptAlive, half].map((socket) => untilClosed(socket)));
    const startedAt = performance.now();
    await aws.stop();
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await closed;
    expect(await waiting).toBe("hung up");
    await expect(open(aws.port)).rejects.toThrow(/ECONNREFUSED/);
    expect(faults()).toEqual([]);
  });

  test.each([0, 20, 60, 120])(
    "stop() %i ms after calls of a cold function leaves no process",
    async (delay) => {
      const calls = [0, 1, 2].map(() => send(aws.port, call(0)).catch(() => "hung up"));
      await setTimeout(delay);
      await aws.stop();
      await Promise.all(calls);
      await setTimeout(300);
      expect(process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap")).toEqual([]);
      expect(faults()).toEqual([]);
    },
  );

  test("reset() ends what runs, and the account goes on empty", async () => {
    const running = [0, 1, 2].map(() => send(aws.port, call(2_500)));
    await setTimeout(300);
    const reading = Promise.all(Array.from({ length: 50 }, () => send(aws.port, call(0))));
    await aws.reset();
    for (const answer of await Promise.all(running)) {
      expect(answer.status).toBeGreaterThanOrEqual(500);
    }
    // Some came before the reset and some after it, when there is no such API any more.
    for (const answer of await reading) {
      expect([200, 403, 500, 502]).toContain(answer.status);
    }
    expect(aws.resources()).toEqual([]);
    expect(await send(aws.port, call(0))).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
    expect(faults()).toEqual([]);
  });
});

describe("a fault of its own", () => {
  const SECRET = "k9/FJW3Hf+oYxQ0sVt5bLw8rN2uZcPqA1eGmDiTh";
  /** How often the clock can still be read. */
  let ticks = Number.POSITIVE_INFINITY;

  beforeEach(async () => {
    ticks = Number.POSITIVE_INFINITY;
    await start({
      now: () => {
        if (ticks-- <= 0) {
          throw new TypeError(`the clock stands still: ${SECRET}`);
        }
        return new Date();
      },
    });
  });

  test("is answered in the protocol's form and logged once, without what could be a secret", async () => {
    const host = `127.0.0.1:${aws.port}`;
    const backend = (service: string, request: Partial<WireRequest>) =>
      signed({ ...aws.credentials, at: new Date(), host, service, path: "/", ...request });
    const requests: [request: WireRequest, code: string][] = [
      [
        backend("cognito-identity", {
          method: "POST",
          headers: [["X-Amz-Target", "AWSCognitoIdentityService.ListIdentityPools"]],
          body: '{"MaxResults":1}',
        }),
        "InternalErrorException",
      ],
      [
        backend("sts", { method: "POST", body: "Action=GetCallerIdentity&Version=2011-06-15" }),
        "InternalFailure",
      ],
      [backend("lambda", { path: "/2015-03-31/functions" }), "ServiceException"],
      [
        { method: "GET", path: "/dev/x", headers: [["Host", "abc.execute-api.localhost"]] },
        "InternalServerErrorException",
      ],
    ];
    for (const [request, code] of requests) {
      log.length = 0;
      // The first reading is for the answer's own date.
      ticks = 1;
      expect(refusalIn(await send(aws.port, request))).toMatchObject({ status: 500, code });
      expect(faults()).toHaveLength(1);
      expect(log.join("\n")).toContain("TypeError: the clock stands still");
      expect(log.join("\n")).toContain("    at ");
      expect(log.join("\n")).not.toContain(SECRET);
    }
    ticks = 0;
    const answer = await send(aws.port, { method: "GET", path: "/_local/health", headers: [["Host", host]] });
    expect(answer.status).toBe(500);
    ticks = Number.POSITIVE_INFINITY;
    const cognito = new CognitoIdentityClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: aws.credentials,
    });
    await cognito.send(new ListIdentityPoolsCommand({ MaxResults: 1 }));
    cognito.destroy();
  });
});
