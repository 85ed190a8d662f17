// The app as `cdktf synth` runs it: what it writes, the same every time, and how it refuses wrong settings.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const ROOT = path.join(__dirname, "..");
const { app } = JSON.parse(readFileSync(path.join(ROOT, "cdktf.json"), "utf8"));

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

const SETTINGS = [
  "STAGE",
  "AWS_REGION",
  "NAME_PREFIX",
  "DEVELOPER_PROVIDER_NAME",
  "ALLOWED_ORIGIN",
  "STATE_BUCKET",
  "PROTECT_IDENTITIES",
];

/** Runs the command of cdktf.json with these settings and no others. */
function run(settings: Record<string, string> = {}) {
  const outdir = mkdtempSync(path.join(tmpdir(), "main-"));
  directories.push(outdir);
  const inherited = Object.entries(process.env).filter(([name]) => !SETTINGS.includes(name));
  const { status, stderr } = spawnSync(app, {
    cwd: ROOT,
    shell: true,
    encoding: "utf8",
    env: { ...Object.fromEntries(inherited), ...settings, CDKTF_OUTDIR: outdir },
  });
  return { status, stderr, outdir };
}

/** Every file below a directory, by its relative path. */
function filesOf(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(directory, file), readFileSync(file, "base64")];
    }),
  );
}

test("with nothing set it declares both stacks, byte for byte the same each time", () => {
  const first = run();
  expect(first).toMatchObject({ status: 0, stderr: "" });
  const files = filesOf(first.outdir);
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining([
      path.join("stacks", "api", "cdk.tf.json"),
      path.join("stacks", "identity", "cdk.tf.json"),
    ]),
  );
  expect(filesOf(run().outdir)).toEqual(files);
});

test("wrong settings: one message without a stack trace, exit code 2, nothing written", () => {
  const { status, stderr, outdir } = run({ AWS_REGION: "Frankfurt", PROTECT_IDENTITIES: "maybe" });
  expect(status).toBe(2);
  expect(stderr.trimEnd().split("\n")).toEqual([
    "These settings cannot be used:",
    expect.stringMatching(/^ {2}AWS_REGION: found "Frankfurt"; allowed: ./),
    expect.stringMatching(/^ {2}PROTECT_IDENTITIES: found "maybe"; allowed: ./),
    "Nothing was synthesised.",
  ]);
  expect(readdirSync(outdir)).toEqual([]);
});
