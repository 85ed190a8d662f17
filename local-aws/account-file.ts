/** The account in a file, so that it survives a restart: readable JSON, replaced as a whole, for its owner's eyes only. */
import { readFileSync } from "node:fs";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";
import { type AccountState, emptyAccountState } from "./account";
import { reviveDictionary } from "./dictionary";

const FORMAT = "local-aws-account";
/** Changes whenever an earlier file could not be read as it is. */
const VERSION = 1;

export interface SavedAccount {
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

const sections = Object.keys(emptyAccountState());

const saved = z.object({
  accountId: z.string().regex(/^\d{12}$/),
  region: z.string().min(1),
  rootCredentials: z.object({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) }),
  // Every section, each an object; what is in them only this program has written.
  state: z.object(Object.fromEntries(sections.map((section) => [section, z.looseObject({})]))),
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
  return parsed.data as unknown as SavedAccount;
}

/** Writes an account whenever it differs from what is in the file. */
export class AccountFile {
  #written = "";
  #writing: Promise<void> = Promise.resolve();

  constructor(
    readonly file: string,
    private readonly account: () => SavedAccount,
  ) {}

  /**
   * Resolves when everything that was true at the time of the call is in the file.
   *
   * @throws Error of the file system; the next call tries again
   */
  save(): Promise<void> {
    this.#writing = this.#writing.catch(() => {}).then(() => this.write());
    return this.#writing;
  }

  private async write(): Promise<void> {
    const text = `${JSON.stringify({ format: FORMAT, version: VERSION, ...this.account() }, null, 2)}\n`;
    if (text === this.#written) return;
    await writeFileAtomic(this.file, text, { mode: 0o600 });
    this.#written = text;
  }
}
