/**
 * Writes an account into its file: what has changed as one line for all who wait for it, and now and then all of it anew, beside the
 * answers. Whatever goes wrong has the next write begin anew, so that no line ever follows a broken one.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type AccountState, emptyAccountState } from ".";
import { Changes } from "./changes";
import { accountText, changesHead, type SavedAccount } from "./file";
import { accountFilePath } from "./file-path";

/** Bytes of changes that a file may have, however small its JSON is. Else they may have as many as the JSON. */
const SMALLEST_LIMIT = 1024 * 1024;

/** Characters of JSON that are made at once; answers come between them. */
const PIECE = 64 * 1024;

/** A file that holds the account: its JSON and, once there are any, lines of changes. */
interface Written {
  /** What it holds the changes of. A reset begins another state, with other changes. */
  readonly changes: Changes<AccountState>;
  readonly handle: FileHandle;
  readonly inode: number;
  /** Of the JSON. */
  readonly sha256: string;
  /** Bytes of the JSON. */
  readonly json: number;
  /** Bytes of JSON and lines. */
  size: number;
}

export class AccountFile {
  readonly #path: string;
  /**
   * What is written before it takes the file's place. It holds the account's secrets and has one name, so that a process that is
   * killed leaves one such file at most, and the first write of the next one removes it.
   */
  readonly #temporary: string;
  readonly #settings: Omit<SavedAccount, "state">;
  #changes = new Changes(emptyAccountState());
  /** Undefined when the next write has to begin anew. */
  #written: Written | undefined;
  /** The file that grew is being written anew. */
  #renewing: Promise<void> | undefined;
  /** What has been written anew and waits to take the file's place. */
  #renewed: Written | undefined;
  /** Lines that came into the file since it is being written anew. */
  #since: string[] = [];
  /** Bytes of changes above which the file is written anew. */
  #limit = SMALLEST_LIMIT;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #closed = false;

  /**
   * Whoever makes one holds the file's lock.
   *
   * @throws Error of the file system
   */
  constructor(file: string, settings: Omit<SavedAccount, "state">) {
    this.#path = accountFilePath(file);
    this.#temporary = `${this.#path}.tmp`;
    this.#settings = settings;
  }

  /** Has the file hold this state from now on; returns it as it may be changed. */
  keep(state: AccountState): AccountState {
    this.#changes = new Changes(state);
    return this.#changes.view;
  }

  /**
   * Resolves when everything that was true at the time of the call is in the file; after `close` it does nothing.
   *
   * @throws Error of the file system; the next call tries again
   */
  save(): Promise<void> {
    const unchanged = this.#written?.changes === this.#changes && !this.#changes.pending;
    return this.#closed || unchanged ? this.#writing : this.#takeTurn();
  }

  /** Saves for the last time, as JSON alone: from now on the file may be another account's. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#writing = this.#writing.catch(() => {}).then(() => this.#end());
    }
    return this.#writing;
  }

  /** Whoever comes while another write is running goes with the next one. */
  #takeTurn(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#write();
      });
    this.#writing = this.#next;
    return this.#writing;
  }

  async #write(): Promise<void> {
    try {
      const written = await this.#inPlace();
      if (written === undefined) {
        await this.#discard();
        await this.#replace(await this.#writeAnew());
      } else if (this.#renewed !== undefined) {
        await this.#replace(this.#renewed);
      } else {
        await this.#appendTo(written);
      }
    } catch (error) {
      await this.#discard();
      throw error;
    }
  }

  async #end(): Promise<void> {
    try {
      const { changes, size, json } = this.#written ?? {};
      if (changes !== this.#changes || changes.pending || size !== json) {
        await this.#discard();
        await this.#write();
      }
    } finally {
      await this.#discard();
    }
  }

  /** What is written, if the next line may come after it: the file may have been removed or replaced, and the account reset. */
  async #inPlace(): Promise<Written | undefined> {
    const written = this.#written;
    const found = await stat(this.#path).catch(() => undefined);
    const same = found?.ino === written?.inode && found?.size === written?.size;
    return same && written?.changes === this.#changes ? written : undefined;
  }

  async #appendTo(written: Written): Promise<void> {
    const line = written.changes.take();
    if (line === undefined) {
      return;
    }
    if (this.#renewing !== undefined) {
      this.#since.push(line);
    }
    await append(written, [line]);
    // There is one temporary file.
    const renews = this.#renewing !== undefined || this.#renewed !== undefined;
    if (written.size - written.json > this.#limit && !renews) {
      this.#renewing = this.#renew();
    }
  }

  async #renew(): Promise<void> {
    try {
      this.#renewed = await this.#writeAnew();
      if (!this.#closed) {
        // Who waits for it is told when it fails.
        this.#takeTurn().catch(() => {});
      }
    } catch {
      // All is in the file as it is. On a full disk, not every line is to try again.
      this.#limit *= 2;
    } finally {
      this.#renewing = undefined;
    }
  }

  /** The JSON, complete and on the disk, or a crash of the machine would leave an empty file. */
  async #writeAnew(): Promise<Written> {
    const changes = this.#changes;
    this.#since = [];
    // Never over what is there: a link in its place would have the secrets written elsewhere.
    await rm(this.#temporary, { force: true });
    const handle = await open(this.#temporary, "wx", 0o600);
    try {
      await this.#keepOwner(handle);
      const hash = createHash("sha256");
      let piece = "";
      const write = async () => {
        hash.update(piece);
        await handle.appendFile(piece);
        piece = "";
      };
      for (const text of accountText({ ...this.#settings, state: changes.state })) {
        piece += text;
        if (piece.length >= PIECE) {
          await write();
        }
      }
      await write();
      await handle.sync();
      const { size, ino } = await handle.stat();
      return { changes, handle, inode: ino, sha256: hash.digest("hex"), json: size, size };
    } catch (error) {
      await handle.close();
      await rm(this.#temporary, { force: true });
      throw error;
    }
  }

  /** Puts what was written anew into the file's place, with what has changed meanwhile: of that, the JSON has one part or another. */
  async #replace(renewed: Written): Promise<void> {
    this.#renewed = renewed;
    const last = renewed.changes.take();
    await append(renewed, last === undefined ? this.#since : [...this.#since, last]);
    await rename(this.#temporary, this.#path);
    await syncDirectory(dirname(this.#path));
    const before = this.#written;
    this.#written = renewed;
    this.#renewed = undefined;
    this.#limit = Math.max(SMALLEST_LIMIT, renewed.json);
    await before?.handle.close();
  }

  /** Lets go of all that is written; what is in the file's place stays there. */
  async #discard(): Promise<void> {
    await this.#renewing;
    const handles = [this.#written, this.#renewed].flatMap((written) => written?.handle ?? []);
    if (this.#renewed !== undefined) {
      await rm(this.#temporary, { force: true });
    }
    this.#written = undefined;
    this.#renewed = undefined;
    await Promise.all(handles.map((handle) => handle.close()));
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

/** Resolves when the lines are on the disk. */
async function append(written: Written, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) {
    return;
  }
  const head = written.size === written.json ? [changesHead(written.sha256)] : [];
  const bytes = Buffer.from([...head, ...lines].map((line) => `${line}\n`).join(""));
  await written.handle.appendFile(bytes);
  await written.handle.datasync();
  written.size += bytes.length;
}

/** Else a crash of the machine could bring the file back that was there before, without the lines that came since. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
