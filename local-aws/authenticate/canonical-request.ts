/** The canonical request and the string to sign, as AWS's own signer makes them from what a client sent. */

import { createHash } from "node:crypto";
import { HttpRequest as SmithyRequest } from "@smithy/core/protocols";
import { getCanonicalHeaders, SignatureV4Base } from "@smithy/signature-v4";
import type { HttpRequest } from "../read/http-request";
import { percentEncode } from "../read/percent-encoding";
import { AuthenticationError } from "./authentication-error";
import { ALGORITHM, type ParsedSignature } from "./parsed-signature";
import { Sha256 } from "./sha256";
import { parseQuery, utf8 } from "./strict-text";

/**
 * How a service differs in what it has its clients sign.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
interface SigningRules {
  /** `.`, `..` and empty segments are resolved before the path is signed; S3 has it signed as it is. @default true */
  readonly normalizePath?: boolean;
  /** The session token of a presigned URL is signed; IoT has it added to the finished URL. @default true */
  readonly presignToken?: boolean;
}

/** AWS's signer, opened up as far as a verifier needs it. */
export class Canonicalizer extends SignatureV4Base {
  readonly #rules: Required<SigningRules>;

  constructor({ normalizePath = true, presignToken = true }: SigningRules) {
    super({
      service: "",
      region: "",
      credentials: { accessKeyId: "", secretAccessKey: "" },
      sha256: Sha256,
      uriEscapePath: normalizePath,
    });
    this.#rules = { normalizePath, presignToken };
  }

  /** @param names the signed headers, in lower case */
  async strings(
    request: HttpRequest,
    parsed: ParsedSignature,
    names: readonly string[],
  ): Promise<{ canonicalRequest: string; stringToSign: string }> {
    const headers = Object.fromEntries(names.map((name) => [name, signedValue(request, name)]));
    const canonicalRequest = this.createCanonicalRequest(
      new SmithyRequest({
        method: request.method,
        path: this.#path(request),
        query: this.#query(request),
        headers,
      }),
      getCanonicalHeaders(new SmithyRequest({ headers }), undefined, new Set(names)),
      createHash("sha256").update(request.body).digest("hex"),
    );
    return {
      canonicalRequest,
      stringToSign: await this.createStringToSign(parsed.date, parsed.scope, canonicalRequest, ALGORITHM),
    };
  }

  /** Without normalisation the signer takes the path as it comes, so that it has to be encoded here. */
  #path(request: HttpRequest): string {
    const path = utf8(request.path);
    if (this.#rules.normalizePath) {
      return path;
    }
    return path.split("/").map(percentEncode).join("/");
  }

  #query(request: HttpRequest): Record<string, string[]> {
    const query: Record<string, string[]> = {};
    for (const [name, value] of parseQuery(request.query)) {
      // The signer loses a parameter of this name, so that its value would be anybody's to change.
      if (name === "__proto__") {
        throw new AuthenticationError("InvalidSignature", "A query parameter can't be named __proto__.");
      }
      if (name === "X-Amz-Security-Token" && !this.#rules.presignToken) {
        continue;
      }
      query[name] = [...(Object.hasOwn(query, name) ? (query[name] as string[]) : []), value];
    }
    return query;
  }
}

/** Duplicate headers are joined by a comma, each value trimmed on its own. */
function signedValue(request: HttpRequest, name: string): string {
  return request.headers
    .filter(([key]) => key.toLowerCase() === name)
    .map(([, value]) => utf8(value).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ""))
    .join(",");
}
