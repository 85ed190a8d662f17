/** Attacks on the grant of one route: the users may call `GET /dev/hello` and nothing else, however it is written. */

import { type Signing, signed } from "../../support/attack-signer";
import { deployTarget, type Target } from "../../support/attack-target";
import { refusalIn, type WireRequest } from "../../support/wire";

let target: Target;

beforeAll(async () => {
  target = await deployTarget();
});

afterAll(() => target.stop());

const call = (path: string, changes: Partial<Signing> = {}) =>
  signed({ ...target.alice.credentials, at: target.now(), host: target.host, path, ...changes });

/** The path as a client signs it that resolves `.`, `..` and empty segments first. */
function normalised(path: string): string {
  const segments: string[] = [];
  for (const segment of (path.split("?")[0] as string).split("/")) {
    if (segment === "..") {
      segments.pop();
    } else if (segment !== "" && segment !== ".") {
      segments.push(segment);
    }
  }
  const slash = path.endsWith("/") && segments.length > 0 ? "/" : "";
  return `/${segments.map(encodeURIComponent).join("/")}${slash}`;
}

const denied = (method: string, path: string) =>
  `User: arn:aws:sts::${target.aws.accountId}:assumed-role/by-hand-authenticated/CognitoIdentityCredentials` +
  ` is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:` +
  `********${target.aws.accountId.slice(-4)}:${target.host.split(".")[0]}/dev/${method}/${path}` +
  " because no identity-based policy allows the execute-api:Invoke action";

test("without the trick: allowed", async () => {
  for (const path of ["/dev/hello", "/dev/hello?x=/dev/restricted", "/dev/hello?"]) {
    expect((await target.send(call(path))).status).toBe(200);
  }
});

test("the other route, asked for plainly: denied in AWS's words", async () => {
  expect(refusalIn(await target.send(call("/dev/restricted")))).toEqual({
    status: 403,
    code: "AccessDeniedException",
    message: denied("GET", "restricted"),
  });
});

const DENIED = ["AccessDeniedException"];
const NO_ROUTE = ["MissingAuthenticationTokenException"];
const NO_STAGE = ["ForbiddenException"];
/** Climbing above the root and broken escapes are noticed by the signature's reader, where the path has no route. */
const NO_ROUTE_OR_PATH = ["MissingAuthenticationTokenException", "IncompleteSignatureException"];

