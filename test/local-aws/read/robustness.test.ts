/** What broken, slow and hostile clients send: none of it is answered with a 200, takes the account down or is logged as its fault. */
import { networkInterfaces } from "node:os";
import { setTimeout } from "node:timers/promises";
import { sign } from "aws4";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import {
  answersIn,
  bytesOf,
  exchange,
  open,
  refusalIn,
  send,
  untilClosed,
  type WireRequest,
} from "../../support/wire";

const MEGABYTE = 1024 * 1024;

let aws: LocalAws;
let log: string[];

beforeAll(async () => {
  log = [];
  aws = await startLocalAws({ log: (line) => log.push(line) });
});

afterEach(async () => {
  expect(await health()).toBe(200);
  expect(log.splice(0).filter((line) => line.includes("internal error"))).toEqual([]);
});

afterAll(() => aws.stop());

const host = () => `127.0.0.1:${aws.port}`;

async function health(): Promise<number> {
  const answer = await send(aws.port, { method: "GET", path: "/_local/health", headers: [["Host", host()]] });
  return answer.status;
}

describe("bytes that are no HTTP request", () => {
  const request = (head: string, body = "") => `${head.replace(/\n/g, "\r\n")}\r\n\r\n${body}`;

  test.each<[name: string, bytes: string, status: number]>([
    ["noise", "\u0016\u0003\u0001\u0002 hello\r\n\r\n", 400],
    ["an unknown method", request("BREW /_local/health HTTP/1.1\nHost: localhost"), 400],
    ["no version", request("GET /_local/health\nHost: localhost"), 400],
    ["another version", request("GET /_local/health HTTP/3.7\nHost: localhost"), 400],
    ["no host", request("GET /_local/health HTTP/1.1\nConnection: close"), 400],
    ["an older version without a host", request("GET /_local/health HTTP/1.0"), 421],
    [
      "two hosts",
      request("GET /_local/health HTTP/1.1\nHost: localhost\nHost: localhost\nConnection: close"),
      400,
    ],
    ["a folded header", request("GET /_local/health HTTP/1.1\nHost: localhost\nX-A: b\n c"), 400],
    ["a header without a colon", request("GET /_local/health HTTP/1.1\nHost: localhost\nX-A"), 400],
    ["a NUL in a header", request("GET /_local/health HTTP/1.1\nHost: localhost\nX-A: \0"), 400],
    ["a space before the colon", request("GET /_local/health HTTP/1.1\nHost : localhost"), 400],
    ["a bare line feed in a header", "GET /_local/health HTTP/1.1\r\nHost: localhost\nX-A: b\r\n\r\n", 400],
    [
      "two lengths",
      request("POST / HTTP/1.1\nHost: localhost\nContent-Length: 1\nContent-Length: 2", "xx"),
      400,
    ],
    [
      "the same length twice",
      request("POST / HTTP/1.1\nHost: localhost\nContent-Length: 2\nContent-Length: 2", "xx"),
      400,
    ],
    ["a negative length", request("POST / HTTP/1.1\nHost: localhost\nContent-Length: -1"), 400],
    ["a length that is no number", request("POST / HTTP/1.1\nHost: localhost\nContent-Length: 1e3"), 400],
    [
      "a length and chunks",
      request("POST / HTTP/1.1\nHost: localhost\nContent-Length: 5\nTransfer-Encoding: chunked", "0\r\n\r\n"),
      400,
    ],
    [
      "a coding that isn't chunked",
      request("POST / HTTP/1.1\nHost: localhost\nTransfer-Encoding: gzip", "xx"),
      400,
    ],
    [
      "a chunk of no size",
      request("POST / HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked", "zz\r\nxx\r\n"),
      400,
    ],
    [
      "a chunk longer than its size",
      request("POST / HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked", "1\r\nxx\r\n0\r\n\r\n"),
      400,
    ],
    [
      "headers of 17 KB",
      request(`GET /_local/health HTTP/1.1\nHost: localhost\nX-A: ${"a".repeat(17_000)}`),
      431,
    ],
    ["many headers", request(`GET /_local/health HTTP/1.1\nHost: localhost${"\nX-A: b".repeat(6000)}`), 431],
    ["a path of 17 KB", request(`GET /${"a".repeat(17_000)} HTTP/1.1\nHost: localhost`), 431],
    [
      "an absolute target",
      request("GET http://localhost/_local/health HTTP/1.1\nHost: localhost\nConnection: close"),
      400,
    ],
    ["an asterisk", request("OPTIONS * HTTP/1.1\nHost: localhost\nConnection: close"), 400],
    [
      "an expectation other than 100-continue",
      request("GET /_local/health HTTP/1.1\nHost: localhost\nExpect: cake\nConnection: close"),
      417,
    ],
  ])("%s: %#", async (_name, bytes, status) => {
    const answers = await exchange(aws.port, Buffer.from(bytes, "latin1"));
    expect(answers.map((answer) => answer.status)).toEqual([status]);
  });

  test("a tunnel: the server hangs up", async () => {
    expect(await exchange(aws.port, "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n")).toEqual(
      [],
    );
  });

  test("an upgrade is not taken", async () => {
    const headers =
      "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Key: eHg=";
    const [answer] = await exchange(aws.port, `GET /x HTTP/1.1\r\n${headers}\r\n\r\n`);
    expect(answer?.status).toBe(404);
  });
});

