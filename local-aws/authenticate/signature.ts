/**
 * Signature Version 4, the verifier's side. What a signature has to be is computed by AWS's own signer, so that a client's
 * signature (aws4's, the Terraform provider's) is never checked by the implementation that made it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { getSigningKey } from "@smithy/signature-v4";
import { type HttpRequest, header } from "../read/http-request";
import { AuthenticationError } from "./authentication-error";
import { Canonicalizer } from "./canonical-request";
import { basicFormat, type ParsedSignature, signingTime } from "./parsed-signature";
import { Sha256 } from "./sha256";
import { diagnose } from "./signature-diagnosis";

/** As for every service of this account. */
const ORDINARY = new Canonicalizer({});

/** How far a client's clock may be off, in milliseconds. */
const MAX_SKEW = 5 * 60 * 1000;

/**
 * Checks the time and the credential scope, in the order in which AWS reports them: a skewed clock before a wrong region. A
 * presigned URL that says nothing of its expiry is valid as long as a signature in the header.
 *
 * @throws AuthenticationError in AWS's words; faults of the scope share one message, as recorded in
 *   https://github.com/architect/dynalite
 */
export function checkTimeAndScope(
  parsed: ParsedSignature,
  scope: { service: string; region: string; globalRegion?: string },
  now: Date,
): void {
  const invalid = (message: string, explanation: string = message) =>
    new AuthenticationError("InvalidSignature", message, explanation);
  const signed = signingTime(parsed.date);
  const current = now.getTime();
  const lifetime = parsed.expires === undefined ? MAX_SKEW : parsed.expires * 1000;
  const allowance = parsed.expires === undefined ? "5 min." : `${parsed.expires} s.`;
  if (signed < current - lifetime) {
    throw invalid(
      `Signature expired: ${parsed.date} is now earlier than ${basicFormat(current - lifetime)} (${basicFormat(current)} - ${allowance})`,
    );
  }
  if (signed > current + MAX_SKEW) {
    throw invalid(
      `Signature not yet current: ${parsed.date} is still later than ${basicFormat(current + MAX_SKEW)} (${basicFormat(current)} + 5 min.)`,
    );
  }
  const credential = `${parsed.accessKeyId}/${parsed.scope}`;
  const elements = credential.split("/").length;
  if (elements !== 5) {
    throw new AuthenticationError(
      "IncompleteSignature",
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
      // Not repeated: where a secret key was given as the key's id, this is where it turns up.
      `the credential has ${elements} elements in place of 5; a secret key that was given as the key's id looks like this`,
    );
  }
  const day = parsed.date.slice(0, 8);
  const faults: [message: string, explanation: string][] = [];
  if (parsed.scopeRegion !== scope.region && parsed.scopeRegion !== scope.globalRegion) {
    faults.push([
      "Credential should be scoped to a valid region. ",
      `the credential is scoped to another region than '${scope.region}', for which this account answers`,
    ]);
  }
  if (parsed.scopeService !== scope.service) {
    faults.push([
      `Credential should be scoped to correct service: '${scope.service}'. `,
      `the credential is scoped to another service than '${scope.service}'`,
    ]);
  }
  if (parsed.scopeTerminator !== "aws4_request") {
    const message = "Credential should be scoped with a valid terminator: 'aws4_request'.";
    faults.push([message, message]);
  }
  if (parsed.scopeDate !== day) {
    faults.push([
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${parsed.scopeDate}' != '${day}', from '${parsed.date}'.`,
      `the credential is scoped to another day than the request's date, ${parsed.date}`,
    ]);
  }
  if (faults.length > 0) {
    throw invalid(faults.map(([message]) => message).join(""), faults.map(([, why]) => why).join("; "));
  }
}

/**
 * Recomputes the signature.
 *
 * @throws AuthenticationError with the canonical request and the string to sign that were expected, as AWS does
 */
export async function verifySignature(
  request: HttpRequest,
  parsed: ParsedSignature,
  secretAccessKey: string,
  canonicalizer: Canonicalizer = ORDINARY,
): Promise<void> {
  const names = [...new Set(parsed.signedHeaders.map((name) => name.toLowerCase()))].sort();
  const { canonicalRequest, stringToSign } = await canonicalizer.strings(request, parsed, names);
  const credentials = { accessKeyId: parsed.accessKeyId, secretAccessKey };
  const key = await getSigningKey(
    Sha256,
    credentials,
    parsed.scopeDate,
    parsed.scopeRegion,
    parsed.scopeService,
  );
  const signs = (text: string) =>
    constantTimeEqual(parsed.signature, createHmac("sha256", key).update(text).digest("hex"));
  const fault =
    listFault(request, parsed.signedHeaders, names) ??
    (signs(stringToSign)
      ? undefined
      : (diagnose(request, parsed, canonicalRequest, signs) ??
        "the signature differs: a wrong secret key, or the method, path, query, a signed header or the body changed after signing"));
  if (fault === undefined) {
    return;
  }
  throw new AuthenticationError(
    "InvalidSignature",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n" +
      `The Canonical String for this request should have been\n'${canonicalRequest}'\n\nThe String-to-Sign should have been\n'${stringToSign}'\n`,
    fault,
  );
}

/** Why a list of signed headers can't be right whatever the signature says. */
function listFault(
  request: HttpRequest,
  given: readonly string[],
  names: readonly string[],
): string | undefined {
  if (given.join(";") !== names.join(";")) {
    return "SignedHeaders isn't a sorted list of lower-case names";
  }
  if (names.some((name) => header(request, name) === undefined)) {
    return "the request lacks a header that was signed";
  }
  return undefined;
}

/** Compares in constant time. */
function constantTimeEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
