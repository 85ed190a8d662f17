/** Makes deployment packages for tests, in memory. */
import { strToU8, zipSync } from "fflate";

/** @param files contents by path */
export function zipOf(files: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(
    zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)]))),
  );
}
