/** The one place that text passes on its way out: secrets are taken out of it, whether known beforehand or known by their form. */

const REMOVED = "[redacted]";

/** Secrets by their form. The order matters: a header's whole value goes before the parts of it are looked at. */
const FORMS: readonly (readonly [form: RegExp, replacement: string])[] = [
  [/(AWS4-HMAC-SHA256)[^"'\n]*Signature=[0-9a-f]+/gi, `$1 ${REMOVED}`],
  [/\b(authorization["']?\s*[:=]\s*["']?)[^"'\n]+/gi, `$1${REMOVED}`],
  [/\b(x-amz-security-token["']?\s*[:=]\s*["']?)[^\s"'&,}]+/gi, `$1${REMOVED}`],
  [/\b(x-amz-signature["']?\s*[:=]\s*["']?)[0-9a-f]+/gi, `$1${REMOVED}`],
  [/((?:secret_?access_?key|secret_?key|session_?token)["']?\s*[:=]\s*["']?)[^\s"'&,}]+/gi, `$1${REMOVED}`],
  // A JSON web token: base64url of `{"`, and two more parts (RFC 7515, section 7.1).
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, REMOVED],
  // Access key ids are no secret, but identify who made the call; the last four characters are enough to tell them apart.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  [/\b(?:AKIA|ASIA)[A-Z0-9]{8,124}([A-Z0-9]{4})\b/g, "…$1"],
];

/** Shorter values would take ordinary words out of a text. */
const SHORTEST_SECRET = 8;

/** Takes secrets out of texts; values that the harness came to know are added while it runs. */
export class Redactor {
  private readonly known = new Set<string>();

  /** Remembers a secret, so that it is removed wherever it turns up and whatever it looks like. */
  add(secret: string | undefined): void {
    if (secret !== undefined && secret.length >= SHORTEST_SECRET) {
      this.known.add(secret);
      this.known.add(encodeURIComponent(secret));
    }
  }

  /** The text without secrets. */
  text(text: string): string {
    let clean = text;
    for (const secret of this.known) {
      clean = clean.replaceAll(secret, REMOVED);
    }
    return FORMS.reduce((result, [form, replacement]) => result.replace(form, replacement), clean);
  }
}
