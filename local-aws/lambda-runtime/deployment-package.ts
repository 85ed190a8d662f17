/** A function's zip: checked as Lambda checks it when it's uploaded, and unpacked for an execution environment. */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; bytes */
export const MAXIMUM_ZIPPED = 50 * 1024 * 1024;
const MAXIMUM_UNZIPPED = 262_144_000;

/** The package is no zip that Lambda would take; the message is in Lambda's words. */
export class UnusablePackage extends Error {
  override readonly name = "UnusablePackage";
}

const DISCARD = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * Reads the whole package and throws away what it reads.
 *
 * @throws UnusablePackage when it is empty, damaged, too large once unzipped, or names a file outside of itself
 */
export async function checkPackage(zip: Buffer): Promise<void> {
  await readPackage(zip, async (_entry, content) => pipeline(content, DISCARD()));
}

/** Unpacks a package into an existing directory. @throws UnusablePackage as `checkPackage` does */
export async function unpackPackage(zip: Buffer, directory: string): Promise<void> {
  await readPackage(zip, async (entry, content) => {
    const path = join(directory, entry.fileName);
    await mkdir(dirname(path), { recursive: true });
    const executable = (entry.externalFileAttributes >>> 16) & 0o111;
    await pipeline(content, createWriteStream(path, { mode: executable ? 0o755 : 0o644 }));
  });
}

/** Goes through the archive twice: what it declares is checked before anything is unpacked. */
async function readPackage(
  zip: Buffer,
  visit: (entry: Entry, content: Readable) => Promise<void>,
): Promise<void> {
  try {
    let files = 0;
    let size = 0;
    for await (const { entry } of filesOf(zip)) {
      files += 1;
      size += entry.uncompressedSize;
    }
    if (files === 0) throw new UnusablePackage("Uploaded file must be a non-empty zip");
    if (size > MAXIMUM_UNZIPPED) {
      throw new UnusablePackage(`Unzipped size must be smaller than ${MAXIMUM_UNZIPPED} bytes`);
    }
    for await (const { entry, archive } of filesOf(zip)) {
      await visit(entry, await archive.openReadStreamPromise(entry));
    }
  } catch (error) {
    if (error instanceof UnusablePackage) throw error;
    throw new UnusablePackage(
      "Could not unzip uploaded file. Please check your file, then try to upload again.",
      {
        cause: error,
      },
    );
  }
}

/** yauzl refuses absolute names, names that climb with `..`, and entries that unpack to more than they declare. */
async function* filesOf(zip: Buffer): AsyncGenerator<{ entry: Entry; archive: ZipFile }> {
  const archive = await fromBufferPromise(zip, { lazyEntries: true });
  for await (const entry of archive.eachEntry()) {
    if (!entry.fileName.endsWith("/")) yield { entry, archive };
  }
}
