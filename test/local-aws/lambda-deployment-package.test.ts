/** Deployment packages: Lambda's limits hold while unpacking, whatever the archive claims. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import {
  checkPackage,
  UnusablePackage,
  unpackPackage,
} from "../../local-aws/lambda-runtime/deployment-package";
import { zipOf } from "./zip";

const CANNOT = "Could not unzip uploaded file. Please check your file, then try to upload again.";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "deployment-package-"));
});

afterEach(() => rmSync(directory, { recursive: true }));

test("unpacks files and folders, with their executable bit", async () => {
  const zip = zipSync({
    "a.js": Buffer.from("a"),
    "deep/down/b.sh": [Buffer.from("b"), { os: 3, attrs: 0o100755 << 16 }],
  });
  await unpackPackage(Buffer.from(zip), directory);
  expect(readFileSync(join(directory, "a.js"), "utf8")).toBe("a");
  expect(readFileSync(join(directory, "deep/down/b.sh"), "utf8")).toBe("b");
  expect(statSync(join(directory, "a.js")).mode & 0o111).toBe(0);
  expect(statSync(join(directory, "deep/down/b.sh")).mode & 0o111).not.toBe(0);
});

test.each([
  ["../outside", "../outside"],
  ["inner/../../outside", "inner/../../outside"],
  ["/outside", "/outside"],
  ["..\\outside", "..\\outside"],
  ["C:/outside", "C:/outside"],
])("refuses the path %s", async (_name, path) => {
  const zip = zipOf({ "index.js": "", [path]: "evil" });
  await expect(checkPackage(zip)).rejects.toThrow(CANNOT);
  await expect(unpackPackage(zip, directory)).rejects.toThrow(UnusablePackage);
  expect(existsSync(join(directory, "..", "outside"))).toBe(false);
});

/** Overwrites the unpacked size that the central directory declares for the only entry. */
function declaring(size: number): Buffer {
  const zip = zipOf({ "index.js": "x".repeat(100_000) });
  zip.writeUInt32LE(size, zip.lastIndexOf("PK\u0001\u0002", undefined, "latin1") + 24);
  return zip;
}

test("refuses what would unpack to more than 250 MB, without unpacking it", async () => {
  await expect(checkPackage(declaring(262_144_001))).rejects.toThrow(
    "Unzipped size must be smaller than 262144000 bytes",
  );
});

test.each([[10], [200_000]])("refuses an entry that declares %i bytes and has 100000", async (size) => {
  await expect(checkPackage(declaring(size))).rejects.toThrow(CANNOT);
});

test.each([
  ["nothing", Buffer.alloc(0), CANNOT],
  ["noise", Buffer.from("PK but not really"), CANNOT],
  ["a cut archive", zipOf({ "index.js": "x" }).subarray(0, 40), CANNOT],
  ["an archive without files", zipOf({}), "Uploaded file must be a non-empty zip"],
])("refuses %s", async (_name, zip, message) => {
  await expect(checkPackage(zip)).rejects.toThrow(message);
});
