/** What an account may be started with; anything else would only be refused later, by a client or by the next start. */
import { inspect } from "node:util";
import type { ConditionContext } from "../../iam-policy/context";

/** One permission that a caller needed, as IAM was asked for it. */
export interface AccessRecord {
  /** The caller's ARN. */
  readonly caller: string;
  /** e.g. `lambda:CreateFunction` */
  readonly action: string;
  /** An ARN, or `*` where the action is on none. */
  readonly resource: string;
  /** The operation's own condition keys, such as `aws:RequestTag/team` or `iam:PassedToService`. */
  readonly context: ConditionContext;
  readonly allowed: boolean;
}

export interface LocalAwsOptions {
  /** From 0 to 65535; 0 takes a free one, as suites that run beside each other need it. @default 0 */
  readonly port?: number;
  /** The account answers for this region only. @default us-east-1 */
  readonly region?: string;
  /** Twelve digits. @default 123456789012 */
  readonly accountId?: string;
  /** The root user's access key, a long-term one. @default - a random one */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * The account's clock. It is asked whenever time matters, so a test moves it by answering otherwise: sessions, tokens and the
   * retention of logs expire, signatures must be of its time, throttling buckets fill up. It moves no timer: a function's
   * time-out, `requestTimeout` and the lifetime of an idle function's process take real time. Clients sign by their own clock:
   * give them the difference (`systemClockOffset` of the SDK for JavaScript), after every answer again if need be.
   *
   * @default - the machine's
   */
  readonly now?: () => Date;
  /** Milliseconds that a client has for sending a whole request, before it is answered 408 and hung up on. @default 60000 */
  readonly requestTimeout?: number;
  /** Receives what the account wants to tell: every refusal with its reasons, and its own faults; no secrets. @default - nothing is told */
  readonly log?: (line: string) => void;
  /** Tells the log of everything that was allowed as well. @default false */
  readonly explain?: boolean;
  /**
   * Public keys of OpenID Connect issuers by their URL, e.g. of a test's own under `https://token.actions.githubusercontent.com`, in
   * place of those that the issuer publishes. The account needs the provider all the same, before STS takes the issuer's tokens. Of
   * any other provider the keys are fetched from `https://ISSUER/.well-known/openid-configuration` and the `jwks_uri` that it names,
   * when a token for one of its client ids comes; certificates are checked as Node does (`NODE_EXTRA_CA_CERTS` adds a private CA).
   *
   * @default - none are given
   */
  readonly oidcKeys?: Readonly<Record<string, KeySet>>;
  /**
   * Told every question of whether a caller may do something, allowed or refused: the permissions that a program needs are those
   * that it was asked for. Unlike {@link LocalAws.decisions} it is data and nothing is dropped.
   *
   * @default - nobody is told
   */
  readonly onAccess?: (access: AccessRecord) => void;
  /**
   * A file that keeps the account: read at the start if it exists, and written before the answer to whatever changed the account. It is
   * JSON, with lines of changes after it until the account is stopped, also when it is killed.
   * It also keeps account id, region and root credentials, so what was exported for an earlier run stays valid. It holds secrets
   * and is readable for its owner only. `FILE.lock` beside it keeps other accounts out while this one runs, `FILE.tmp` is what is about to
   * take its place; the next start removes what a killed process has left of them.
   *
   * @default - everything is in memory
   */
  readonly data?: string;
}

/** A JSON Web Key Set of public keys, each with a `kid`. */
export interface KeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** An option of `startLocalAws` that no account can have. */
export class InvalidOptionError extends Error {
  override readonly name = "InvalidOptionError";

  constructor(
    readonly option: keyof LocalAwsOptions,
    readonly allowed: string,
    shown: string,
  ) {
    super(`The option ${option}${shown} can't be used: give ${allowed}.`);
  }
}

export const isAccountId = (value: unknown): boolean => typeof value === "string" && /^\d{12}$/.test(value);

export const isRegion = (value: unknown): boolean =>
  typeof value === "string" && /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(value);

/** Members that only a private key has: RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1. */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isPublicKey = (key: unknown): boolean =>
  isRecord(key) &&
  (key.kty === "RSA" || key.kty === "EC") &&
  typeof key.kid === "string" &&
  key.kid !== "" &&
  !PRIVATE_MEMBERS.some((member) => member in key);

/** Whether the value maps issuers to sets of public keys. */
export const isOidcKeys = (value: unknown): boolean =>
  isRecord(value) &&
  Object.entries(value).every(
    ([issuer, set]) =>
      /^https:\/\/\S+$/.test(issuer) &&
      isRecord(set) &&
      Array.isArray(set.keys) &&
      set.keys.length > 0 &&
      set.keys.every(isPublicKey),
  );

const isWhole = (value: unknown, least: number, most: number) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/** Signatures carry the key's id between slashes; one that begins with ASIA is a session's. */
export const isRootKeyPair = (value: unknown): boolean => {
  const { accessKeyId, secretAccessKey } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof accessKeyId === "string" &&
    /^(?!ASIA)\w{1,128}$/.test(accessKeyId) &&
    typeof secretAccessKey === "string" &&
    secretAccessKey !== ""
  );
};

/** A timer of Node waits at most this many milliseconds. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

const RULES: Readonly<
  Record<string, { readonly allowed: string; readonly holds: (value: unknown) => boolean }>
> = {
  port: { allowed: "a whole number from 0 to 65535", holds: (value) => isWhole(value, 0, 65_535) },
  region: { allowed: "the name of a region, such as us-east-1", holds: isRegion },
  accountId: { allowed: "a text of twelve digits", holds: isAccountId },
  credentials: {
    allowed:
      "a long-term key pair: an accessKeyId of letters, digits and underscores that doesn't begin with ASIA, and a secretAccessKey",
    holds: isRootKeyPair,
  },
  requestTimeout: {
    allowed: `a whole number of milliseconds from 1 to ${LONGEST_TIMEOUT}`,
    holds: (value) => isWhole(value, 1, LONGEST_TIMEOUT),
  },
  oidcKeys: {
    allowed:
      "an object of issuers (https://…), each with a JSON Web Key Set of public RSA or EC keys that have a kid",
    holds: isOidcKeys,
  },
  data: {
    allowed: "the path of a file",
    holds: (value) => typeof value === "string" && value !== "" && !value.includes("\0"),
  },
};

/** @throws InvalidOptionError for the first option that isn't sound */
export function checkOptions(options: LocalAwsOptions): void {
  for (const [name, { allowed, holds }] of Object.entries(RULES)) {
    const option = name as keyof LocalAwsOptions;
    const value: unknown = options[option];
    if (value === undefined || holds(value)) {
      continue;
    }
    // Half a key pair is a secret too, and so is a private key.
    const shown = option === "credentials" || option === "oidcKeys" ? "" : ` (${inspect(value)})`;
    throw new InvalidOptionError(option, allowed, shown);
  }
}
