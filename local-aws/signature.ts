/**
 * Signature Version 4, the verifier's side. What a signature has to be is computed by AWS's own signer, so that a client's
 * signature (aws4's, an SDK's, the Terraform provider's) is never checked by the implementation that made it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest as SmithyRequest } from "@smithy/protocol-http";
import { getCanonicalHeaders, getSigningKey, SignatureV4Base } from "@smithy/signature-v4";
import { AuthenticationError } from "./errors";
import { type HttpRequest, header } from "./http";

export const ALGORITHM = "AWS4-HMAC-SHA256";

/** How far a client's clock may be off, in milliseconds. */
const MAX_SKEW = 5 * 60 * 1000;

/** What a request says about its signature; nothing in it has been verified. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  /** `YYYYMMDD/region/service/aws4_request` */
  readonly scope: string;
  readonly scopeDate: string;
  readonly scopeRegion: string;
  readonly scopeService: string;
  readonly scopeTerminator: string;
  /** Lower-case names. */
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits, if the client means it well. */
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly date: string;
  readonly sessionToken: string | undefined;
  /** Seconds that a presigned URL is valid; undefined for a signature in the header. */
  readonly expires: number | undefined;
}

const incomplete = (message: string) => new AuthenticationError("IncompleteSignature", message);
const invalid = (message: string, explanation?: string) =>
  new AuthenticationError("InvalidSignature", message, explanation);

/**
 * Reads the signature from the `Authorization` header or, for a presigned URL, from the query.
 *
 * @throws AuthenticationError when there is none, or a part is missing or malformed
 */
export function readClaim(request: HttpRequest): SignatureClaim {
  const authorization = header(request, "authorization");
  if (authorization !== undefined) return fromHeader(request, authorization);
  const query = parseQuery(request.query);
  if (query["X-Amz-Algorithm"] !== undefined) return fromQuery(query);
  throw new AuthenticationError(
    "MissingAuthenticationToken",
    "Missing Authentication Token",
    "the request carries no signature",
  );
}

function fromHeader(request: HttpRequest, authorization: string): SignatureClaim {
  const hashed = createHash("sha256").update(authorization).digest("base64");
  const [algorithm = "", ...rest] = authorization.trim().split(/\s+/);
  if (algorithm !== ALGORITHM && /^AWS4-/.test(algorithm))
    throw incomplete(`Unsupported AWS 'algorithm': '${algorithm}'.`);
  const parts: Record<string, string> = {};
  const listed = algorithm === ALGORITHM ? rest.join(" ").split(",") : [authorization];
  for (const part of listed.map((one) => one.trim()).filter((one) => one !== "")) {
    const equals = part.indexOf("=");
    if (algorithm !== ALGORITHM || equals < 0) {
      throw incomplete(
        `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${hashed}'.`,
      );
    }
    parts[part.slice(0, equals)] = part.slice(equals + 1);
  }
  const date = header(request, "x-amz-date") ?? header(request, "date");
  const missing = [
    ...["Credential", "Signature", "SignedHeaders"]
      .filter((name) => !parts[name])
      .map((name) => `Authorization header requires '${name}' parameter.`),
    ...(date ? [] : ["Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."]),
  ];
  if (missing.length > 0) {
    throw incomplete(
      `${missing.join(" ")} (Hashed with SHA-256 and encoded with Base64) Authorization=${hashed}`,
    );
  }
  return claim({
    credential: parts.Credential as string,
    signedHeaders: parts.SignedHeaders as string,
    signature: parts.Signature as string,
    date: date as string,
    sessionToken: header(request, "x-amz-security-token"),
  });
}

function fromQuery(query: Query): SignatureClaim {
  const value = (name: string) => [query[name]].flat()[0];
  if (value("X-Amz-Algorithm") !== ALGORITHM)
    throw incomplete(`Unsupported AWS 'algorithm': '${value("X-Amz-Algorithm")}'.`);
  const names = ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];
  const missing = names.filter((name) => !value(name));
  if (missing.length > 0) {
    throw incomplete(missing.map((name) => `AWS query-string parameters must include '${name}'.`).join(" "));
  }
  return claim({
    credential: value("X-Amz-Credential") as string,
    signedHeaders: value("X-Amz-SignedHeaders") as string,
    signature: value("X-Amz-Signature") as string,
    date: value("X-Amz-Date") as string,
    sessionToken: value("X-Amz-Security-Token"),
    expires: Number(value("X-Amz-Expires") ?? 0),
  });
}

