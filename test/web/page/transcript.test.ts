/** What the page shows of an exchange: everything that tells, nothing that opens a door. */
import type { Exchange } from "../../../web/page/exchange";
import { answerText, claimsText, requestText } from "../../../web/page/transcript";

const TOKEN = `eyJh${"t".repeat(300)}QQQQ`;
const SESSION_TOKEN = `IQoJ${"s".repeat(300)}Zw==`;
const SIGNATURE = "3f2a".repeat(16);

function exchange(changes: Partial<Exchange>): Exchange {
  return {
    method: "POST",
    url: new URL("https://api.example/dev/login?x=1"),
    headers: new Headers(),
    body: "",
    answer: { status: 200, headers: new Headers(), body: "{}" },
    startedAt: 0,
    durationMs: 1,
    ...changes,
  };
}

test("a signed request line by line, its signature and session token by their ends", () => {
  const headers = new Headers({
    Authorization: `AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20261126/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=${SIGNATURE}`,
    "X-Amz-Date": "20261126T101010Z",
    "X-Amz-Security-Token": SESSION_TOKEN,
    Accept: "*/*",
  });
  expect(requestText(exchange({ method: "GET", headers })).replaceAll("\u00a0", " ")).toBe(`GET /dev/login?x=1
host: api.example
authorization: AWS4-HMAC-SHA256
  Credential=ASIAEXAMPLE/20261126/us-east-1/execute-api/aws4_request,
  SignedHeaders=host;x-amz-date,
  Signature=3f2a••••••3f2a
x-amz-date: 20261126T101010Z
x-amz-security-token: IQoJ••••••Zw==`);
});

test.each([
  ["a session", { session: TOKEN }],
  ["a token", { identityId: "us-east-1:1", token: TOKEN }],
  [
    "credentials of the login endpoint",
    { credentials: { sessionToken: TOKEN, secretAccessKey: "k".repeat(40) } },
  ],
  ["credentials of Cognito", { Credentials: { SessionToken: TOKEN, SecretKey: "k".repeat(40) } }],
  ["a token in Logins", { Logins: { "cognito-identity.amazonaws.com": TOKEN } }],
])("%s: masked in request and answer", (_, json) => {
  const body = JSON.stringify(json);
  const seen = exchange({ body, answer: { status: 200, headers: new Headers(), body } });
  for (const text of [requestText(seen), answerText(seen)]) {
    expect(text).toContain("eyJh••••••QQQQ");
    expect(text).not.toMatch(/ttttt|kk/);
  }
});

test("a secret that a server says again, anywhere, is masked there too", () => {
  requestText(exchange({ headers: new Headers({ Authorization: `Bearer ${TOKEN}` }) }));
  const body = JSON.stringify({ message: `What is ${TOKEN}?` });
  const said = answerText(exchange({ answer: { status: 400, headers: new Headers(), body } }));
  expect(said).toContain("What is eyJh••••••QQQQ?");
});

test("an answer that is no JSON is shown as it is, and cut when it is long", () => {
  const answer = { status: 502, headers: new Headers(), body: "<h1>Bad gateway</h1>".repeat(400) };
  const text = answerText(exchange({ answer }));
  expect(text).toMatch(/^502\n\n<h1>Bad gateway<\/h1>/);
  expect(text).toHaveLength(4001);
  expect(answerText(exchange({ answer: undefined }))).toMatch(/^No answer/);
});

test("a token's claims, of whatever script its user's name is", () => {
  const payload = Buffer.from(JSON.stringify({ sub: "Žofie ✓" })).toString("base64url");
  expect(claimsText(`x.${payload}.x`)).toBe('{\n  "sub": "Žofie ✓"\n}');
  expect(claimsText("no token")).toBeUndefined();
});
