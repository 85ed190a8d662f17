/** An entry of a function's zip: whether it is a file or a folder, and where it belongs. Anything else is refused by its name. */
import type { Entry } from "yauzl";
import { UnusablePackageError } from "./unusable-package-error";

/** Longest name of a file or folder on Linux and macOS, bytes. */
const LONGEST_NAME = 255;

/** Longest path in a package, bytes: with the task root before it, it fits into the 1,024 of macOS. */
const LONGEST_PATH = 900;

/** How much of a name is shown, characters. */
const SHOWN = 200;

/** The kind of a file in the upper half of an entry's attributes, as `st_mode` has it; 0 if its maker doesn't tell. */
const KIND = 0o170000;
const [UNTOLD, FOLDER, FILE, LINK] = [0, 0o040000, 0o100000, 0o120000];

export interface PackageEntry {
  /** Relative to the task root, with slashes; empty for the root itself. */
  readonly path: string;
  readonly folder: boolean;
  readonly executable: boolean;
}

/** @throws UnusablePackageError for what is neither a file nor a folder, or has a name that neither can have */
export function packageEntry(entry: Entry): PackageEntry {
  const { fileName: name } = entry;
  const mode = entry.externalFileAttributes >>> 16;
  const kind = mode & KIND;
  const folder = name.endsWith("/");
  if (kind === LINK) {
    throw refused(name, "is a symbolic link; put what it leads to into the package");
  }
  if (![UNTOLD, FILE, ...(folder ? [FOLDER] : [])].includes(kind)) {
    throw refused(name, "isn't a file");
  }
  if (folder && entry.uncompressedSize > 0) {
    throw refused(name, "is a folder, and has content");
  }
  return { path: pathOf(name, folder), folder, executable: (mode & 0o111) !== 0 };
}

/** @throws UnusablePackageError when two entries are to be in one place, or one in a file */
export function requireDistinct(entries: readonly PackageEntry[]): void {
  // With the least character between them, names stand directly behind the folder or file that they are in.
  const sorted = entries
    .map(({ path, folder }) => ({ key: path.replaceAll("/", "\0"), path, folder }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  sorted.reduce((before, entry) => {
    const same = before.key === entry.key;
    if (same && !(before.folder && entry.folder)) {
      throw refused(entry.path, "is there twice");
    }
    if (!before.folder && entry.key.startsWith(`${before.key}\0`)) {
      throw refused(entry.path, `can't be in ${quoted(before.path)}, which is a file`);
    }
    return entry;
  });
}

/** yauzl has refused absolute names and names that climb with `..`. Some programs begin every name with `./`. */
function pathOf(name: string, folder: boolean): string {
  const path = name.slice(0, folder ? -1 : undefined);
  if (folder && path === ".") {
    return "";
  }
  const relative = path.replace(/^\.\//, "");
  for (const part of relative.split("/")) {
    if (part === "" || part === "." || part.includes("\0")) {
      throw refused(name, "isn't the name of a file");
    }
    if (Buffer.byteLength(part) > LONGEST_NAME) {
      throw refused(name, `has a part of more than ${LONGEST_NAME} bytes`);
    }
  }
  if (Buffer.byteLength(relative) > LONGEST_PATH) {
    throw refused(name, `has more than ${LONGEST_PATH} bytes`);
  }
  return relative;
}

const quoted = (name: string) => JSON.stringify(name.slice(0, SHOWN));

function refused(name: string, why: string): UnusablePackageError {
  return new UnusablePackageError(`Could not unzip uploaded file: ${quoted(name)} ${why}.`);
}
