/** The verifier against what no honest client sends: nothing ambiguous is accepted, nothing makes it fail in another way. */
import fc from "fast-check";
import { AuthenticationError } from "../../../local-aws/authenticate/authentication-error";
import { parseSignature } from "../../../local-aws/authenticate/parsed-signature";
import { checkTimeAndScope, verifySignature } from "../../../local-aws/authenticate/signature";
import type { HttpRequest } from "../../../local-aws/read/http-request";
import {
  DATE,
  HOST,
  KEY,
  NOW,
  refusal,
  rewritten,
  SCOPE,
  signedByAws4,
  verify,
  withHeader,
} from "../../support/signers";

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
      const claim = parseSignature(tampered);
      checkTimeAndScope(claim, SCOPE, NOW);
      await verifySignature(tampered, claim, KEY.secretAccessKey);
    } catch (error) {
      if (!(error instanceof AuthenticationError)) {
        throw error;
      }
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
