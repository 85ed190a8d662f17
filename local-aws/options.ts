/** What an account may be started with; anything else would only be refused later, by a client or by the next start. */
import { inspect } from "node:util";
import type { LocalAwsOptions } from "./index";

/** An option of `startLocalAws` that no account can have. */
export class InvalidOption extends Error {
  override readonly name = "InvalidOption";

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

/** @throws InvalidOption for the first option that isn't sound */
export function checkOptions(options: LocalAwsOptions): void {
  for (const [name, { allowed, holds }] of Object.entries(RULES)) {
    const option = name as keyof LocalAwsOptions;
    const value: unknown = options[option];
    if (value === undefined || holds(value)) {
      continue;
    }
    // Half a key pair is a secret too.
    const shown = option === "credentials" ? "" : ` (${inspect(value)})`;
    throw new InvalidOption(option, allowed, shown);
  }
}
