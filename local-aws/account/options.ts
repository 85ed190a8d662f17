/** What an account may be started with; anything else would only be refused later, by a client or by the next start. */
import { inspect } from "node:util";

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
    // Half a key pair is a secret too.
    const shown = option === "credentials" ? "" : ` (${inspect(value)})`;
    throw new InvalidOptionError(option, allowed, shown);
  }
}
