// Each module file is copied into an empty project, where it must compile together with the example of its own
// documentation, which must synthesize there, having imported nothing that it was not allowed to.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

const ROOT = path.join(__dirname, "..", "..", "..");
const MODULES = path.join(ROOT, "stacks", "modules");
const TSCONFIG = path.join(ROOT, "node_modules/cdktf-cli/bundle/templates/typescript/tsconfig.json");
const files = readdirSync(MODULES).filter((file) => file.endsWith(".ts"));

function importsOf(source: string): string[] {
  return [...source.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)";|\brequire\("([^"]+)"\)/gm)].map(
    ([, imported, required]) => imported ?? required ?? "",
  );
}

function withoutComments(source: string): string {
  return source.replace(/\/\*\*[\s\S]*?\*\//g, "");
}

/** The code under `@example` in the file's documentation comments. */
function examplesOf(source: string): string[] {
  return [...source.matchAll(/^ \* @example\n((?: \*.*\n)+?) \*\/$/gm)].map(([, lines]) =>
    (lines ?? "").replace(/^ \* ?/gm, ""),
  );
}

test("there are modules", () => {
  expect(files).toEqual(
    expect.arrayContaining(["developer-identity-pool.ts", "node-function.ts", "rest-api.ts"]),
  );
});

test.each(files)("%s imports cdktf, constructs, the provider and Node's own modules only", (file) => {
  const imports = importsOf(withoutComments(readFileSync(path.join(MODULES, file), "utf8")));
  expect(imports.length).toBeGreaterThan(0);
  const foreign = imports.filter(
    (name) =>
      !["cdktf", "constructs"].includes(name) &&
      !name.startsWith("@cdktf/provider-aws/lib/") &&
      !(name.startsWith("node:") && isBuiltin(name)),
  );
  expect(foreign).toEqual([]);
});

describe("in a project of its own", () => {
  let project: string;
  beforeEach(() => {
    project = mkdtempSync(path.join(tmpdir(), "standing-alone-"));
    symlinkSync(path.join(ROOT, "node_modules"), path.join(project, "node_modules"), "junction");
    // What cdktf init gives, and what TypeScript 7 wants beside it.
    const tsconfig = JSON.parse(readFileSync(TSCONFIG, "utf8"));
    Object.assign(tsconfig.compilerOptions, { types: ["node"], noEmit: true });
    writeFileSync(path.join(project, "tsconfig.json"), JSON.stringify(tsconfig));
    writeFileSync(path.join(project, "package.json"), JSON.stringify({ private: true }));
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  test.each(files)("%s compiles with its example, which synthesizes", (file) => {
    const source = readFileSync(path.join(MODULES, file), "utf8");
    const [example, ...others] = examplesOf(source);
    expect(others).toEqual([]);
    expect(example).toBeDefined();
    writeFileSync(path.join(project, "example.ts"), example ?? "");
    copyFileSync(path.join(MODULES, file), path.join(project, file));
    // The example may show the module beside another; the module itself may not import it (see above).
    for (const [, name] of (example ?? "").matchAll(/"\.\/(.+)"/g)) {
      copyFileSync(path.join(MODULES, `${name}.ts`), path.join(project, `${name}.ts`));
    }
    expect(compile(project)).toBe("");
    for (const [, entry] of (example ?? "").matchAll(/entry: "(.+)"/g)) {
      mkdirSync(path.join(project, path.dirname(entry ?? "")));
      writeFileSync(path.join(project, entry ?? ""), "export const handler = async () => {};\n");
    }
    execFileSync(process.execPath, ["--import", "tsx", "example.ts"], { cwd: project });
    const [stack = "", ...more] = readdirSync(path.join(project, "cdktf.out", "stacks"));
    expect(more).toEqual([]);
    const configuration = readFileSync(
      path.join(project, "cdktf.out", "stacks", stack, "cdk.tf.json"),
      "utf8",
    );
    expect(Object.keys(JSON.parse(configuration).resource).length).toBeGreaterThan(2);
  });

  test("the login function compiles where the modules do", () => {
    cpSync(path.join(ROOT, "functions", "login.ts"), path.join(project, "functions", "login.ts"));
    cpSync(path.join(ROOT, "functions", "login"), path.join(project, "functions", "login"), {
      recursive: true,
    });
    expect(compile(project)).toBe("");
  });
});

/** The compiler's complaints. */
function compile(project: string): string {
  const tsc = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");
  try {
    return execFileSync(process.execPath, [tsc, "--project", project], { encoding: "utf8" });
  } catch (error) {
    return String((error as { stdout: unknown }).stdout);
  }
}