describe("refused", () => {
  test.each<[path: string, codes: string[]]>([
    // Other spellings of the granted route: the policy names one, so the others aren't granted.
    ["/dev//hello", DENIED],
    ["/dev/hello/", DENIED],
    ["/dev/hello//", DENIED],
    ["/dev/HELLO", NO_ROUTE],
    ["/dev/hell%6F", NO_ROUTE],
    ["/dev/%68ello", NO_ROUTE],
    ["/dev/hello%20", NO_ROUTE],
    ["/dev/hello%00", NO_ROUTE],
    ["/dev/hello%3Fx=1", NO_ROUTE],
    ["/dev/hello%23", NO_ROUTE],
    ["/dev/hello;x=1", NO_ROUTE],
    ["/dev/hello%3B", NO_ROUTE],
    ["/dev/hello.", NO_ROUTE],
    ["/dev/hello,restricted", NO_ROUTE],
    // Ways from the granted route to the other.
    ["/dev//restricted", DENIED],
    ["//dev/restricted", DENIED],
    ["/dev/restricted/", DENIED],
    ["/dev/restricted?x=/dev/hello", DENIED],
    ["/dev/restricted?/../hello", DENIED],
    ["/dev/hello/restricted", NO_ROUTE],
    ["/dev/hello/../restricted", NO_ROUTE],
    ["/dev/hello/..", NO_ROUTE],
    ["/dev/./restricted", NO_ROUTE],
    ["/dev/../dev/restricted", NO_ROUTE],
    ["/dev/x/../hello", NO_ROUTE],
    ["/dev/hello/%2e%2e/restricted", NO_ROUTE],
    ["/dev/hello/%2E%2E%2Frestricted", NO_ROUTE],
    ["/dev/hello/.%2e/restricted", NO_ROUTE],
    ["/dev/hello%2Frestricted", NO_ROUTE],
    ["/dev/hello%2F..%2Frestricted", NO_ROUTE],
    ["/dev/hello%252F..%252Frestricted", NO_ROUTE],
    ["/dev/hello/%252e%252e/restricted", NO_ROUTE],
    ["/dev/hello\\..\\restricted", NO_ROUTE],
    ["/dev/hello%5C..%5Crestricted", NO_ROUTE],
    ["/dev/hello/..;/restricted", NO_ROUTE],
    ["/dev/%72estricted", NO_ROUTE],
    ["/dev/restricted%2F", NO_ROUTE],
    ["/dev/RESTRICTED", NO_ROUTE],
    ["/dev/restricted;/dev/hello", NO_ROUTE],
    ["/dev/*", NO_ROUTE],
    ["/dev/{proxy+}", NO_ROUTE],
    ["/dev/$default", NO_ROUTE],
    ["/dev/%zz", NO_ROUTE_OR_PATH],
    ["/dev/../../dev/hello", NO_ROUTE_OR_PATH],
    ["/dev", NO_ROUTE],
    ["/dev/", NO_ROUTE],
    // The stage.
    ["/", NO_STAGE],
    ["/hello", NO_STAGE],
    ["///hello", NO_STAGE],
    ["/./dev/hello", NO_STAGE],
    ["/DEV/hello", NO_STAGE],
    ["/dev%2Fhello", NO_STAGE],
    ["/%64ev/hello", NO_STAGE],
    ["/prod/hello", NO_STAGE],
    ["/*/hello", NO_STAGE],
    ["/__proto__/hello", NO_STAGE],
    ["/prod/../dev/hello", NO_STAGE],
    ["/dev/dev/hello", NO_ROUTE],
  ])("%s", async (path, codes) => {
    // Clients differ in what they sign for such paths; one of these is what the verifier expects, the others fail earlier.
    const signings = [undefined, normalised(path), path.split("?")[0]];
    const refusals = await Promise.all(
      signings.map(async (canonicalPath) => refusalIn(await target.send(call(path, { canonicalPath })))),
    );
    expect(refusals.map((refusal) => refusal.status)).toEqual([403, 403, 403]);
    const reasons = refusals
      .map((refusal) => refusal.code)
      .filter((code) => code !== "InvalidSignatureException");
    expect(reasons).not.toEqual([]);
    for (const reason of reasons) {
      expect(codes).toContain(reason);
    }
  });

  test.each(["HEAD", "POST", "PUT", "PATCH", "DELETE"])("%s of the granted path", async (method) => {
    const refusal = refusalIn(await target.send(call("/dev/hello", { method })));
    expect(refusal).toMatchObject({ status: 403, code: "MissingAuthenticationTokenException" });
    if (method !== "HEAD") {
      expect(refusal.message).toBe("Missing Authentication Token");
    }
  });

  test.each<[name: string, request: () => WireRequest, codes: string[]]>([
    [
      "POST that says it is a GET",
      () => call("/dev/hello", { method: "POST", headers: [["X-HTTP-Method-Override", "GET"]] }),
      NO_ROUTE,
    ],
    ["POST that says so in its query", () => call("/dev/hello?_method=GET", { method: "POST" }), NO_ROUTE],
    ["a verb that HTTP doesn't know of", () => call("/dev/hello", { method: "PROPFIND" }), NO_ROUTE],
    [
      "the other path with X-Original-URL",
      () => call("/dev/restricted", { headers: [["X-Original-URL", "/dev/hello"]] }),
      DENIED,
    ],
    [
      "the other path with X-Rewrite-URL",
      () => call("/dev/restricted", { headers: [["X-Rewrite-URL", "/dev/hello"]] }),
      DENIED,
    ],
    [
      "the other path with X-Forwarded-Uri",
      () => call("/dev/restricted", { headers: [["X-Forwarded-Uri", "/dev/hello"]] }),
      DENIED,
    ],
    ["the other path by a HEAD", () => call("/dev/restricted", { method: "HEAD" }), NO_ROUTE],
    [
      "an API key instead of the grant",
      () => call("/dev/restricted", { headers: [["X-Api-Key", "x"]] }),
      DENIED,
    ],
    [
      "another account's identity in a header",
      () => call("/dev/restricted", { headers: [["X-Amz-Source-Account", "1"]] }),
      DENIED,
    ],
  ])("%s", async (_name, request, codes) => {
    const refusal = refusalIn(await target.send(request()));
    expect(refusal.status).toBe(403);
    expect(codes).toContain(refusal.code);
  });

  test("OPTIONS, open to everybody for browsers, tells nothing of what is behind it", async () => {
    for (const path of ["/dev/hello", "/dev/restricted"]) {
      expect((await target.send(call(path, { method: "OPTIONS" }))).text).toBe("");
    }
  });

  test("absolute targets, whatever host they name", async () => {
    for (const origin of [`http://${target.host}`, "http://localhost", "http://evil.example"]) {
      const request = { ...call("/dev/hello"), path: `${origin}/dev/hello` };
      expect((await target.send(request)).status).toBe(400);
    }
  });

  test("the granted route of an API that wasn't granted", async () => {
    const host = "abc123.execute-api.us-east-1.amazonaws.com";
    expect(refusalIn(await target.send(call("/dev/hello", { host })))).toMatchObject({
      status: 403,
      code: "ForbiddenException",
    });
  });
});
