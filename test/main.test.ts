// The app as `cdktf synth` runs it: what it writes, the same every time, and how it refuses wrong settings.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { SETTING_NAMES } from "../stacks/settings";

const ROOT = path.join(__dirname, "..");
/** tsx by its path: where the app runs in another directory, its name leads nowhere. */
const TSX = require.resolve("tsx");
const { app } = JSON.parse(readFileSync(path.join(ROOT, "cdktf.json"), "utf8"));

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** Runs the command of cdktf.json with these settings and no others, and if given with a file before the app. */
function run(settings: Record<string, string> = {}, cwd = ROOT, preloaded?: string) {
  const outdir = mkdtempSync(path.join(tmpdir(), "main-"));
  directories.push(outdir);
  const inherited = Object.entries(process.env).filter(([name]) => !SETTING_NAMES.includes(name));
  const { status, stderr } = spawnSync(
    app
      .replace("main.ts", path.join(ROOT, "main.ts"))
      .replace("tsx", preloaded === undefined ? TSX : `${TSX} --import ${preloaded}`),
    {
      cwd,
      shell: true,
      encoding: "utf8",
      env: { ...Object.fromEntries(inherited), ...settings, CDKTF_OUTDIR: outdir },
    },
  );
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

describe("the guard rails", () => {
  const everything = {
    APP_JWKS_URI: "https://app.example/.well-known/jwks.json",
    APP_ISSUER: "https://app.example",
    APP_AUDIENCE: "shop",
    PRINCIPAL_TAGS: "sub=username",
    USER_ROUTES: "true",
    VERIFIER: "on",
    VERIFIER_REPOSITORY: "octo-org/octo-repo",
  };

  test("pass the project's own stacks, and have seen all of them", () => {
    const { status, stderr, outdir } = run(everything);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { stacks } = JSON.parse(readFileSync(path.join(outdir, "manifest.json"), "utf8"));
    expect(Object.keys(stacks).sort()).toEqual(["api", "identity", "login", "verifier"]);
    for (const { annotations } of Object.values<{ annotations: unknown }>(stacks)) {
      expect(annotations).toEqual([]);
    }
  });

  test("refuse a pool whose classic flow was switched on: one message, exit code 2, no stack written", () => {
    const { status, stderr, outdir } = run({}, ROOT, path.join(__dirname, "support", "classic-flow.ts"));
    expect(status).toBe(2);
    expect(stderr.trimEnd().split("\n")).toEqual([
      "The guard rails refuse what is declared here:",
      expect.stringMatching(
        /^ {2}identity\/pool\/pool: the pool allows the classic flow; .* \(classic-flow\)$/,
      ),
      expect.stringContaining('GuardRails.waive(construct, "classic-flow", "the reason")'),
    ]);
    expect(readdirSync(path.join(outdir, "stacks"))).toEqual([]);
  });

  test("end cdktf synth with an exit code and their message", () => {
    const out = mkdtempSync(path.join(tmpdir(), "main-cli-"));
    directories.push(out);
    const classic = app.replace("tsx", `tsx --import ${path.join(__dirname, "support", "classic-flow.ts")}`);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [require.resolve("cdktf-cli/bundle/bin/cdktf"), "synth", "--app", classic, "--output", out],
      { cwd: ROOT, encoding: "utf8", env: { ...process.env, CI: "1", CHECKPOINT_DISABLE: "1" } },
    );
    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain("identity/pool/pool: the pool allows the classic flow");
  });
});

describe("local state of version 0.1, whose path had no region", () => {
  /** A working directory with files of the stage dev. */
  function directoryWith(files: Record<string, string>): string {
    const directory = mkdtempSync(path.join(tmpdir(), "main-state-"));
    directories.push(directory);
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(directory, ".terraform-state", "dev", name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return directory;
  }

  const held = '{"arn":"arn:aws:cognito-identity:eu-west-1:123456789012:identitypool/eu-west-1:x"}';

  test.each([
    ["of a pool, to its region", { "identity.tfstate": held, "api.tfstate.backup": "{}" }, "eu-west-1"],
    ["that holds nothing, to the region that is set", { "api.tfstate": '{"resources":[]}' }, "us-east-1"],
  ])("%s: found, named, and moved by the command in the message", (_, files, region) => {
    const cwd = directoryWith(files);
    const refused = run({}, cwd);
    expect(refused.status).toBe(2);
    expect(readdirSync(refused.outdir)).toEqual([]);
    for (const name of Object.keys(files)) {
      expect(refused.stderr).toContain(`.terraform-state/dev/${name}\n`);
    }
    const command = refused.stderr.split("\n").find((line) => line.includes("mkdir")) ?? "";
    expect(spawnSync(command, { cwd, shell: true })).toMatchObject({ status: 0 });
    expect(filesOf(path.join(cwd, ".terraform-state"))).toEqual(
      Object.fromEntries(
        Object.entries(files).map(([name, text]) => [
          path.join("dev", region, name),
          Buffer.from(text).toString("base64"),
        ]),
      ),
    );
    expect(run({}, cwd)).toMatchObject({ status: 0, stderr: "" });
  });

  test("is none of a bucket's or another stage's business", () => {
    const cwd = directoryWith({ "identity.tfstate": held });
    expect(run({ STATE_BUCKET: "shop-state" }, cwd).status).toBe(0);
    expect(run({ STAGE: "local" }, cwd).status).toBe(0);
  });
});