function claim(raw: {
  credential: string;
  signedHeaders: string;
  signature: string;
  date: string;
  sessionToken: string | undefined;
  expires?: number;
}): SignatureClaim {
  const signedHeaders = raw.signedHeaders.toLowerCase().split(";");
  if (!signedHeaders.includes("host")) {
    throw invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (Number.isNaN(instant(raw.date))) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${raw.date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
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
    expires: raw.expires,
  };
}

/** `YYYYMMDDTHHMMSSZ` as epoch milliseconds; NaN for anything else. */
function instant(date: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

const basicFormat = (time: number) => `${new Date(time).toISOString().replace(/[-:]|\.\d+/g, "")}`;

/**
 * Checks the time and the credential scope, in the order in which AWS reports them: a skewed clock before a wrong region.
 *
 * @throws AuthenticationError in AWS's words
 */
export function checkTimeAndScope(
  claim: SignatureClaim,
  scope: { service: string; region: string },
  now: Date,
): void {
  const signed = instant(claim.date);
  const current = now.getTime();
  const lifetime = claim.expires === undefined ? MAX_SKEW : claim.expires * 1000;
  const allowance = claim.expires === undefined ? "5 min." : `${claim.expires} s.`;
  if (signed < current - lifetime) {
    throw invalid(
      `Signature expired: ${claim.date} is now earlier than ${basicFormat(current - lifetime)} (${basicFormat(current)} - ${allowance})`,
    );
  }
  if (signed > current + MAX_SKEW) {
    throw invalid(
      `Signature not yet current: ${claim.date} is still later than ${basicFormat(current + MAX_SKEW)} (${basicFormat(current)} + 5 min.)`,
    );
  }
  const elements = `${claim.accessKeyId}/${claim.scope}`.split("/").length;
  if (elements !== 5) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${elements} elements'`,
    );
  }
  if (claim.scopeRegion !== scope.region) {
    throw invalid(
      "Credential should be scoped to a valid region. ",
      `the credential is scoped to region '${claim.scopeRegion}', this account answers for '${scope.region}'`,
    );
  }
  if (claim.scopeService !== scope.service)
    throw invalid(`Credential should be scoped to correct service: '${scope.service}'. `);
  if (claim.scopeTerminator !== "aws4_request") {
    throw invalid("Credential should be scoped with a valid terminator: 'aws4_request'. ");
  }
  if (claim.scopeDate !== claim.date.slice(0, 8)) {
    throw invalid(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${claim.scopeDate}' != '${claim.date.slice(0, 8)}', from '${claim.date}'.`,
    );
  }
}

/** AWS's signer, opened up as far as a verifier needs it. */
class Canonicalizer extends SignatureV4Base {
  constructor() {
    super({ service: "", region: "", credentials: { accessKeyId: "", secretAccessKey: "" }, sha256: Sha256 });
  }

  async strings(
    request: HttpRequest,
    claim: SignatureClaim,
  ): Promise<{ canonicalRequest: string; stringToSign: string }> {
    const headers = Object.fromEntries(claim.signedHeaders.map((name) => [name, signedValue(request, name)]));
    const query = parseQuery(request.query);
    const canonicalRequest = this.createCanonicalRequest(
      new SmithyRequest({ method: request.method, path: utf8(request.path), query, headers }),
      getCanonicalHeaders(new SmithyRequest({ headers }), undefined, new Set(claim.signedHeaders)),
      createHash("sha256").update(request.body).digest("hex"),
    );
    return {
      canonicalRequest,
      stringToSign: await this.createStringToSign(claim.date, claim.scope, canonicalRequest, ALGORITHM),
    };
  }
}

const canonicalizer = new Canonicalizer();

/**
 * Recomputes the signature.
 *
 * @throws AuthenticationError with the canonical request and the string to sign that were expected, as AWS does
 */
export async function verifySignature(
  request: HttpRequest,
  claim: SignatureClaim,
  secretAccessKey: string,
): Promise<void> {
  const absent = claim.signedHeaders.filter((name) => header(request, name) === undefined);
  const { canonicalRequest, stringToSign } = await canonicalizer.strings(request, claim);
  const credentials = { accessKeyId: claim.accessKeyId, secretAccessKey };
  const key = await getSigningKey(
    Sha256,
    credentials,
    claim.scopeDate,
    claim.scopeRegion,
    claim.scopeService,
  );
  const expected = createHmac("sha256", key).update(stringToSign).digest();
  const given = Buffer.from(claim.signature, "hex");
  if (
    claim.signature.length === 64 &&
    given.length === expected.length &&
    timingSafeEqual(given, expected) &&
    absent.length === 0
  ) {
    return;
  }
  throw invalid(
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n" +
      `The Canonical String for this request should have been\n'${canonicalRequest}'\n\nThe String-to-Sign should have been\n'${stringToSign}'\n`,
    absent.length > 0
      ? `signed headers that the request doesn't carry: ${absent.join(", ")}`
      : "the signature differs: a wrong secret key, or the path, query, a signed header or the body changed after signing",
  );
}

type Query = Record<string, string | string[]>;

/**
 * The query's names and values, decoded; `+` is a plus sign, as in RFC 3986.
 *
 * @throws AuthenticationError for a percent sign that isn't followed by two hexadecimal digits
 */
function parseQuery(raw: string): Query {
  const query: Query = Object.create(null);
  for (const pair of raw.split("&").filter((one) => one !== "")) {
    const equals = pair.indexOf("=");
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? "" : decode(pair.slice(equals + 1));
    const earlier = query[name];
    query[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  return query;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(utf8(text));
  } catch {
    throw incomplete("The request's query string holds an invalid percent-encoding.");
  }
}

/** Duplicate headers are joined by a comma, each value trimmed on its own. */
function signedValue(request: HttpRequest, name: string): string {
  return request.headers
    .filter(([key]) => key.toLowerCase() === name)
    .map(([, value]) => utf8(value).trim())
    .join(",");
}

/** Node reads request lines and headers as Latin-1; signatures are over the bytes, which are UTF-8. */
function utf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
