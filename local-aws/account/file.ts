/** The account in a file, so that it survives a restart: readable JSON, replaced as a whole, for its owner's eyes only. */
import { readFileSync } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { z } from "zod";
import { type AccountState, emptyAccountState } from ".";
import { dictionary, reviveDictionary } from "./dictionary";
import { accountFilePath } from "./file-path";
import { isAccountId, isRegion, isRootKeyPair } from "./options";
import { UnusableAccountFileError } from "./unusable-account-file-error";

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
  state: z.object(Object.fromEntries(shapes)),
});

/**
 * Reads an account.
 *
 * @returns undefined when there is no such file yet
 * @throws UnusableAccountFileError
 */
export function readAccount(file: string): SavedAccount | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      return undefined;
    }
    throw new UnusableAccountFileError(file, `it can't be read (${code})`);
  }
  let content: { format?: unknown; version?: unknown; state?: { iam?: unknown } } | null;
  try {
    content = JSON.parse(text, reviveDictionary);
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
  addWhatCameLater(content);
  const parsed = saved.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UnusableAccountFileError(file, `it is damaged at ${issue?.path.join(".")} (${issue?.message})`);
  }
  // Not the copy: it would have no dictionaries.
  return content as unknown as SavedAccount;
}

/** Up to 0.3.0 there were no OpenID Connect providers; whatever else such a file lacks is damage. */
function addWhatCameLater(content: { state?: { iam?: unknown } }): void {
  const iam = content.state?.iam;
  if (isRecord(iam)) {
    iam.openIdConnectProviders ??= dictionary();
  }
}

/** Writes an account whenever it differs from what is in the file. Whoever makes one holds the file's lock. */
export class AccountFile {
  readonly #path: string;
  readonly #account: () => SavedAccount;
  /**
   * What is written before it takes the file's place. It holds the account's secrets and has one name, so that a process that is
   * killed leaves one such file at most, and the first write of the next one removes it.
   */
  readonly #temporary: string;
  #written = "";
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  /** @throws Error of the file system */
  constructor(file: string, account: () => SavedAccount) {
    this.#account = account;
    this.#path = accountFilePath(file);
    this.#temporary = `${this.#path}.tmp`;
  }

  /**
   * Resolves when everything that was true at the time of the call is in the file; after `close` it does nothing.
   *
   * @throws Error of the file system; the next call tries again
   */
  save(): Promise<void> {
    if (this.#closed) {
      return this.#writing;
    }
    this.#writing = this.#writing.catch(() => {}).then(() => this.#write());
    return this.#writing;
  }

  /** Saves for the last time: from now on the file may be another account's. */
  close(): Promise<void> {
    const saved = this.save();
    this.#closed = true;
    return saved;
  }

  async #write(): Promise<void> {
    const text = `${JSON.stringify({ format: FORMAT, version: VERSION, ...this.#account() }, null, 2)}\n`;
    if (text === this.#written) {
      return;
    }
    try {
      await this.#writeTemporary(text);
      await rename(this.#temporary, this.#path);
    } catch (error) {
      await rm(this.#temporary, { force: true });
      throw error;
    }
    this.#written = text;
  }

  /** It must be on the disk before it has the file's name, or a crash of the machine would leave an empty file. */
  async #writeTemporary(text: string): Promise<void> {
    // Never over what is there: a link in its place would have the secrets written elsewhere.
    await rm(this.#temporary, { force: true });
    const temporary = await open(this.#temporary, "wx", 0o600);
    try {
      await this.#keepOwner(temporary);
      await temporary.writeFile(text);
      await temporary.sync();
    } finally {
      await temporary.close();
    }
  }

  /** What runs as root doesn't take the file away from its user. */
  async #keepOwner(temporary: FileHandle): Promise<void> {
    if (process.getuid?.() !== 0) {
      return;
    }
    const owner = await stat(this.#path).catch(() => undefined);
    if (owner !== undefined) {
      await temporary.chown(owner.uid, owner.gid);
    }
  }
}
