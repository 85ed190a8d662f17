/** Keeps an account's file to one account at a time: two would write over each other's changes. */
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

/** Another account keeps itself in the file. */
export class AccountFileInUse extends Error {
  override readonly name = "AccountFileInUse";

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

/**
 * Takes `FILE.lock`, which holds this process's id, or takes it over from a process that is dead.
 *
 * @returns what gives it back; it is also given back when the process exits
 * @throws AccountFileInUse
 * @throws Error of the file system
 */
export function lockAccountFile(file: string): () => void {
  const lock = `${realPath(file)}.lock`;
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
    if (held.delete(lock)) rmSync(lock, { force: true });
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
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = ownerOf(lock);
    if (owner !== undefined && lives(owner, lock)) throw new AccountFileInUse(file, owner, lock);
    discard(lock, owner);
  }
}

/** Removes a dead process's lock, unless another process has just put its own in its place: that one is put back. */
function discard(lock: string, owner: number | undefined): void {
  const aside = `${lock}.${randomUUID()}`;
  try {
    renameSync(lock, aside);
    if (ownerOf(aside) !== owner) linkSync(aside, lock);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** undefined when the lock is gone meanwhile, or holds no process's id. */
function ownerOf(lock: string): number | undefined {
  try {
    const text = readFileSync(lock, "utf8").trim();
    return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function lives(pid: number, lock: string): boolean {
  if (pid === process.pid) return held.has(lock);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of another user can't be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return resolve(file);
  }
}
