/** The account in a file, so that it survives a restart: readable JSON, replaced as a whole, for its owner's eyes only. */
import { readFileSync } from "node:fs";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";
import { type AccountState, emptyAccountState } from "./account";
import { reviveDictionary } from "./dictionary";
import { isAccountId, isRegion, isRootKeyPair } from "./options";

const FORMAT = "local-aws-account";
/** Changes whenever an earlier file could not be read as it is. */
const VERSION = 1;

interface SavedAccount {
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
  readonly rootCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly state: AccountState;
}

/** A file that doesn't hold an account of this version; it is left as it is. */
export class UnusableAccountFile extends Error {
  override readonly name = "UnusableAccountFile";

  constructor(
    readonly file: string,
    reason: string,
  ) {
    super(
      `${file} can't be used as the account's data: ${reason}. It was left untouched. Name another file, or move this one away to start with an empty account.`,
    );
  }
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
        if (!isRecord(value))
          context.addIssue({ code: "custom", path: [key], message: "it must be an object" });
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
  state: z.object(Object.fromEntries(shapes)),
});

/**
 * Reads an account.
 *
 * @returns undefined when there is no such file yet
 * @throws UnusableAccountFile
 */
export function readAccount(file: string): SavedAccount | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new UnusableAccountFile(file, `it can't be read (${code})`);
  }
  let content: { format?: unknown; version?: unknown } | null;
  try {
    content = JSON.parse(text, reviveDictionary);
  } catch {
    throw new UnusableAccountFile(file, "it isn't JSON, or not all of it is there");
  }
  if (content?.format !== FORMAT) throw new UnusableAccountFile(file, "it isn't an account of local AWS");
  if (content.version !== VERSION) {
    throw new UnusableAccountFile(
      file,
      `it has version ${content.version}, and this program reads version ${VERSION}`,
    );
  }
  const parsed = saved.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UnusableAccountFile(file, `it is damaged at ${issue?.path.join(".")} (${issue?.message})`);
  }
  // Not the copy: it would have no dictionaries.
  return content as unknown as SavedAccount;
}

/** Writes an account whenever it differs from what is in the file. */
export class AccountFile {
  #written = "";
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    readonly file: string,
    private readonly account: () => SavedAccount,
  ) {}

  /**
   * Resolves when everything that was true at the time of the call is in the file; after `close` it does nothing.
   *
   * @throws Error of the file system; the next call tries again
   */
  save(): Promise<void> {
    if (this.#closed) return this.#writing;
    this.#writing = this.#writing.catch(() => {}).then(() => this.write());
    return this.#writing;
  }

  /** Saves for the last time: from now on the file may be another account's. */
  close(): Promise<void> {
    const saved = this.save();
    this.#closed = true;
    return saved;
  }

  private async write(): Promise<void> {
    const text = `${JSON.stringify({ format: FORMAT, version: VERSION, ...this.account() }, null, 2)}\n`;
    if (text === this.#written) return;
    await writeFileAtomic(this.file, text, { mode: 0o600 });
    this.#written = text;
  }
}
