/**
 * What a client most likely did to get another signature. AWS shows what should have been signed and leaves the comparison to the
 * developer; here the usual mistakes are tried out. What is found goes to the decision log and never to the client.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
import { createHash } from "node:crypto";
import { type HttpRequest, header, headerValues } from "../read/http-request";
import { percentEncode } from "../read/percent-encoding";
import { ALGORITHM, type ParsedSignature } from "./parsed-signature";
import { parseQuery, utf8 } from "./strict-text";

/** A canonical request, taken apart. */
interface Parts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly string[];
  readonly signedHeaders: string;
  readonly bodyHash: string;
}

/** Each header tried costs a signature, and a client may list thousands. */
const TRIED_HEADERS = 20;

interface Mistake {
  readonly explanation: string;
  /** What such a client changes in the canonical request; one entry for each way of doing it. */
  readonly variants: (right: Parts, request: HttpRequest, parsed: ParsedSignature) => Partial<Parts>[];
}

const MISTAKES: readonly Mistake[] = [
  {
    explanation:
      "the body was signed as UNSIGNED-PAYLOAD, which only S3 accepts: sign the SHA-256 hash of the body",
    variants: () => [{ bodyHash: "UNSIGNED-PAYLOAD" }],
  },
  {
    explanation: "the signature is that of a request without a body: hand the signer the body that is sent",
    variants: () => [{ bodyHash: sha256("") }],
  },
  {
    explanation: "the path was signed with its '.', '..' or empty segments: resolve them before signing",
    variants: (_, { path }) => [{ path: utf8(path).split("/").map(percentEncode).join("/") }],
  },
  {
    explanation: "the path was signed as it is sent: encode each segment once more before signing",
    variants: (_, { path }) => [{ path: utf8(path) }],
  },
  {
    explanation: "the path was signed decoded: sign the encoded path, each segment encoded once more",
    variants: (_, { path }) => [{ path: decodeURI(path) }, { path: decodeURIComponent(path) }],
  },
  {
    explanation: "the path was signed without its first segment: sign the path with the stage",
    variants: ({ path }) => [{ path: path.replace(/^\/[^/]*/, "") || "/" }],
  },
  {
    explanation: "the query wasn't signed: hand the signer the query that is sent",
    variants: () => [{ query: "" }],
  },
  {
    explanation: "the query was signed in the order sent: sort its encoded names and values before signing",
    variants: (_, { query }) => [{ query }, { query: pairs(query).join("&") }],
  },
  {
    explanation:
      "spaces of the query were signed as '+': write %20 for a space, in what is signed and in what is sent",
    variants: ({ query }) => [{ query: query.replaceAll("%20", "+") }],
  },
  {
    explanation:
      "a '+' in the query was signed as a plus sign, and it is sent as a space: send %2B for a plus",
    variants: (_, { query }) => [{ query: pairs(query.replaceAll("+", "%2B")).sort().join("&") }],
  },
  {
    explanation: "the session token was added to the URL after signing: sign it with the other parameters",
    variants: ({ query }) => [{ query: withoutParameter(query, "X-Amz-Security-Token") }],
  },
  {
    explanation: "the Host was signed in another form than it is sent (its port, or the API's other name)",
    variants: ({ headers }, request, { scopeRegion }) =>
      otherHosts(header(request, "host") ?? "", scopeRegion).map((host) => ({
        headers: withValue(headers, "host", host),
      })),
  },
  {
    explanation:
      "spaces of a header were signed as they are: trim its value and write one space for several before signing",
    variants: ({ headers }, request) => [
      { headers: headers.map((line) => `${nameOf(line)}:${headerValues(request, nameOf(line)).join(",")}`) },
      ...headers
        .slice(0, TRIED_HEADERS)
        .flatMap((line) => [
          { headers: withValue(headers, nameOf(line), `${contentOf(line)} `) },
          { headers: withValue(headers, nameOf(line), ` ${contentOf(line)}`) },
        ]),
    ],
  },
  {
    explanation: "the signature is that of another method: sign the method that is sent",
    variants: () =>
      ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map((method) => ({ method })),
  },
];

/**
 * Why a signature differs from the right one, if that can be told.
 *
 * @param canonicalRequest the one that should have been signed
 * @param signs whether the signature that the client sent is that of a string to sign
 */
export function diagnose(
  request: HttpRequest,
  parsed: ParsedSignature,
  canonicalRequest: string,
  signs: (stringToSign: string) => boolean,
): string | undefined {
  const right = partsOf(canonicalRequest);
  const claimed = header(request, "x-amz-content-sha256");
  if (claimed !== undefined && /^[0-9a-f]{64}$/.test(claimed) && claimed !== right.bodyHash) {
    return "the body isn't the one whose hash X-Amz-Content-Sha256 names: it changed after signing";
  }
  const isSigned = (parts: Parts) =>
    signs([ALGORITHM, parsed.date, parsed.scope, sha256(textOf(parts))].join("\n"));
  return MISTAKES.find((mistake) =>
    variantsOf(mistake, right, request, parsed).some((variant) => isSigned({ ...right, ...variant })),
  )?.explanation;
}

/** A path that can't be decoded whole has no decoded variant. */
function variantsOf(
  mistake: Mistake,
  right: Parts,
  request: HttpRequest,
  parsed: ParsedSignature,
): Partial<Parts>[] {
  try {
    return mistake.variants(right, request, parsed);
  } catch (error) {
    if (error instanceof URIError) {
      return [];
    }
    throw error;
  }
}

function partsOf(canonicalRequest: string): Parts {
  const lines = canonicalRequest.split("\n");
  const [method = "", path = "", query = ""] = lines;
  const [signedHeaders = "", bodyHash = ""] = lines.slice(-2);
  return { method, path, query, headers: lines.slice(3, -3), signedHeaders, bodyHash };
}

function textOf({ method, path, query, headers, signedHeaders, bodyHash }: Parts): string {
  return [method, path, query, ...headers, "", signedHeaders, bodyHash].join("\n");
}

/** Names and values, encoded, in the order sent. */
function pairs(query: string): string[] {
  return parseQuery(query)
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`);
}

function withoutParameter(query: string, name: string): string {
  return query
    .split("&")
    .filter((pair) => !pair.startsWith(`${name}=`))
    .join("&");
}

/** Without its port, with that of HTTPS or HTTP, and the name that an API has on AWS. */
function otherHosts(host: string, region: string): string[] {
  const name = host.replace(/:\d+$/, "");
  return [name, `${name}:443`, `${name}:80`, name.replace(/\.localhost$/, `.${region}.amazonaws.com`)];
}

const nameOf = (line: string) => line.slice(0, line.indexOf(":"));
const contentOf = (line: string) => line.slice(line.indexOf(":") + 1);

function withValue(headers: readonly string[], name: string, value: string): string[] {
  return headers.map((line) => (nameOf(line) === name ? `${name}:${value}` : line));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
