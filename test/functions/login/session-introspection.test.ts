// Sessions that the application is asked about: what it is asked, which answers count, and what becomes of the others.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { LoginError } from "../../../functions/login/login-error";
import {
  type SessionIntrospectionOptions,
  sessionIntrospectionAuthenticator,
} from "../../../functions/login/session-introspection";
import { listen } from "../../support/listen";

const SESSION = "opaque-hush-hush";

let backend: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: { method?: string; type?: string; body: string }[];

beforeAll(async () => {
  backend = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const { method, headers } = request;
    asked.push({ method, type: headers["content-type"], body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
  url = `http://127.0.0.1:${await listen(backend)}/introspect`;
});

beforeEach(() => {
  asked = [];
});

afterAll(() => {
  backend.closeAllConnections();
  backend.close();
});

const answerJson =
  (body: unknown, status = 200) =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  };

const authenticate = (options: Partial<SessionIntrospectionOptions> = {}) =>
  sessionIntrospectionAuthenticator({ url, ...options }).authenticate({
    headerValues: () => [`Bearer ${SESSION}`],
  });

async function refusal(options: Partial<SessionIntrospectionOptions> = {}): Promise<LoginError> {
  const error = await authenticate(options).then(
    () => "accepted",
    (thrown) => thrown,
  );
  if (error instanceof LoginError) {
    expect(`${error.message} ${error.reason}`).not.toContain("hush");
    return error;
  }
  throw new Error(`neither accepted nor refused: ${error}`);
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

test("asks as RFC 7662 has it, and takes the user and the claims from the answer", async () => {
  const claims = { active: true, sub: "alice", exp: inSeconds(60), nbf: inSeconds(-60), team: "blue" };
  answer = answerJson(claims);
  expect(await authenticate()).toEqual({ userId: "alice", claims });
  expect(asked).toEqual([
    {
      method: "POST",
      type: expect.stringMatching(/^application\/x-www-form-urlencoded/),
      body: `token=${SESSION}&token_type_hint=access_token`,
    },
  ]);
});

test("issuer and audience count where they are set", async () => {
  const expected = { issuer: "https://app.example", audience: "shop" };
  answer = answerJson({ active: true, sub: "a", iss: "https://app.example", aud: ["other", "shop"] });
  expect(await authenticate(expected)).toMatchObject({ userId: "a" });
  answer = answerJson({ active: true, sub: "a", aud: "shop" });
  expect(await refusal(expected)).toMatchObject({ status: 401, reason: "its issuer is another" });
  answer = answerJson({ active: true, sub: "a", iss: "https://app.example" });
  expect(await refusal(expected)).toMatchObject({ status: 401, reason: "it is for another audience" });
});

test.each<[string, object, RegExp]>([
  ["not active", { active: false }, /not active/],
  ["active in words only", { active: "true", sub: "a" }, /not active/],
  ["without a word on it", { sub: "a" }, /not active/],
  ["over", { active: true, sub: "a", exp: inSeconds(-1) }, /expired/],
  ["over at a time that can't be read", { active: true, sub: "a", exp: "tomorrow" }, /expired/],
  ["not valid yet", { active: true, sub: "a", nbf: inSeconds(60) }, /not valid yet/],
  ["nobody's", { active: true }, /sub/],
  ["a number's", { active: true, sub: 7 }, /sub/],
])("a session is refused that is %s", async (_, body, reason) => {
  answer = answerJson(body);
  expect(await refusal()).toMatchObject({
    status: 401,
    error: "invalid_session",
    reason: expect.stringMatching(reason),
  });
});

test.each<[string, typeof answer, RegExp]>([
  ["refuses the question", answerJson({ active: true, sub: "a" }, 401), /answered with 401/],
  ["has a fault", answerJson({}, 500), /answered with 500/],
  ["answers with a list", answerJson([]), /something else/],
  ["answers with null", answerJson(null), /something else/],
  [
    "answers with a page",
    (_, response) => void response.end("<p>hush</p>"),
    /could not be asked: SyntaxError/,
  ],
  ["answers without end", (_, response) => void response.end("1".repeat(70_000)), /more than 65536 bytes/],
  ["ends the connection", (request) => void request.socket.destroy(), /could not be asked: TypeError/],
  [
    "points elsewhere",
    (_, response) => void response.writeHead(307, { Location: url }).end(),
    /could not be asked: TypeError/,
  ],
])("the login is unavailable when the application %s", async (_, given, reason) => {
  answer = given;
  expect(await refusal()).toMatchObject({
    status: 502,
    error: "unavailable",
    reason: expect.stringMatching(reason),
  });
  expect(asked).toHaveLength(1);
});

test("sessions that nobody made use up no connections", async () => {
  const connections = new Set<unknown>();
  answer = (request, response) => {
    connections.add(request.socket);
    answerJson({ error: "invalid_token", filling: "x".repeat(40_000) }, 401)(request, response);
  };
  for (let time = 0; time < 10; time += 1) {
    await refusal();
  }
  // A second may be opened before the first is free again.
  expect(connections.size).toBeLessThan(5);
});

test("an application that doesn't answer is waited for three seconds", async () => {
  answer = () => {};
  const { timeout } = AbortSignal;
  // The same signal, sooner.
  const signal = jest.spyOn(AbortSignal, "timeout").mockImplementation(() => timeout.call(AbortSignal, 50));
  expect(await refusal()).toMatchObject({ status: 502, reason: expect.stringMatching(/TimeoutError/) });
  expect(signal.mock.calls).toEqual([[3000]]);
  signal.mockRestore();
});
