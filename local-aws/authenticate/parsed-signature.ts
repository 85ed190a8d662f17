/** What a request says about its signature, read strictly: nothing that could be read in two ways is accepted. */
import { createHash } from "node:crypto";
import { type HttpRequest, header } from "../read/http-request";
import { AuthenticationError } from "./authentication-error";
import { parseQuery, type Query } from "./strict-text";

export const ALGORITHM = "AWS4-HMAC-SHA256";

/** Nothing in it has been verified. */
export interface ParsedSignature {
  readonly accessKeyId: string;
  /** `YYYYMMDD/region/service/aws4_request` */
  readonly scope: string;
  readonly scopeDate: string;
  readonly scopeRegion: string;
  readonly scopeService: string;
  readonly scopeTerminator: string;
  /** As sent, unverified: lower-case names in order from a correct client. */
  readonly signedHeaders: readonly string[];
  /** Unverified: 64 lower-case hexadecimal digits from a correct client. */
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly date: string;
  readonly sessionToken: string | undefined;
  /** Seconds that a presigned URL says it is valid. */
  readonly expires: number | undefined;
}

/**
 * Headers that decide what a service does. All headers named x-amz-* are to be signed; these change the call if they aren't. The
 * session token and the date need no place in the list: the one belongs to the key, the other to the string to sign.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
const SIGNED_IF_PRESENT = ["X-Amz-Target", "X-Amz-Invocation-Type", "X-Amz-Log-Type", "X-Amz-Client-Context"];

/** Seconds. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
const LONGEST_EXPIRY = 604_800;

// The second text goes to the log, which must never see a token or a signature: it repeats nothing that the client sent.
const incomplete = (message: string, explanation: string) =>
  new AuthenticationError("IncompleteSignature", message, explanation);
const invalid = (message: string, explanation: string) =>
  new AuthenticationError("InvalidSignature", message, explanation);

/**
 * Reads the signature from the `Authorization` header or, for a presigned URL, from the query. The order of checks and the texts
 * are AWS's: the "AWS Auth Error Ordering" of https://github.com/dacut/scratchstack-aws-signature
 *
 * @throws AuthenticationError when there is none, or when the path, the query or a part of the signature is malformed
 */
export function parseSignature(request: HttpRequest): ParsedSignature {
  checkPath(request.path);
  const query = parseQuery(request.query);
  const authorizations = request.headers.filter(([name]) => name.toLowerCase() === "authorization");
  const presigned = query.some(([name]) => name === "X-Amz-Algorithm");
  if (authorizations.length === 0 && !presigned) {
    throw new AuthenticationError(
      "MissingAuthenticationToken",
      "Missing Authentication Token",
      "the request carries no signature",
    );
  }
  const signatures = query.map(([name]) => name).filter((name) => name.toLowerCase() === "x-amz-signature");
  const surplus = authorizations.length > 0 ? presigned || signatures.length > 0 : signatures.length > 1;
  if (authorizations.length > 1 || surplus) {
    // S3's words; what other services say is not recorded.
    throw invalid(
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
      "the request carries more than one signature",
    );
  }
  const read = authorizations[0] === undefined ? fromQuery(query) : fromHeader(request, authorizations[0][1]);
  requireSigned(request, read.signedHeaders);
  return read;
}

function requireSigned(request: HttpRequest, signedHeaders: readonly string[]): void {
  for (const name of SIGNED_IF_PRESENT) {
    if (header(request, name) === undefined || signedHeaders.includes(name.toLowerCase())) {
      continue;
    }
    const message = `'${name}' must be a 'SignedHeader' in the AWS Authorization.`;
    throw invalid(message, message);
  }
}

/** A path that leads above the root, or that can't be decoded, is refused before anything else is looked at. */
function checkPath(path: string): void {
  const refused = (message: string) => incomplete(message, "the path is not one that AWS accepts");
  if (!path.startsWith("/")) {
    throw refused(`Path is not absolute: ${path}`);
  }
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) {
    throw refused(`The path holds an invalid percent-encoding: ${path}`);
  }
  let depth = 0;
  for (const segment of path.split("/")) {
    if (segment === "..") {
      depth--;
    } else if (segment !== "" && segment !== ".") {
      depth++;
    }
    if (depth < 0) {
      throw refused(`Relative path entry '..' navigates above root: ${path}`);
    }
  }
}

