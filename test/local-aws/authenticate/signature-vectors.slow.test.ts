/** AWS's published vectors: each signed request is accepted, and refused with any one byte changed. */
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { AuthenticationError } from "../../../local-aws/authenticate/authentication-error";
import { Canonicalizer } from "../../../local-aws/authenticate/canonical-request";
import { parseSignature } from "../../../local-aws/authenticate/parsed-signature";
import { checkTimeAndScope, verifySignature } from "../../../local-aws/authenticate/signature";
import type { HttpRequest } from "../../../local-aws/read/http-request";
import {
  type SigV4Vector,
  VECTOR_EXPIRES,
  VECTOR_KEY,
  VECTOR_SCOPE,
  VECTOR_TIME,
  VECTORS,
} from "../../support/sigv4-vectors";

const DATE = "20150830T123600Z";
const CREDENTIAL = `${VECTOR_KEY.accessKeyId}/20150830/${VECTOR_SCOPE.region}/${VECTOR_SCOPE.service}/aws4_request`;

/** Text as Node hands it over from the wire: a character for each byte. */
const wire = (text: string) => Buffer.from(text, "utf8").toString("latin1");

function headerSigned(vector: SigV4Vector): HttpRequest {
  const { header, sessionToken, body } = vector;
  return {
    method: vector.method,
    path: wire(vector.path),
    query: wire(vector.query),
    headers: [
      ...vector.headers,
      ["X-Amz-Date", DATE],
      ...(sessionToken === undefined ? [] : [["X-Amz-Security-Token", sessionToken] as const]),
      ...(vector.signBody
        ? [["x-amz-content-sha256", createHash("sha256").update(body).digest("hex")] as const]
        : []),
      [
        "Authorization",
        `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=${header.signedHeaders}, Signature=${header.signature}`,
      ],
    ],
    body: Buffer.from(body),
    sourceIp: "127.0.0.1",
  };
}

function presigned(vector: SigV4Vector): HttpRequest {
  const parameters = [
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", CREDENTIAL],
    ["X-Amz-Date", DATE],
    ["X-Amz-SignedHeaders", vector.presigned.signedHeaders],
    ["X-Amz-Expires", String(VECTOR_EXPIRES)],
    ...(vector.sessionToken === undefined ? [] : [["X-Amz-Security-Token", vector.sessionToken]]),
    ["X-Amz-Signature", vector.presigned.signature],
  ].map(([name = "", value = ""]) => `${name}=${encodeURIComponent(value)}`);
  return {
    method: vector.method,
    path: wire(vector.path),
    query: [...(vector.query === "" ? [] : [wire(vector.query)]), ...parameters].join("&"),
    headers: vector.headers,
    body: Buffer.from(vector.body),
    sourceIp: "127.0.0.1",
  };
}

/** Whether the request is accepted with the vector's key at the vector's time; anything thrown must be a refusal. */
async function accepted(vector: SigV4Vector, request: HttpRequest): Promise<boolean> {
  try {
    const claim = parseSignature(request);
    checkTimeAndScope(claim, VECTOR_SCOPE, VECTOR_TIME);
    // The account's part: a key and a token that it knows.
    if (claim.accessKeyId !== VECTOR_KEY.accessKeyId || claim.sessionToken !== vector.sessionToken) {
      return false;
    }
    const canonicalizer = new Canonicalizer({
      normalizePath: vector.normalize,
      presignToken: !vector.omitSessionToken,
    });
    await verifySignature(request, claim, VECTOR_KEY.secretAccessKey, canonicalizer);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(AuthenticationError);
    return false;
  }
}

/** The text with its byte at one place changed, in each of two ways. */
function* changes(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) {
    for (const flip of [1, 4]) {
      const byte = String.fromCharCode(text.charCodeAt(at) ^ flip);
      yield text.slice(0, at) + byte + text.slice(at + 1);
    }
  }
}

/** A path as AWS's normalisation leaves it, told by Node; a path that climbs above the root is like no other. */
function normalized(path: string): string {
  const relative = posix.normalize(path.replace(/^\/+/, ""));
  return relative.startsWith("..") || !path.startsWith("/") ? `refused: ${path}` : posix.normalize(path);
}

function* tampered(vector: SigV4Vector, request: HttpRequest, signedHeaders: string): Generator<HttpRequest> {
  for (const path of changes(request.path)) {
    if (!vector.normalize || normalized(path) !== normalized(request.path)) {
      yield { ...request, path };
    }
  }
  for (const query of changes(request.query)) {
    yield { ...request, query };
  }
  for (const body of changes(request.body.toString("latin1"))) {
    yield { ...request, body: Buffer.from(body, "latin1") };
  }
  for (const method of changes(request.method)) {
    yield { ...request, method };
  }
  for (const [index, [name, value]] of request.headers.entries()) {
    const signed = signedHeaders.split(";").includes(name.toLowerCase());
    if (!signed && name !== "Authorization") {
      continue;
    }
    for (const changed of changes(value)) {
      yield { ...request, headers: request.headers.with(index, [name, changed]) };
    }
    yield { ...request, headers: request.headers.toSpliced(index, 1) };
    yield { ...request, headers: request.headers.toSpliced(index, 0, [name, value]) };
  }
}

describe.each(VECTORS)("$name", (vector) => {
  test.each([
    ["in the header", headerSigned(vector), vector.header.signedHeaders],
    ["in the query", presigned(vector), vector.presigned.signedHeaders],
  ])("signed %s: accepted as it is, refused with any byte changed", async (_, request, signedHeaders) => {
    expect(await accepted(vector, request)).toBe(true);
    const wrongly: HttpRequest[] = [];
    let tried = 0;
    for (const changed of tampered(vector, request, signedHeaders)) {
      tried++;
      if (await accepted(vector, changed)) {
        wrongly.push(changed);
      }
    }
    expect(wrongly).toEqual([]);
    expect(tried).toBeGreaterThan(150);
  });

  test("another secret key is refused", async () => {
    const claim = parseSignature(headerSigned(vector));
    await expect(verifySignature(headerSigned(vector), claim, "another secret")).rejects.toThrow(
      /^The request signature we calculated does not match/,
    );
  });
});

test("the rules of the services aren't mixed: an unnormalised path is accepted only where it is the rule", async () => {
  const different = VECTORS.filter((vector) => normalized(vector.path) !== vector.path);
  expect(different.length).toBeGreaterThan(10);
  for (const vector of different) {
    for (const request of [headerSigned(vector), presigned(vector)]) {
      expect([vector.name, await accepted({ ...vector, normalize: !vector.normalize }, request)]).toEqual([
        vector.name,
        false,
      ]);
    }
  }
});

test("a session token that a presigned URL's signature leaves out is accepted only where it is the rule", async () => {
  for (const vector of VECTORS.filter(({ sessionToken }) => sessionToken !== undefined)) {
    const other = { ...vector, omitSessionToken: vector.omitSessionToken ? undefined : (true as const) };
    expect(await accepted(other, presigned(vector))).toBe(false);
  }
});