describe("bodies", () => {
  const post = (headers: string) => `POST / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`;

  test("one that is declared too long is refused before it comes", async () => {
    const socket = await open(aws.port);
    socket.write(post(`Content-Length: ${200 * MEGABYTE}`));
    const [chunk] = (await once(socket, "data")) as [Buffer];
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test("after one that was too long the connection is still in step", async () => {
    const socket = await open(aws.port);
    socket.write(post(`Content-Length: ${71 * MEGABYTE}`));
    for (let sent = 0; sent < 71; sent++) {
      socket.write(Buffer.alloc(MEGABYTE));
    }
    socket.write("GET /_local/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const answers = answersIn(await untilClosed(socket));
    expect(answers.map((answer) => answer.status)).toEqual([413, 200]);
  });

  test("one in chunks is read up to the limit", async () => {
    const socket = await open(aws.port);
    socket.write(post("Transfer-Encoding: chunked"));
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(MEGABYTE), Buffer.from("\r\n")]);
    for (let sent = 0; sent < 71; sent++) {
      socket.write(chunk);
    }
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test("one that waits to be asked for is asked for", async () => {
    const socket = await open(aws.port);
    const body = "Action=GetCallerIdentity&Version=2011-06-15";
    socket.write(post(`Expect: 100-continue\r\nConnection: close\r\nContent-Length: ${body.length}`));
    const [interim] = (await once(socket, "data")) as [Buffer];
    expect(interim.toString()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write(body);
    const [answer] = answersIn(await untilClosed(socket));
    expect(answer).toMatchObject({
      status: 403,
      text: expect.stringContaining("MissingAuthenticationToken"),
    });
  });

  test.each([
    ["too long", "localhost", 200 * MEGABYTE, 413],
    ["for a foreign host", "evil.example", 3, 421],
  ])("one that waits to be asked for and is %s isn't", async (_name, name, length, status) => {
    const headers = `Host: ${name}\r\nExpect: 100-continue\r\nContent-Length: ${length}`;
    const answers = await exchange(aws.port, `POST / HTTP/1.1\r\n${headers}\r\n\r\n`);
    expect(answers.map((answer) => answer.status)).toEqual([status]);
  });
});

describe("requests in a row on one connection", () => {
  const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;

  test("are answered in their order", async () => {
    const answers = await exchange(
      aws.port,
      get("/_local/health") + get("/_local/nothing") + get("/_local/resources", "Connection: close\r\n"),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 404, 200]);
  });

  test("noise after the first ends the connection", async () => {
    const answers = await exchange(aws.port, `${get("/_local/health")}\0\0\r\n\r\n`);
    expect(answers.map((answer) => answer.status).filter((status) => status !== 200)).toEqual([400]);
  });
});

describe("requests to the services", () => {
  const signed = (
    service: string,
    request: { method?: string; path?: string; headers?: Record<string, string>; body?: string },
  ) => {
    const { headers } = sign(
      { host: host(), service, region: aws.region, method: "POST", path: "/", ...request },
      aws.credentials,
    );
    return {
      method: request.method ?? "POST",
      path: request.path ?? "/",
      headers: Object.entries(headers ?? {})
        .filter(([name]) => name !== "Content-Length")
        .map(([name, value]) => [name, String(value)] as const),
      body: request.body,
    };
  };
  const json = (operation: string, body: string) =>
    signed("cognito-identity", {
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityService.${operation}`,
      },
      body,
    });
  const form = (service: string, body: string) => signed(service, { body });
  const identityForm = "Action=GetCallerIdentity&Version=2011-06-15";
  /** What is left when the fault is taken away. */
  const sound: [name: string, request: () => WireRequest][] = [
    ["a JSON body", () => json("ListIdentityPools", '{"MaxResults":1}')],
    ["a form", () => form("sts", identityForm)],
    ["a path", () => signed("apigateway", { method: "GET", path: "/restapis?limit=1" })],
  ];
  test.each(sound)("%s: allowed", async (_name, request) => {
    expect((await send(aws.port, request())).status).toBe(200);
  });

  const unsound: [name: string, request: () => WireRequest, status: number, code: string][] = [
    ["broken JSON", () => json("ListIdentityPools", '{"MaxResults":1'), 400, "SerializationException"],
    ["JSON that is no object", () => json("ListIdentityPools", "[1]"), 400, "SerializationException"],
    [
      "JSON of a wrong type",
      () => json("ListIdentityPools", '{"MaxResults":"x"}'),
      400,
      "SerializationException",
    ],
    [
      "JSON nested a thousand deep",
      () => json("ListIdentityPools", "[".repeat(1000)),
      400,
      "SerializationException",
    ],
    ["XML for JSON", () => json("ListIdentityPools", "<a/>"), 400, "SerializationException"],
    [
      "a polluting member",
      () => json("ListIdentityPools", '{"__proto__":{"MaxResults":1}}'),
      400,
      "ValidationException",
    ],
    ["an unknown operation", () => json("MakeCoffee", "{}"), 400, "UnknownOperationException"],
    ["an operation that every object has", () => json("constructor", "{}"), 400, "UnknownOperationException"],
    [
      "a target with more behind it",
      () => json("ListIdentityPools.x", '{"MaxResults":1}'),
      400,
      "UnknownOperationException",
    ],
    [
      "an unknown target",
      () =>
        signed("cognito-identity", {
          headers: { "X-Amz-Target": "DynamoDB_20120810.ListTables" },
          body: "{}",
        }),
      400,
      "UnknownOperationException",
    ],
    [
      "two targets",
      () => {
        const request = json("ListIdentityPools", '{"MaxResults":1}');
        return {
          ...request,
          headers: [...request.headers, ["X-Amz-Target", "AWSCognitoIdentityService.ListIdentityPools"]],
        };
      },
      400,
      "UnknownOperationException",
    ],
    [
      "a target by GET",
      () =>
        signed("cognito-identity", {
          method: "GET",
          headers: { "X-Amz-Target": "AWSCognitoIdentityService.ListIdentityPools" },
        }),
      400,
      "UnknownOperationException",
    ],
    [
      "a target with a path",
      () => ({ ...json("ListIdentityPools", '{"MaxResults":1}'), path: "/x" }),
      400,
      "UnknownOperationException",
    ],
    ["a form without an action", () => form("sts", "a=b"), 400, "InvalidAction"],
    ["a form of noise", () => form("sts", "%00&&==&=a"), 400, "InvalidAction"],
    ["a form with a bad encoding", () => form("sts", `${identityForm}&x=%zz`), 404, "MalformedQueryString"],
    ["a form that is no UTF-8", () => form("sts", `${identityForm}&x=%ff`), 404, "MalformedQueryString"],
    [
      "an action of another version",
      () => form("sts", "Action=ListRoles&Version=2011-06-15"),
      400,
      "InvalidAction",
    ],
    [
      "a form by DELETE",
      () => signed("sts", { method: "DELETE", path: `/?${identityForm}` }),
      400,
      "InvalidAction",
    ],
    ["XML for a form", () => form("iam", "<ListRoles/>"), 400, "InvalidAction"],
    [
      "a list without end",
      () => form("iam", `Action=TagRole&Version=2010-05-08&RoleName=r&Tags.member.1${".a".repeat(5000)}=b`),
      400,
      "MalformedInput",
    ],
    [
      "a bad percent-encoding",
      () => signed("apigateway", { method: "GET", path: "/restapis/%zz" }),
      400,
      "BadRequestException",
    ],
    [
      "a percent-encoding that is no UTF-8",
      () => signed("apigateway", { method: "GET", path: "/restapis/%ff" }),
      400,
      "BadRequestException",
    ],
    [
      "an unknown path",
      () => signed("lambda", { method: "GET", path: "/2015-03-31/coffee" }),
      404,
      "UnknownOperationException",
    ],
    [
      "a method that the path lacks",
      () => signed("apigateway", { method: "PUT", path: "/restapis" }),
      404,
      "UnknownOperationException",
    ],
    [
      "broken JSON by path",
      () => signed("apigateway", { path: "/restapis", body: "{" }),
      400,
      "SerializationException",
    ],
    [
      "a number of decisions that is none",
      () => ({ method: "GET", path: "/_local/decisions?last=-1", headers: [["Host", host()]] }),
      400,
      "",
    ],
    [
      "a change by way of the window",
      () => ({ method: "POST", path: "/_local/health", headers: [["Host", host()]] }),
      405,
      "",
    ],
  ];
  test.each(unsound)("%s: refused", async (_name, request, status, code) => {
    expect(refusalIn(await send(aws.port, request()))).toMatchObject({ status, code });
  });
});

describe("the name that a request calls the account by", () => {
  const called = (name: string, path = "/_local/health") =>
    send(aws.port, { method: "GET", path, headers: [["Host", name]] });

  test.each([
    "127.0.0.1",
    "localhost",
    "LocalHost:1",
    "[::1]",
    "[::1]:4566",
    "cognito-identity.us-east-1.amazonaws.com",
    "iam.amazonaws.com",
  ])("%s: answered", async (name) => {
    expect((await called(name)).status).toBe(200);
  });

  test.each([
    "",
    "evil.example",
    "localhost.evil.example",
    "evil.localhost",
    "127.0.0.1.nip.io",
    "127.0.0.1.",
    "localhost.",
    "127.1",
    "127.0.0.2",
    "0.0.0.0",
    "0x7f000001",
    "2130706433",
    "::1",
    "[::ffff:127.0.0.1]",
    "[::1].evil.example",
    "localhost:4566:80",
    "localhost:port",
    "localhost@evil.example",
    "user@localhost",
    "localhost, localhost",
    "localhost/",
    "cognito-identity.us-east-1.amazonaws.com.evil.example",
    "evil.amazonaws.com",
    "bucket.s3.us-east-1.amazonaws.com",
    "cognito-identity.eu-west-1.amazonaws.com",
    "abc123.execute-api.eu-west-1.amazonaws.com",
    "abc123.execute-api.us-east-1.amazonaws.com.",
    "abc123.execute-api.localhost.evil.example",
    "x.abc123.execute-api.localhost",
    "execute-api.localhost",
  ])("%s: refused", async (name) => {
    for (const path of ["/_local/health", "/.well-known/jwks_uri", "/"]) {
      expect((await called(name, path)).status).toBe(421);
    }
  });

  test("another name in the target or in a forwarding header doesn't count", async () => {
    const forwarded = [
      ["X-Forwarded-Host", "localhost"],
      ["Forwarded", "host=localhost"],
      ["X-Host", "localhost"],
    ] as const;
    const request = {
      method: "GET",
      path: "/_local/health",
      headers: [["Host", "evil.example"], ...forwarded] as const,
    };
    expect((await send(aws.port, request)).status).toBe(421);
  });

  test("an API that doesn't exist", async () => {
    const answer = await called("abc123.execute-api.us-east-1.amazonaws.com");
    expect(answer).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
  });
});

describe("web pages of other sites", () => {
  const origin = ["Origin", "https://evil.example"] as const;
  const request = (method: string, path: string, headers: WireRequest["headers"], body?: string) =>
    send(aws.port, { method, path, headers: [["Host", host()], ...headers], body });

  test.each([
    ["fetch", [origin]],
    ["no-cors fetch or image", [["Sec-Fetch-Site", "cross-site"]]],
    ["page of another port of this machine", [["Sec-Fetch-Site", "same-site"]]],
    ["page that an API answers in the path form", [["Sec-Fetch-Site", "same-origin"]]],
    ["sandboxed frame", [["Origin", "null"]]],
  ] as const)("may not see into the account: %s", async (_name, headers) => {
    for (const path of ["/_local/decisions", "/_local/resources", "/_local/health"]) {
      expect((await request("GET", path, headers)).status).toBe(403);
    }
  });

  test("a person may, in the address bar", async () => {
    expect((await request("GET", "/_local/health", [["Sec-Fetch-Site", "none"]])).status).toBe(200);
  });

  test.each([
    ["GET", "/_local/health"],
    ["GET", "/.well-known/jwks_uri"],
    ["GET", "/restapis"],
    ["POST", "/"],
  ])("get no permission to read %s %s", async (method, path) => {
    const answer = await request(method, path, [origin]);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });

  test.each([
    ["POST", "/"],
    ["POST", "/restapis"],
    ["DELETE", "/restapis/abc"],
    ["GET", "/_local/decisions"],
  ])("are not let through a preflight for %s %s", async (method, path) => {
    const answer = await request("OPTIONS", path, [
      origin,
      ["Access-Control-Request-Method", method],
      ["Access-Control-Request-Headers", "authorization,content-type"],
      ["Access-Control-Request-Private-Network", "true"],
    ]);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });

  test.each([
    [
      "a form",
      "application/x-www-form-urlencoded",
      "Action=CreateRole&Version=2010-05-08&RoleName=evil&AssumeRolePolicyDocument={}",
    ],
    ["JSON as text", "text/plain", '{"IdentityPoolName":"evil","AllowUnauthenticatedIdentities":true}'],
    [
      "an upload",
      "multipart/form-data; boundary=x",
      '--x\r\nContent-Disposition: form-data; name="Action"\r\n\r\nCreateRole\r\n--x--',
    ],
  ])("change nothing without a preflight: %s", async (_name, type, body) => {
    const before = aws.resources();
    for (const path of ["/", "/restapis", "/2015-03-31/functions"]) {
      expect(
        (await request("POST", path, [origin, ["Content-Type", type]], body)).status,
      ).toBeGreaterThanOrEqual(400);
    }
    expect(aws.resources()).toEqual(before);
  });
});

const elsewhere = Object.values(networkInterfaces())
  .flat()
  .find((address) => address !== undefined && !address.internal && address.family === "IPv4")?.address;

// A machine without a network has no other address to be called by.
(elsewhere === undefined ? test.skip : test)("it listens on loopback only", async () => {
  await expect(open(aws.port, elsewhere)).rejects.toThrow(/ECONNREFUSED/);
});

describe("clients that go away", () => {
  test("in the middle of the headers, of a body and of a chunk", async () => {
    for (const bytes of [
      "GET /_local/hea",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf",
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n400\r\nhalf",
      "POST / HTTP/1.1\r\nHost: abc.execute-api.localhost\r\nContent-Length: 1000\r\n\r\nhalf",
    ]) {
      for (const leave of ["destroy", "resetAndDestroy", "end"] as const) {
        const socket = await open(aws.port);
        socket.write(bytes);
        await setTimeout(20);
        socket[leave]();
      }
    }
    await setTimeout(50);
  });

  test("before they have read their answers", async () => {
    const get = bytesOf({ method: "GET", path: "/_local/resources", headers: [["Host", host()]] });
    for (let client = 0; client < 20; client++) {
      const socket = await open(aws.port);
      socket.write(get.replace("Connection: close\r\n", "").repeat(50));
      socket.resetAndDestroy();
    }
    await setTimeout(50);
  });
});

function once(socket: Awaited<ReturnType<typeof open>>, event: string): Promise<unknown[]> {
  return new Promise((resolve) => socket.once(event, (...values) => resolve(values)));
}
