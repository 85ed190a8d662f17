/** The one place that everything passes on its way out: secrets are taken out of it, whether known beforehand or known by their form. */

import { REGION } from "./outputs";

const REMOVED = "[redacted]";

/** Secrets by their form. The order matters: a header's whole value goes before the parts of it are looked at. */
const FORMS: readonly (readonly [form: RegExp, replacement: string])[] = [
  [/(AWS4-HMAC-SHA256)[^"'\n]*Signature=[0-9a-f]+/gi, `$1 ${REMOVED}`],
  [/\b(authorization["']?\s*[:=]\s*["']?)[^"'\n]+/gi, `$1${REMOVED}`],
  [/\b(bearer\s+)[\w.~+/-]{8,}=*/gi, `$1${REMOVED}`],
  [/\b(x-amz-security-token["']?\s*[:=]\s*["']?)[^\s"'&,}]+/gi, `$1${REMOVED}`],
  [/\b((?:x-amz-)?signature["']?\s*[:=]\s*["']?)[0-9a-f]{16,}/gi, `$1${REMOVED}`],
  [/((?:secret_?access_?key|secret_?key|session_?token)["']?\s*[:=]\s*["']?)[^\s"'&,}]+/gi, `$1${REMOVED}`],
  // A JSON web token: base64url of `{"`, and two more parts (RFC 7515, section 7.1).
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, REMOVED],
  // How session tokens of AWS STS begin.
  [/\b(?:IQoJ|FwoG|FQoG)[\w+/%-]{20,}=*/g, REMOVED],
  // The form of secret access keys: 40 characters of base64, capital and small letters and digits among them.
  [
    /(?<![\w+/=.-])(?=[a-zA-Z+/]*\d)(?=[a-z\d+/]*[A-Z])(?=[A-Z\d+/]*[a-z])[A-Za-z\d+/]{40}(?![\w+/=.-])/g,
    REMOVED,
  ],
  // Access key ids are no secret, but identify who made the call; the last four characters are enough to tell them apart.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  [/\b(?:AKIA|ASIA)[A-Z0-9]{8,124}([A-Z0-9]{4})\b/g, "…$1"],
];

/** The id of an identity, or of a pool, for they look alike: REGION:GUID. */
const IDENTITY_ID = new RegExp(`\\b${REGION}(?::|%3A)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b`, "gi");
/** REGION:, and the first of the GUID's groups. */
const SHORTENED = /^.*?(?::|%3A)[0-9a-f]{8}/i;

/** Shorter values would take ordinary words out of a text. */
const SHORTEST_SECRET = 8;

/** What is shown that would otherwise be shortened. */
export interface RedactorOptions {
  /** Whether the ids of identities are shown in full. @default false - their region and first eight digits */
  readonly showIdentities?: boolean;
  /** How many secrets are remembered, the latest, for who comes to know very many. @default all */
  readonly latest?: number;
}

/** Takes secrets out of texts; values that the harness came to know are added while it runs. */
export class Redactor {
  private readonly known = new Set<string>();
  private readonly pools = new Set<string>();
  private readonly latest: number;

  constructor(private readonly options: RedactorOptions = {}) {
    this.latest = options.latest ?? Number.POSITIVE_INFINITY;
  }

  /** Remembers a secret, so that it is removed wherever it turns up, whatever it looks like, and however it is escaped. */
  add(secret: string | undefined): void {
    if (secret === undefined || secret.length < SHORTEST_SECRET) {
      return;
    }
    const encoded = encodeURIComponent(secret);
    const escaped = secret.replaceAll("/", "\\/");
    for (const form of [secret, encoded, encodeURIComponent(encoded), escaped]) {
      this.known.add(form);
    }
    // A set keeps the order in which its members came.
    for (const oldest of this.known) {
      if (this.known.size <= this.latest) {
        break;
      }
      this.known.delete(oldest);
    }
  }

  /** Remembers the signature in an `Authorization` header. */
  addSignature(authorization: string | undefined): void {
    this.add(/\bSignature=([0-9a-f]+)/.exec(authorization ?? "")?.[1]);
  }

  /** Remembers the id of a pool, which is not to be shortened as an identity's is. */
  neverShorten(identityPoolId: string): void {
    this.pools.add(identityPoolId);
  }

  /** Writes the text without secrets. */
  text(text: string): string {
    let clean = text;
    // The longest first: one secret may begin with another.
    for (const secret of [...this.known].sort((one, other) => other.length - one.length)) {
      clean = clean.replaceAll(secret, REMOVED);
    }
    clean = FORMS.reduce((result, [form, replacement]) => result.replace(form, replacement), clean);
    return this.options.showIdentities ? clean : clean.replace(IDENTITY_ID, (id) => this.shortened(id));
  }

  /** Copies plain data, every string of it without secrets. */
  all<T>(value: T): T {
    if (typeof value === "string") {
      return this.text(value) as T;
    }
    if (Array.isArray(value)) {
      return value.map((entry) => this.all(entry)) as T;
    }
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, this.all(entry)])) as T;
    }
    return value;
  }

  private shortened(id: string): string {
    return this.pools.has(id) ? id : `${SHORTENED.exec(id)?.[0]}…`;
  }
}
