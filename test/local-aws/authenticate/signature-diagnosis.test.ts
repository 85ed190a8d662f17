/** What the decision log tells of a signature that differs: the mistake, if it is a usual one, and never to the client. */
import { createHash } from "node:crypto";
import type { HttpRequest } from "../../../local-aws/read/http-request";
import { presigned, type Signing, signed } from "../../support/attack-signer";
import { HOST, KEY, NOW, received, refusal, verify } from "../../support/signers";
import type { WireRequest } from "../../support/wire";

const GENERIC =
  "the signature differs: a wrong secret key, or the method, path, query, a signed header or the body changed after signing";

const call = (changes: Partial<Signing> = {}): Signing => ({
  ...KEY,
  at: NOW,
  host: HOST,
  path: "/prod/hello",
  ...changes,
});
const arrived = ({ method, path, headers, body = "" }: WireRequest): HttpRequest =>
  received(method, path, Object.fromEntries(headers), body);
const sent = (changes: Partial<Signing>, sentWith: Partial<WireRequest> = {}) =>
  arrived({ ...signed(call(changes)), ...sentWith });
/** Signed for one host, and sent to another. */
const sentTo = (host: string, changes: Partial<Signing> = {}) => {
  const request = signed(call(changes));
  const headers = request.headers.map(
    ([name, value]) => [name, name === "Host" ? host : value] as [string, string],
  );
  return arrived({ ...request, headers });
};
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test.each<[name: string, request: () => HttpRequest, explanation: RegExp]>([
  [
    "a body that changed",
    () => sent({ headers: [["X-Amz-Content-Sha256", sha256("one")]], body: "one" }, { body: "two" }),
    /X-Amz-Content-Sha256.*changed after signing/,
  ],
  [
    "an unsigned payload",
    () => sent({ body: "one", bodyHash: "UNSIGNED-PAYLOAD" }),
    /UNSIGNED-PAYLOAD, which only S3 accepts/,
  ],
  ["no body signed", () => sent({}, { body: "one" }), /a request without a body/],
  [
    "a path signed as sent",
    () => sent({ path: "/prod/a%20b", canonicalPath: "/prod/a%20b" }),
    /encode each segment once more/,
  ],
  [
    "a path signed decoded",
    () => sent({ path: "/prod/a%20b%3A", canonicalPath: "/prod/a b:" }),
    /the path was signed decoded/,
  ],
  ["a path that isn't normalised", () => sent({ path: "/prod//a/./b" }), /resolve them before signing/],
  ["a path without the stage", () => sent({ canonicalPath: "/hello" }), /the path with the stage/],
  ["a query left out", () => sent({ path: "/prod?a=1", canonicalQuery: "" }), /the query wasn't signed/],
  [
    "a query that isn't sorted",
    () => sent({ path: "/prod?b=%2f&a=", canonicalQuery: "b=%2F&a=" }),
    /sort its encoded names/,
  ],
  [
    "a query signed as sent",
    () => sent({ path: "/prod?b=x,y&a", canonicalQuery: "b=x,y&a" }),
    /in the order sent/,
  ],
  [
    "a space signed as a plus",
    () => sent({ path: "/prod?a=b%20c", canonicalQuery: "a=b+c" }),
    /write %20 for a space/,
  ],
  [
    "a plus sent as it is",
    () => sent({ path: "/prod?a=b+c", canonicalQuery: "a=b%2Bc" }),
    /send %2B for a plus/,
  ],
  [
    "a token added to a presigned URL",
    () => {
      const request = presigned(call({ sessionToken: undefined }));
      return arrived({ ...request, path: `${request.path}&X-Amz-Security-Token=abc` });
    },
    /the session token was added to the URL after signing/,
  ],
  ["a host signed without its port", () => sentTo(`${HOST}:4566`), /the Host was signed in another form/],
  [
    "a host signed with a port",
    () => sentTo(HOST, { host: `${HOST}:443` }),
    /the Host was signed in another form/,
  ],
  ["an API's name on AWS", () => sentTo("abcdef1234.execute-api.localhost"), /the API's other name/],
  [
    "spaces of a header signed as they are",
    () => sent({ canonicalHeaders: { "x-color": "dark   blue" }, headers: [["X-Color", "dark   blue"]] }),
    /write one space for several/,
  ],
  [
    "a space at the end of a header",
    () => sent({ canonicalHeaders: { "x-color": "blue " }, headers: [["X-Color", "blue"]] }),
    /trim its value/,
  ],
  ["another method", () => sent({}, { method: "POST" }), /the signature is that of another method/],
])("%s", async (_name, request, explanation) => {
  const error = await refusal(request());
  expect(error).toMatchObject({
    failure: "InvalidSignature",
    explanation: expect.stringMatching(explanation),
  });
  expect(error.message).not.toContain(error.explanation);
});

test("what isn't a usual mistake is said in general", async () => {
  expect((await refusal(sent({ secretAccessKey: "another" }))).explanation).toBe(GENERIC);
  expect((await refusal(sent({ path: "/prod/%E0%A4%A" }))).explanation).not.toBe("");
  expect((await refusal(sent({}, { path: "/prod/other" }))).explanation).toBe(GENERIC);
});

test("the same requests, signed as they should be, are accepted", async () => {
  await verify(sent({ path: "/prod/a%20b%3A?a=b%20c&b=x%2Cy", body: "one" }));
});
