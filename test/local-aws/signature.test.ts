/** The verifier against signers that it doesn't share code with, at its limits, and against what no honest client sends. */
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest as SmithyRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import aws4 from "aws4";
import fc from "fast-check";
import { AuthenticationError } from "../../local-aws/errors";
import type { HttpRequest } from "../../local-aws/http";
import { checkTimeAndScope, readClaim, verifySignature } from "../../local-aws/signature";

const HOST = "abcdef1234.execute-api.us-east-1.amazonaws.com";
const SCOPE = { service: "execute-api", region: "us-east-1" };
const NOW = new Date("2026-01-02T03:04:05Z");
const DATE = "20260102T030405Z";
const KEY = {
  accessKeyId: "ASIAEXAMPLEEXAMPLE12",
  secretAccessKey: "secret/with+all=kinds",
  sessionToken: "token//with+all==",
};

interface Message {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Text as Node hands it over from the wire: a character for each byte. */
const wire = (text: string) => Buffer.from(text, "utf8").toString("latin1");

function received(
  method: string,
  target: string,
  headers: Readonly<Record<string, unknown>>,
  body: string,
): HttpRequest {
  const [path = "", query = ""] = wire(target).split(/\?(.*)/s);
  return {
    method,
    path,
    query,
    headers: Object.entries(headers).map(([name, value]) => [name, wire(String(value))]),
    body: Buffer.from(body),
    sourceIp: "127.0.0.1",
  };
}

function signedByAws4(message: Message, options: { signQuery?: boolean } = {}): HttpRequest {
  const { method = "GET", path, body } = message;
  const signed = aws4.sign(
    {
      ...SCOPE,
      ...options,
      host: HOST,
      method,
      path: options.signQuery ? `${path}${path.includes("?") ? "&" : "?"}X-Amz-Date=${DATE}` : path,
      headers: { ...message.headers, ...(options.signQuery ? {} : { "X-Amz-Date": DATE }) },
      body,
    },
    KEY,
  );
  return received(method, signed.path as string, signed.headers ?? {}, body ?? "");
}

type Parameters = Record<string, string | string[]>;

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

function sdkSigner(): SignatureV4 {
  return new SignatureV4({ ...SCOPE, credentials: KEY, sha256: Sha256 });
}

function sentBySdk(signed: { method: string; path: string; query?: unknown; headers: object }, body: string) {
  const pairs = Object.entries((signed.query ?? {}) as Parameters).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encode(name)}=${encode(value)}`),
  );
  return received(signed.method, `${signed.path}?${pairs.join("&")}`, { ...signed.headers }, body);
}

async function verify(request: HttpRequest, now = NOW): Promise<void> {
  const claim = readClaim(request);
  checkTimeAndScope(claim, SCOPE, now);
  expect(claim.accessKeyId).toBe(KEY.accessKeyId);
  await verifySignature(request, claim, KEY.secretAccessKey);
}

async function refusal(request: HttpRequest, now = NOW): Promise<AuthenticationError> {
  const error = await verify(request, now).then(
    () => new Error("The request was accepted."),
    (thrown) => thrown,
  );
  if (!(error instanceof AuthenticationError)) throw error;
  return error;
}

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
        if (one !== "" && one !== ".") depth += one === ".." ? -1 : 1;
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

describe("time", () => {
  const header = signedByAws4({ path: "/prod" });
  const at = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);

  test.each([
    ["five minutes old", 300_000],
    ["as of now", 0],
    ["five minutes ahead", -300_000],
  ])("%s: accepted", async (_, age) => {
    await verify(header, at(age));
  });

  test.each<[string, number, string]>([
    [
      "a moment older",
      300_001,
      "Signature expired: 20260102T030405Z is now earlier than 20260102T030405Z (20260102T030905Z - 5 min.)",
    ],
    [
      "ten minutes old",
      600_000,
      "Signature expired: 20260102T030405Z is now earlier than 20260102T030905Z (20260102T031405Z - 5 min.)",
    ],
    [
      "a moment further ahead",
      -300_001,
      "Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z (20260102T025904Z + 5 min.)",
    ],
  ])("%s: refused", async (_, age, message) => {
    expect(await refusal(header, at(age))).toMatchObject({ failure: "InvalidSignature", message });
  });

  const presigned = (expires: string) =>
    signedByAws4({ path: `/prod?X-Amz-Expires=${encodeURIComponent(expires)}` }, { signQuery: true });

  test.each(["1", "60", "604800"])("a presigned URL that lives %s s, to the moment", async (expires) => {
    await verify(presigned(expires), at(Number(expires) * 1000));
    expect(await refusal(presigned(expires), at(Number(expires) * 1000 + 1))).toMatchObject({
      failure: "InvalidSignature",
      message: expect.stringMatching(`^Signature expired: .* - ${expires} s\\.\\)$`),
    });
  });

  test("a presigned URL that names no expiry lives as long as a signature in the header", async () => {
    const request = signedByAws4({ path: "/prod" }, { signQuery: true });
    await verify(request, at(300_000));
    expect((await refusal(request, at(300_001))).message).toMatch(/^Signature expired/);
  });

  test.each([
    "0",
    "-1",
    "604801",
    "9999999",
    "abc",
    "",
    "1.5",
    "1e3",
    " 60",
    "60 ",
    "0x10",
    "NaN",
    "Infinity",
    "٣",
  ])("X-Amz-Expires=%j: refused", async (expires) => {
    expect(await refusal(presigned(expires))).toMatchObject({
      failure: "IncompleteSignature",
      message: "X-Amz-Expires must be a whole number of seconds from 1 to 604800.",
    });
  });

  test.each([
    "20260230T000000Z",
    "20260102T240000Z",
    "20261301T000000Z",
    "2026-01-02T03:04:05Z",
    "20260102",
    "Fri, 02 Jan 2026 03:04:05 GMT",
    "20260102T030405",
    "20260102t030405z",
  ])("the date %s: refused", (date) => {
    const request = withHeader(header, "X-Amz-Date", date);
    expect(() => readClaim(request)).toThrow(
      `Date must be in ISO-8601 'basic format'. Got '${date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  });

  test("X-Amz-Date is preferred over Date, which serves in its absence", () => {
    const both = withHeader(header, "Date", "Fri, 02 Jan 2026 03:04:05 GMT");
    expect(readClaim(both).date).toBe(DATE);
    const only = {
      ...header,
      headers: [...header.headers.filter(([name]) => name !== "X-Amz-Date"), ["Date", DATE]] as const,
    };
    expect(readClaim(only).date).toBe(DATE);
  });
});

