/** Keeps an account's file to one account at a time: two would write over each other's changes. */
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { accountFilePath } from "./file-path";
import { UnusableAccountFileError } from "./unusable-account-file-error";

/** Another account keeps itself in the file. */
export class AccountFileInUseError extends Error {
  override readonly name = "AccountFileInUseError";

  constructor(
    readonly file: string,
    readonly pid: number,
    lock: string,
  ) {
    super(
      `${file} is in use by the account of process ${pid}. Stop that account, or name another file; if process ${pid} isn't local AWS, remove ${lock}.`,
    );
  }
}

/** What this process has locked: a lock that bears its id and isn't here is left from an earlier process of the same id. */
const held = new Set<string>();

/** How much of a lock that isn't one is shown, characters. */
const SHOWN = 40;

/**
 * Takes `FILE.lock`, which holds this process's id, or takes it over from a process that is dead.
 *
 * @returns what gives it back; it is also given back when the process exits
 * @throws AccountFileInUseError
 * @throws UnusableAccountFileError when the lock doesn't tell whose it is, or the file is a symbolic link that leads nowhere
 * @throws Error of the file system
 */
export function lockAccountFile(file: string): () => void {
  const lock = `${accountFilePath(file)}.lock`;
  // Complete before it has its name, so that nobody reads half of it.
  const own = `${lock}.${randomUUID()}`;
  writeFileSync(own, `${process.pid}\n`, { flag: "wx", mode: 0o600 });
  try {
    take(file, lock, own);
  } finally {
    rmSync(own, { force: true });
  }
  held.add(lock);
  const release = () => {
    process.off("exit", release);
    if (held.delete(lock)) {
      rmSync(lock, { force: true });
    }
  };
  process.once("exit", release);
  return release;
}

function take(file: string, lock: string, own: string): void {
  for (;;) {
    try {
      // Unlike renaming, linking never replaces what is there.
      linkSync(own, lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw error;
      }
    }
    const owner = ownerOf(file, lock);
    if (owner !== undefined && lives(owner, lock)) {
      throw new AccountFileInUseError(file, owner, lock);
    }
    discard(file, lock, owner);
  }
}

/** Removes a dead process's lock, unless another process has just put its own in its place: that one is put back. */
function discard(file: string, lock: string, owner: number | undefined): void {
  const aside = `${lock}.${randomUUID()}`;
  try {
    renameSync(lock, aside);
    if (ownerOf(file, aside) !== owner) {
      linkSync(aside, lock);
    }
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      throw error;
    }
  } finally {
    rmSync(aside, { force: true });
  }
}

/**
 * Undefined when the lock is gone meanwhile, or empty, as a crash of the machine leaves it. 0 is no process: asked for, it would be
 * this process's own group, which always lives.
 *
 * @throws UnusableAccountFileError
 */
function ownerOf(file: string, lock: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(lock, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
  if (text === "") {
    return undefined;
  }
  if (/^[1-9]\d{0,9}$/.test(text)) {
    return Number(text);
  }
  throw new UnusableAccountFileError(
    file,
    `${lock} holds ${JSON.stringify(text.slice(0, SHOWN))}, which is no process's id, so it can't be told whether another account uses the file`,
    `If none does, remove ${lock}.`,
  );
}

function lives(pid: number, lock: string): boolean {
  if (pid === process.pid) {
    return held.has(lock);
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of another user can't be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
