/** What aws4 and AWS's own signer sign is accepted, awkward paths and queries included, and nothing else in its place. */
import { HttpRequest as SmithyRequest } from "@smithy/core/protocols";
import fc from "fast-check";
import {
  HOST,
  type Message,
  NOW,
  refusal,
  sdkSigner,
  sentBySdk,
  signedByAws4,
  verify,
} from "../../support/signers";

const AWKWARD_PATHS = [
  "/prod/hello",
  "/prod/users/a%40b.example",
  "/prod/users/a@b.example",
  "/prod/a%2Fb",
  "/prod/a%2fb",
  "/prod/us-east-1:11111111-2222-3333-4444-555555555555",
  "/prod/us-east-1%3A11111111-2222-3333-4444-555555555555",
  "/prod/gr%C3%BC%C3%9Fe",
  "/prod/grüße/日本/🙂",
  "/prod/a b",
  "/prod/a%20b",
  "/prod/a+b",
  "/prod/%25",
  "/prod//double///slashes//",
  "/prod/./a/../b/.",
  "/prod/a/..",
  "/prod/!$&'()*+,;=:@~-._",
  "//",
  "/",
  "/prod/?",
  "/prod?",
  "/prod?a",
  "/prod?a=",
  "/prod?a&b=&c",
  "/prod?a==&b=a=b",
  "/prod?a=b%20c&d=e+f&g=%2B",
  "/prod?a=1 2",
  "/prod?b=2&a=1&b=1&B=0&A=3&b=",
  "/prod?a-b=1&a=2&a.b=3&aB=4&a%5B%5D=5",
  "/prod?x=%C3%A9&y=é&z=日本",
  "/prod?x=!'()*;:@$,/?",
  "/prod?arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fx",
  "/prod?constructor=1&toString=2&hasOwnProperty=3",
  "/prod?10=a&9=b&1=c",
  "/prod?&&a=1&",
];

describe("aws4", () => {
  test.each(AWKWARD_PATHS)("GET %s", async (path) => {
    await verify(signedByAws4({ path }));
    await verify(signedByAws4({ path }, { signQuery: true }));
  });

  test.each<[string, Message]>([
    ["a body without a content type", { method: "POST", path: "/prod", body: "a=1&b=2" }],
    [
      "a body with one",
      { method: "POST", path: "/prod", body: '{"a":"é"}', headers: { "Content-Type": "application/json" } },
    ],
    ["an empty body", { method: "POST", path: "/prod", body: "" }],
    ["another method", { method: "DELETE", path: "/prod/a" }],
    ["headers with spaces", { path: "/", headers: { "X-Spaces": "  a   b\tc  ", "x-empty": "" } }],
    ["headers in mixed case", { path: "/", headers: { "X-B": "1", "x-a": "2", "X-aB": "3" } }],
  ])("%s", async (_, message) => {
    await verify(signedByAws4(message));
  });

  const segment = fc
    .array(
      fc.constantFrom(
        "a",
        "B",
        "0",
        "%40",
        "@",
        "%2F",
        "%2f",
        "%C3%A9",
        "é",
        "日",
        " ",
        "%20",
        "+",
        "*",
        "'",
        "(",
        "~",
        ":",
        ";",
        "$",
        ",",
        "=",
        "&",
        "%25",
        "-",
        "_",
        "!",
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.join(""));
  const path = fc
    .array(fc.oneof({ weight: 5, arbitrary: segment }, fc.constantFrom(".", "..", "")), { maxLength: 5 })
    .filter((segments) => {
      let depth = 0;
      return segments.every((one) => {
        if (one !== "" && one !== ".") {
          depth += one === ".." ? -1 : 1;
        }
        return depth >= 0;
      });
    })
    .map((segments) => `/${segments.join("/")}`);
  const word = fc
    .array(
      fc.constantFrom(
        "a",
        "A",
        "b",
        "1",
        "-",
        ".",
        "%20",
        "+",
        "%2B",
        "é",
        "%C3%A9",
        "%2F",
        "/",
        "@",
        "[",
        "%5D",
        "*",
        "'",
        "=",
        "%26",
        "?",
        "~",
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => parts.join(""));
  const query = fc
    .array(
      fc.tuple(
        word.filter((name) => !name.startsWith("=")),
        fc.option(fc.oneof(word, fc.constant("")), { nil: undefined }),
      ),
      { maxLength: 5 },
    )
    .map((pairs) =>
      pairs.map(([name, value]) => (value === undefined ? name : `${name}=${value}`)).join("&"),
    );
  const body = fc.option(fc.string({ unit: "grapheme" }), { nil: undefined });

  test("signs nothing that is refused, and nothing that can be sent as something else", async () => {
    await fc.assert(
      fc.asyncProperty(path, query, body, fc.boolean(), async (onePath, oneQuery, oneBody, signQuery) => {
        const message = {
          method: "POST",
          path: oneQuery === "" ? onePath : `${onePath}?${oneQuery}`,
          body: oneBody,
        };
        const request = signedByAws4(message, { signQuery });
        await verify(request);
        await refusal({ ...request, path: `${request.path}/more` });
        await refusal({ ...request, query: `${request.query}&more=` });
        await refusal({ ...request, body: Buffer.concat([request.body, Buffer.from(" ")]) });
        await refusal({ ...request, method: "PUT" });
      }),
      { numRuns: 300 },
    );
  });

  test("AWS's own signer agrees on paths and queries, in the header and presigned", async () => {
    const parameters = fc.dictionary(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 }).filter((name) => name !== "__proto__"),
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      ),
      { maxKeys: 4 },
    );
    await fc.assert(
      fc.asyncProperty(path, parameters, fc.string(), async (onePath, oneQuery, oneBody) => {
        const request = new SmithyRequest({
          method: "POST",
          protocol: "https:",
          hostname: HOST,
          path: encodeURI(decodeURI(onePath)),
          query: oneQuery,
          headers: { host: HOST },
          body: oneBody,
        });
        await verify(sentBySdk(await sdkSigner().sign(request, { signingDate: NOW }), oneBody));
        const url = await sdkSigner().presign(request, { signingDate: NOW, expiresIn: 60 });
        await verify(sentBySdk(url, oneBody));
      }),
      { numRuns: 200 },
    );
  });
});