function withHeader(request: HttpRequest, name: string, value: string): HttpRequest {
  return { ...request, headers: [...request.headers.filter(([key]) => key !== name), [name, value]] };
}

function rewritten(request: HttpRequest, rewrite: (authorization: string) => string): HttpRequest {
  return {
    ...request,
    headers: request.headers.map(([name, value]) => [
      name,
      name === "Authorization" ? rewrite(value) : value,
    ]),
  };
}

describe("nothing is accepted that could be read in two ways", () => {
  const request = signedByAws4({ path: "/prod?a=1", headers: { "X-Thing": "1" } });
  const presigned = signedByAws4({ path: "/prod?a=1" }, { signQuery: true });
  const again = (name: string): HttpRequest => ({
    ...request,
    headers: [...request.headers, ...request.headers.filter(([key]) => key === name)],
  });
  const part = (name: string) => new RegExp(`${name}=[^,]+`).exec(authorization(request))?.[0] as string;

  test.each<[string, HttpRequest, string]>([
    ["no signature", { ...request, headers: [["Host", HOST]] }, "MissingAuthenticationToken"],
    ["two Authorization headers", again("Authorization"), "InvalidSignature"],
    ["two dates", again("X-Amz-Date"), "IncompleteSignature"],
    ["two hosts", again("Host"), "InvalidSignature"],
    ["a signed header twice", again("X-Thing"), "InvalidSignature"],
    ["a part twice", rewritten(request, (one) => `${one}, ${part("Signature")}`), "IncompleteSignature"],
    [
      "two signatures",
      rewritten(request, (one) => one.replace("Signature=", "Signature=00, Signature=")),
      "IncompleteSignature",
    ],
    [
      "two credentials",
      rewritten(request, (one) => one.replace("Credential=", "Credential=a/b/c/d/e, Credential=")),
      "IncompleteSignature",
    ],
    ["a trailing comma", rewritten(request, (one) => `${one},`), "IncompleteSignature"],
    ["an empty part", rewritten(request, (one) => one.replace(", ", ",, ")), "IncompleteSignature"],
    ["no commas", rewritten(request, (one) => one.replaceAll(",", "")), "IncompleteSignature"],
    [
      "spaces round the equal-signs",
      rewritten(request, (one) => one.replaceAll("=", " = ")),
      "IncompleteSignature",
    ],
    [
      "parts in lower case",
      rewritten(request, (one) => one.replace("Signature=", "signature=")),
      "IncompleteSignature",
    ],
    [
      "an empty signature",
      rewritten(request, (one) => one.replace(/Signature=.*/, "Signature=")),
      "IncompleteSignature",
    ],
    [
      "the algorithm in lower case",
      rewritten(request, (one) => one.replace("AWS4-HMAC-SHA256", "aws4-hmac-sha256")),
      "IncompleteSignature",
    ],
    [
      "another algorithm",
      rewritten(request, (one) => one.replace("SHA256", "SHA512")),
      "IncompleteSignature",
    ],
    ["the algorithm alone", rewritten(request, () => "AWS4-HMAC-SHA256"), "IncompleteSignature"],
    ["an empty header", rewritten(request, () => ""), "IncompleteSignature"],
    ["another scheme", rewritten(request, () => "Bearer abc"), "IncompleteSignature"],
    [
      "a signature in capitals",
      rewritten(request, (one) =>
        one.replace(/Signature=(.*)/, (all) => `Signature=${all.slice(10).toUpperCase()}`),
      ),
      "InvalidSignature",
    ],
    ["more after the signature", rewritten(request, (one) => `${one}0`), "InvalidSignature"],
    ["a signature cut short", rewritten(request, (one) => one.slice(0, -2)), "InvalidSignature"],
    [
      "signed headers in capitals",
      rewritten(request, (one) => one.replace("host;", "Host;")),
      "InvalidSignature",
    ],
    [
      "a signed header listed twice",
      rewritten(request, (one) => one.replace("host;", "host;host;")),
      "InvalidSignature",
    ],
    [
      "signed headers out of order",
      rewritten(request, (one) => one.replace("host;x-amz-date", "x-amz-date;host")),
      "InvalidSignature",
    ],
    [
      "a signed header that isn't there",
      rewritten(request, (one) => one.replace("host;", "host;x-absent;")),
      "InvalidSignature",
    ],
    ["host not signed", rewritten(request, (one) => one.replace("host;", "")), "InvalidSignature"],
    [
      "a signed header with bytes that aren't UTF-8",
      withHeader(request, "X-Thing", "\xff"),
      "IncompleteSignature",
    ],
    ["a path with bytes that aren't UTF-8", { ...request, path: "/prod/\xff" }, "IncompleteSignature"],
    ["a signature in header and query", { ...request, query: presigned.query }, "InvalidSignature"],
    [
      "a stray signature in the query",
      { ...request, query: `${request.query}&X-Amz-Signature=00` },
      "InvalidSignature",
    ],
    [
      "a stray signature in other letters",
      { ...request, query: `${request.query}&x-amz-signature=00` },
      "InvalidSignature",
    ],
    [
      "a presigned URL with two signatures",
      { ...presigned, query: `${presigned.query}&X-Amz-Signature=00` },
      "InvalidSignature",
    ],
    [
      "the second in other letters",
      { ...presigned, query: `${presigned.query}&x-amz-signature=00` },
      "InvalidSignature",
    ],
    [
      "a presigned URL with two tokens",
      { ...presigned, query: `${presigned.query}&X-Amz-Security-Token=x` },
      "IncompleteSignature",
    ],
    [
      "with two expiries",
      { ...presigned, query: `${presigned.query}&X-Amz-Expires=1&X-Amz-Expires=2` },
      "IncompleteSignature",
    ],
    [
      "with two algorithms",
      { ...presigned, query: `${presigned.query}&X-Amz-Algorithm=AWS4-HMAC-SHA256` },
      "IncompleteSignature",
    ],
    [
      "with another algorithm",
      { ...presigned, query: presigned.query.replace("SHA256", "SHA1") },
      "IncompleteSignature",
    ],
    [
      "with no credential",
      { ...presigned, query: presigned.query.replace(/X-Amz-Credential=[^&]*&?/, "") },
      "IncompleteSignature",
    ],
    [
      "a parameter that the signer loses",
      { ...presigned, query: `${presigned.query}&__proto__=1` },
      "InvalidSignature",
    ],
    ["a query with half an escape", { ...request, query: "a=%4" }, "IncompleteSignature"],
    ["a query with a false escape", { ...request, query: "a=%zz" }, "IncompleteSignature"],
    ["a query with an escape that isn't UTF-8", { ...request, query: "a=%ff" }, "IncompleteSignature"],
    ["a query with a surrogate", { ...request, query: "a=%ED%A0%80" }, "IncompleteSignature"],
    ["a path with half an escape", { ...request, path: "/prod/%4" }, "IncompleteSignature"],
    ["a path that isn't absolute", { ...request, path: "*" }, "IncompleteSignature"],
    ["a whole URL in place of a path", { ...request, path: `http://${HOST}/prod` }, "IncompleteSignature"],
    ["a path above the root", { ...request, path: "/prod/../../x" }, "IncompleteSignature"],
  ])("%s", async (_, tampered, failure) => {
    expect(await refusal(tampered)).toMatchObject({ failure });
  });

  test("the untouched requests are accepted", async () => {
    await verify(request);
    await verify(presigned);
  });

  test("a plus sign in the query is a space, and an escape's digits may have either case", async () => {
    const signed = signedByAws4({ path: "/prod?a=b%20c&d=%2F" });
    await verify({ ...signed, query: "a=b+c&d=%2f" });
    await refusal({ ...signed, query: "a=b%2Bc&d=%2F" });
  });

  test("the hash of the body that a client claims counts for nothing", async () => {
    const claimed = signedByAws4({
      method: "POST",
      path: "/prod",
      body: "x",
      headers: { "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD" },
    });
    expect((await refusal(claimed)).failure).toBe("InvalidSignature");
  });
});

