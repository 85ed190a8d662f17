/** A function's zip: checked as Lambda checks it when it's uploaded, and unpacked for an execution environment. */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { type PackageEntry, packageEntry, requireDistinct } from "./package-entry";
import { UnusablePackageError } from "./unusable-package-error";

export { UnusablePackageError } from "./unusable-package-error";

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; bytes */
export const MAXIMUM_ZIPPED = 50 * 1024 * 1024;
const MAXIMUM_UNZIPPED = 262_144_000;

const DISCARD = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * Reads the whole package and throws away what it reads.
 *
 * @throws UnusablePackageError when it is empty, damaged, too large once unzipped, or can't be unpacked into a folder of its own
 */
export async function checkPackage(zip: Buffer): Promise<void> {
  await readPackage(zip, async (_file, content) => pipeline(content, DISCARD()));
}

/** Unpacks a package into an existing directory. @throws UnusablePackageError as `checkPackage` does */
export async function unpackPackage(zip: Buffer, directory: string): Promise<void> {
  await readPackage(zip, async (file, content) => {
    const path = join(directory, file.path);
    await mkdir(dirname(path), { recursive: true });
    // Where the system takes two names for one, as macOS does with `a` and `A`, the second doesn't replace the first unnoticed.
    await pipeline(content, createWriteStream(path, { flags: "wx", mode: file.executable ? 0o755 : 0o644 }));
  });
}

/** Goes through the archive twice: what it declares is checked before anything is unpacked. */
async function readPackage(
  zip: Buffer,
  visit: (file: PackageEntry, content: Readable) => Promise<void>,
): Promise<void> {
  try {
    const declared: PackageEntry[] = [];
    let size = 0;
    for await (const { entry } of entriesOf(zip)) {
      declared.push(packageEntry(entry));
      size += entry.uncompressedSize;
    }
    if (declared.every(({ folder }) => folder)) {
      throw new UnusablePackageError("Uploaded file must be a non-empty zip");
    }
    if (size > MAXIMUM_UNZIPPED) {
      throw new UnusablePackageError(`Unzipped size must be smaller than ${MAXIMUM_UNZIPPED} bytes`);
    }
    requireDistinct(declared);
    for await (const { entry, archive } of entriesOf(zip)) {
      const file = packageEntry(entry);
      if (!file.folder) {
        await visit(file, await archive.openReadStreamPromise(entry));
      }
    }
  } catch (error) {
    if (error instanceof UnusablePackageError) {
      throw error;
    }
    throw new UnusablePackageError(
      "Could not unzip uploaded file. Please check your file, then try to upload again.",
      {
        cause: error,
      },
    );
  }
}

/** yauzl refuses absolute names, names that climb with `..`, and entries that unpack to more than they declare. */
async function* entriesOf(zip: Buffer): AsyncGenerator<{ entry: Entry; archive: ZipFile }> {
  const archive = await fromBufferPromise(zip, { lazyEntries: true });
  for await (const entry of archive.eachEntry()) {
    yield { entry, archive };
  }
}