function fromHeader(request: HttpRequest, authorization: string): ParsedSignature {
  const hashed = () => createHash("sha256").update(authorization).digest("base64");
  const [, algorithm = "", rest = ""] = /^[ \t]*([^ \t]*)[ \t]*(.*)$/s.exec(authorization) ?? [];
  if (algorithm !== ALGORITHM && algorithm.startsWith("AWS4-")) {
    throw unsupportedAlgorithm(algorithm);
  }
  const parts = new Map<string, string>();
  const listed = algorithm !== ALGORITHM ? [authorization] : rest.trim() === "" ? [] : rest.split(",");
  for (const part of listed.map((one) => one.trim())) {
    const equals = part.indexOf("=");
    if (algorithm !== ALGORITHM || equals < 0) {
      throw incomplete(
        `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${hashed()}'.`,
        `the Authorization header is not of the form ${ALGORITHM} Credential=…, SignedHeaders=…, Signature=…`,
      );
    }
    const name = part.slice(0, equals);
    if (parts.has(name)) {
      throw incomplete(
        `Authorization header has a parameter twice. (Hashed with SHA-256 and encoded with Base64) Authorization=${hashed()}`,
        "the Authorization header has a parameter twice",
      );
    }
    parts.set(name, part.slice(equals + 1));
  }
  const date = header(request, "x-amz-date") ?? header(request, "date");
  const missing = [
    ...["Credential", "Signature", "SignedHeaders"]
      .filter((name) => !parts.get(name))
      .map((name) => `Authorization header requires '${name}' parameter.`),
    ...(date ? [] : ["Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."]),
  ];
  if (missing.length > 0) {
    throw incomplete(
      `${missing.join(" ")} (Hashed with SHA-256 and encoded with Base64) Authorization=${hashed()}`,
      missing.join(" "),
    );
  }
  return validated({
    credential: parts.get("Credential") as string,
    signedHeaders: parts.get("SignedHeaders") as string,
    signature: parts.get("Signature") as string,
    date: date as string,
    sessionToken: header(request, "x-amz-security-token"),
  });
}

function fromQuery(query: Query): ParsedSignature {
  const value = (name: string) => {
    const values = query.filter(([key]) => key === name).map(([, one]) => one);
    if (values.length > 1) {
      throw incomplete(
        `AWS query-string parameters must include '${name}' once. Re-examine the query-string parameters.`,
        `the query has ${name} twice`,
      );
    }
    return values[0];
  };
  const algorithm = value("X-Amz-Algorithm") as string;
  if (algorithm !== ALGORITHM) {
    throw unsupportedAlgorithm(algorithm);
  }
  const names = ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];
  const missing = names
    .filter((name) => !value(name))
    .map((name) => `AWS query-string parameters must include '${name}'.`);
  if (missing.length > 0) {
    throw incomplete(`${missing.join(" ")} Re-examine the query-string parameters.`, missing.join(" "));
  }
  return validated({
    credential: value("X-Amz-Credential") as string,
    signedHeaders: value("X-Amz-SignedHeaders") as string,
    signature: value("X-Amz-Signature") as string,
    date: value("X-Amz-Date") as string,
    sessionToken: value("X-Amz-Security-Token"),
    expires: value("X-Amz-Expires"),
  });
}

function unsupportedAlgorithm(algorithm: string): AuthenticationError {
  return incomplete(`Unsupported AWS 'algorithm': '${algorithm}'.`, `the algorithm is not ${ALGORITHM}`);
}

function validated(raw: {
  credential: string;
  signedHeaders: string;
  signature: string;
  date: string;
  sessionToken: string | undefined;
  expires?: string;
}): ParsedSignature {
  const signedHeaders = raw.signedHeaders.split(";");
  if (!signedHeaders.some((name) => name.toLowerCase() === "host")) {
    const message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    throw invalid(message, message);
  }
  if (Number.isNaN(signingTime(raw.date))) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${raw.date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
      "the signing time is not of the form YYYYMMDDTHHMMSSZ",
    );
  }
  const [accessKeyId = "", scopeDate = "", scopeRegion = "", scopeService = "", scopeTerminator = ""] =
    raw.credential.split("/");
  return {
    accessKeyId,
    scope: raw.credential.slice(accessKeyId.length + 1),
    scopeDate,
    scopeRegion,
    scopeService,
    scopeTerminator,
    signedHeaders,
    signature: raw.signature,
    date: raw.date,
    sessionToken: raw.sessionToken,
    expires: raw.expires === undefined ? undefined : lifetime(raw.expires),
  };
}

function lifetime(seconds: string): number {
  const value = /^\d{1,6}$/.test(seconds) ? Number(seconds) : 0;
  if (value >= 1 && value <= LONGEST_EXPIRY) {
    return value;
  }
  const message = `X-Amz-Expires must be a whole number of seconds from 1 to ${LONGEST_EXPIRY}.`;
  throw incomplete(message, message);
}

/** `YYYYMMDDTHHMMSSZ` as epoch milliseconds; NaN for anything else, such as the 30th of February. */
export function signingTime(date: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (!match) {
    return Number.NaN;
  }
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) || basicFormat(time) !== date ? Number.NaN : time;
}

/** Epoch milliseconds as `YYYYMMDDTHHMMSSZ`. */
export function basicFormat(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");
}
