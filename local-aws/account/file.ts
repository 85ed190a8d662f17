/**
 * The account in a file, so that it survives a restart: readable JSON, and after it, a line for each write, what has changed since the
 * JSON was written. All is in one file, so that nobody can move the one without the other. When the account is stopped, and when the
 * lines have grown as long as the JSON, it is written anew, as JSON alone; `file-writer.ts` does that.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { type AccountState, emptyAccountState } from ".";
import { applyChange, type Change } from "./changes";
import { dictionary, reviveDictionary } from "./dictionary";
import { jsonText } from "./json-text";
import { isAccountId, isRegion, isRootKeyPair } from "./options";
import { emptyStsState, isSealingKey } from "./state/sts";
import { UnusableAccountFileError } from "./unusable-account-file-error";

const FORMAT = "local-aws-account";
/** Changes whenever an earlier file could not be read as it is. */
const VERSION = 1;

/** The JSON's last line is the only one that is a lone brace without indentation. */
const JSON_END = "\n}\n";

/** How the first line after the JSON begins. */
const CHANGES = '{"format":"local-aws-account-changes","of":';

export interface SavedAccount {
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
  readonly rootCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly state: AccountState;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The members that an empty account has are in every account: records by id or name, whose values are objects. */
function shapeOf(section: object) {
  const members = Object.entries(section).filter(([, empty]) => isRecord(empty));
  const record = z
    .custom<Record<string, unknown>>(isRecord, "it must be a record")
    .superRefine((entries, context) => {
      for (const [key, value] of Object.entries(entries)) {
        if (!isRecord(value)) {
          context.addIssue({ code: "custom", path: [key], message: "it must be an object" });
        }
      }
    });
  return z.looseObject(Object.fromEntries(members.map(([name]) => [name, record])));
}

const shapes = Object.entries(emptyAccountState()).map(
  ([name, section]) => [name, shapeOf(section as object)] as const,
);

/** Derived from an empty account, so that it can't fall behind the state. What is inside an entry only this program has written. */
const saved = z.object({
  accountId: z.string().refine(isAccountId, "it must have twelve digits"),
  region: z.string().refine(isRegion, "it must be a region's name"),
  rootCredentials: z.custom(isRootKeyPair, "it must be a long-term key pair"),
  state: z.object(Object.fromEntries(shapes)).extend({
    sts: z.object({ sealingKey: z.custom(isSealingKey, "it must be the base64 of 32 bytes") }),
  }),
});

/**
 * Reads an account.
 *
 * @returns undefined when there is no such file yet
 * @throws UnusableAccountFileError
 */
export function readAccount(file: string): SavedAccount | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      return undefined;
    }
    throw new UnusableAccountFileError(file, `it can't be read (${code})`);
  }
  const { json, changes } = split(bytes);
  let content: { format?: unknown; version?: unknown; state?: { iam?: unknown; sts?: unknown } } | null;
  try {
    content = JSON.parse(json.toString(), reviveDictionary);
  } catch {
    throw new UnusableAccountFileError(file, "it isn't JSON, or not all of it is there");
  }
  if (content?.format !== FORMAT) {
    throw new UnusableAccountFileError(file, "it isn't an account of local AWS");
  }
  if (content.version !== VERSION) {
    throw new UnusableAccountFileError(
      file,
      `it has version ${content.version}, and this program reads version ${VERSION}`,
    );
  }
  replay(file, content, json, changes);
  addWhatCameLater(content);
  const parsed = saved.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UnusableAccountFileError(file, `it is damaged at ${issue?.path.join(".")} (${issue?.message})`);
  }
  // Not the copy: it would have no dictionaries.
  return content as unknown as SavedAccount;
}

/**
 * Up to 0.3.0 there were no OpenID Connect providers, and up to 0.4.0 sessions were kept here, which end with that; whatever else
 * such a file lacks is damage.
 */
function addWhatCameLater(content: { state?: { iam?: unknown; sts?: unknown } }): void {
  const { iam, sts } = content.state ?? {};
  if (isRecord(iam)) {
    iam.openIdConnectProviders ??= dictionary();
  }
  if (isRecord(sts) && isRecord(sts.sessions)) {
    delete sts.sessions;
    Object.assign(sts, emptyStsState());
  }
}

/** The JSON and the lines after it; the last line is dropped when it isn't whole: the process was killed before it had answered. */
function split(bytes: Buffer): { json: Buffer; changes: string[] } {
  const end = bytes.indexOf(JSON_END) + JSON_END.length;
  const rest = end < JSON_END.length ? "" : bytes.subarray(end).toString();
  // Not what is written by hand, with other indentation.
  const hasChanges = rest.startsWith(CHANGES) || CHANGES.startsWith(rest);
  return hasChanges && rest !== ""
    ? { json: bytes.subarray(0, end), changes: rest.split("\n").slice(0, -1) }
    : { json: bytes, changes: [] };
}

/** @throws UnusableAccountFileError */
function replay(file: string, content: object, json: Buffer, [head, ...lines]: readonly string[]): void {
  if (head === undefined) {
    return;
  }
  const lineOf = (index: number) => json.toString().split("\n").length + index;
  if (head !== changesHead(createHash("sha256").update(json).digest("hex"))) {
    throw new UnusableAccountFileError(
      file,
      `the changes from line ${lineOf(0)} on follow another JSON than the one that is before them: it was edited, or is another account's`,
      "Put the JSON back, or remove these lines to go without the changes.",
    );
  }
  for (const [index, line] of lines.entries()) {
    try {
      for (const change of JSON.parse(line, reviveDictionary) as Change[]) {
        applyChange((content as { state: object }).state, change);
      }
    } catch {
      throw new UnusableAccountFileError(file, `it is damaged at line ${lineOf(index + 1)}`);
    }
  }
}

/** The file's JSON, piece by piece. */
export function* accountText(account: SavedAccount): Generator<string> {
  yield* jsonText({ format: FORMAT, version: VERSION, ...account });
  yield "\n";
}

/** The line between the JSON and its changes. @param sha256 of the JSON */
export function changesHead(sha256: string): string {
  return `${CHANGES}${JSON.stringify(sha256)}}`;
}
