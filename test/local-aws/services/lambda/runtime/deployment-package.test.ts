/** Deployment packages: Lambda's limits hold while unpacking, whatever the archive claims. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Zippable, zipSync } from "fflate";
import {
  checkPackage,
  UnusablePackageError,
  unpackPackage,
} from "../../../../../local-aws/services/lambda/runtime/deployment-package";
import { zipOf } from "../../../../support/zip";

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
  await expect(unpackPackage(zip, directory)).rejects.toThrow(UnusablePackageError);
  expect(existsSync(join(directory, "..", "outside"))).toBe(false);
});

/** An entry as a Unix program makes it, of the kind and permissions that `st_mode` tells. */
const unix = (mode: number, content = ""): Zippable[string] => [
  Buffer.from(content),
  { os: 3, attrs: mode << 16 },
];
const file = unix(0o100644, "x");

test.each<[string, Zippable, string]>([
  ["a symbolic link", { "link.js": unix(0o120777, "index.js") }, '"link.js" is a symbolic link'],
  ["a link that leads outside", { "link.js": unix(0o120777, "/etc/passwd") }, '"link.js" is a symbolic link'],
  ["a link to a folder", { "lib/": unix(0o120777, "/tmp"), "lib/a.js": file }, '"lib/" is a symbolic link'],
  [
    "a link of another system",
    { link: [Buffer.from("x"), { os: 19, attrs: 0o120777 << 16 }] },
    '"link" is a',
  ],
  ["a named pipe", { pipe: unix(0o010644) }, `"pipe" isn't a file`],
  ["a device", { null: unix(0o020666) }, `"null" isn't a file`],
  ["a folder by its kind only", { lib: unix(0o040755) }, `"lib" isn't a file`],
  ["a folder with content", { "lib/": unix(0o040755, "x") }, '"lib/" is a folder, and has content'],
  ["the name .", { ".": file }, `"." isn't the name of a file`],
  ["the name ./.", { "./.": file }, `"./." isn't the name of a file`],
  ["a name that ends with .", { "lib/.": file }, `"lib/." isn't the name of a file`],
  ["a name with . in it", { "lib/./a.js": file }, `"lib/./a.js" isn't the name of a file`],
  ["a name with an empty part", { "lib//a.js": file }, `"lib//a.js" isn't the name of a file`],
  ["no name", { "": file }, `"" isn't the name of a file`],
  ["a NUL in a name", { "a\0.js": file }, `"a\\u0000.js" isn't the name of a file`],
  ["a long name", { ["ä".repeat(128)]: file }, "has a part of more than 255 bytes"],
  ["a long path", { [`${"a/".repeat(450)}b`]: file }, "has more than 900 bytes"],
  ["a file in a file", { "index.js/x": file }, `"index.js/x" can't be in "index.js", which is a file`],
  ["a file deep in a file", { "index.js/x/y": file }, `"index.js/x/y" can't be in "index.js"`],
  ["a folder in a file", { "index.js/x/": unix(0o040755) }, `"index.js/x" can't be in "index.js"`],
  ["a folder of a file's name", { "index.js/": unix(0o040755) }, '"index.js" is there twice'],
  ["a file of the same name", { "./index.js": file }, '"index.js" is there twice'],
])("refuses %s beside index.js, by its name", async (_name, entries, message) => {
  // Merely sorted, these two would stand between index.js and what is in it.
  const zip = Buffer.from(
    zipSync({ "index.js": file, "index.js-x": file, "index.js.map": file, ...entries }),
  );
  await expect(checkPackage(zip)).rejects.toThrow(message);
  await expect(unpackPackage(zip, directory)).rejects.toThrow(UnusablePackageError);
  expect(readdirSync(directory)).toEqual([]);
});

test("takes folders, names with dots, and names that begin with ./", async () => {
  const zip = Buffer.from(
    zipSync({
      "./": unix(0o040755),
      "./index.js": unix(0o100644, "i"),
      "lib/": unix(0o100644),
      "lib/.hidden": unix(0o644, "h"),
      "lib/..a..": unix(0o100644, "a"),
      "lib.js": unix(0o100644, "l"),
      "empty/": unix(0),
    }),
  );
  await checkPackage(zip);
  await unpackPackage(zip, directory);
  expect(readdirSync(directory).sort()).toEqual(["index.js", "lib", "lib.js"]);
  expect(readdirSync(join(directory, "lib")).sort()).toEqual(["..a..", ".hidden"]);
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
