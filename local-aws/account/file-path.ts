/** Where an account's file really is: one account must not be kept in two places, nor two in one, whichever names lead there. */
import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UnusableAccountFileError } from "./unusable-account-file-error";

/**
 * The file's path without symbolic links, also of a file that isn't there yet.
 *
 * @throws UnusableAccountFileError for a symbolic link that leads nowhere: writing would replace the link, beside whatever it is to be
 * @throws Error of the file system when there is no such directory
 */
export function accountFilePath(file: string): string {
  const path = resolve(file);
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
  }
  const target = linkTarget(path);
  if (target === undefined) {
    return join(realpathSync(dirname(path)), basename(path));
  }
  throw new UnusableAccountFileError(
    file,
    `it is a symbolic link (to ${target}) that leads nowhere`,
    "Name the file that is to be, or remove the link.",
  );
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