function authorization(request: HttpRequest): string {
  return request.headers.find(([name]) => name === "Authorization")?.[1] as string;
}

describe("the parsers throw nothing but AuthenticationError", () => {
  const request = signedByAws4({ path: "/prod" });
  const words = [
    "AWS4-HMAC-SHA256",
    " ",
    ",",
    "=",
    ";",
    "/",
    "Credential",
    "Signature",
    "SignedHeaders",
    "host",
    "x-amz-date",
    "aws4_request",
    "__proto__",
    "\t",
    "\u00ff",
    "%",
    "é",
    "X-Amz-Algorithm",
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-SignedHeaders",
    "X-Amz-Date",
    "X-Amz-Expires",
    "&",
    DATE,
    "60",
  ];
  const junk = fc.oneof(
    fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((parts) => parts.join("")),
    fc.string(),
    fc.string({ unit: "binary" }),
  );

  async function refusedOrRead(tampered: HttpRequest): Promise<void> {
    try {
      const claim = readClaim(tampered);
      checkTimeAndScope(claim, SCOPE, NOW);
      await verifySignature(tampered, claim, KEY.secretAccessKey);
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error;
    }
  }

  test.each<[string, (text: string) => HttpRequest]>([
    ["the Authorization header", (text) => rewritten(request, () => text)],
    ["what follows the algorithm", (text) => rewritten(request, () => `AWS4-HMAC-SHA256 ${text}`)],
    [
      "the credential",
      (text) => rewritten(request, (one) => one.replace(/Credential=[^,]*/, () => `Credential=${text}`)),
    ],
    [
      "the signed headers",
      (text) =>
        rewritten(request, (one) => one.replace(/SignedHeaders=[^,]*/, () => `SignedHeaders=host;${text}`)),
    ],
    [
      "the signature",
      (text) => rewritten(request, (one) => one.replace(/Signature=.*/, () => `Signature=${text}`)),
    ],
    ["the date", (text) => withHeader(request, "X-Amz-Date", text)],
    ["the query", (text) => ({ ...request, headers: [["Host", HOST]], query: text })],
    [
      "a presigned query",
      (text) => ({
        ...request,
        headers: [["Host", HOST]],
        query: `X-Amz-Algorithm=AWS4-HMAC-SHA256&${text}`,
      }),
    ],
    ["the path", (text) => ({ ...request, path: `/${text}` })],
    ["a header's name", (text) => withHeader(request, text, "1")],
  ])("%s", async (_, tamper) => {
    await fc.assert(
      fc.asyncProperty(junk, (text) => refusedOrRead(tamper(text))),
      { numRuns: 300 },
    );
  });
});
