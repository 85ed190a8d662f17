/**
 * Makes `dist/`, the package's code, when `npm pack` asks for it (`prepack`): a CommonJS file for each entry, which every Node and
 * every Jest loads as it is; an ES module that hands on the same, so that both kinds of importers share one copy and `instanceof`
 * holds; and declarations. Dependencies stay outside but for those that are ES modules only.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { build, type Plugin } from "esbuild";
import { PROJECT } from "./workspace";

const DIST = path.join(PROJECT, "dist");
const TYPES = path.join(DIST, "types");
const MODULES = readdirSync(path.join(PROJECT, "stacks/modules")).filter((name) => name.endsWith(".ts"));

/** The source of every entry, by its name in `dist/`. */
const ENTRIES: Readonly<Record<string, string>> = {
  harness: "harness/index.ts",
  verify: "harness/cli/main.ts",
  "local-aws": "local-aws/index.ts",
  "local-aws-command": "scripts/local-aws-command.ts",
  jest: "local-aws/jest.ts",
  ...Object.fromEntries(
    MODULES.map((file) => [`modules/${path.basename(file, ".ts")}`, `stacks/modules/${file}`]),
  ),
};

/** The entries that are imported by both kinds of importers; Jest requires its environment, and commands are run. */
const IMPORTED = Object.keys(ENTRIES).filter(
  (name) => !["verify", "local-aws-command", "jest"].includes(name),
);

/** What the code reads from beside itself. */
const READ_FILES = [
  "harness/reporting/html/style.css",
  "local-aws/services/lambda/runtime/bootstrap.mjs",
  "local-aws/services/lambda/runtime/started-processes.cjs",
];

/** ES modules only, which Jest can't require on Node 20. */
const BUNDLED = ["jose"];

/** What is built upon local AWS requires it rather than having a copy of it. */
const localAwsStaysApart: Plugin = {
  name: "local-aws-stays-apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.$/ }, ({ resolveDir }) =>
      resolveDir === path.join(PROJECT, "local-aws") ? { path: "./local-aws.js", external: true } : undefined,
    );
  },
};

async function bundle(): Promise<void> {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(path.join(PROJECT, "package.json"), "utf8"),
  );
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: ENTRIES,
    outdir: DIST,
    bundle: true,
    platform: "node",
    target: "node20.18",
    // Jest can't import in a suite of CommonJS.
    supported: { "dynamic-import": false },
    external: [...Object.keys(dependencies), ...Object.keys(peerDependencies)],
    plugins: [localAwsStaysApart],
    metafile: true,
    logLevel: "warning",
  });
  const packages = Object.keys(metafile.inputs).map(
    (file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1],
  );
  const unforeseen = [...new Set(packages)].filter((name) => name !== undefined && !BUNDLED.includes(name));
  if (unforeseen.length > 0) {
    throw new Error(
      `The package's code imports ${unforeseen.join(", ")}, which would be copied into it. Make it a dependency in package.json.`,
    );
  }
  for (const name of BUNDLED) {
    // Whoever hands on a copy hands on its license.
    copyFileSync(
      path.join(PROJECT, "node_modules", name, "LICENSE.md"),
      path.join(DIST, `${name}.LICENSE.md`),
    );
  }
  for (const file of READ_FILES) {
    copyFileSync(path.join(PROJECT, file), path.join(DIST, path.basename(file)));
  }
  for (const name of IMPORTED) {
    writeFileSync(path.join(DIST, `${name}.mjs`), `export * from "./${path.basename(name)}.js";\n`);
  }
}

/** Writes declarations of what is exported, and of what that mentions. */
function declare(): void {
  execFileSync("tsc", ["-p", path.join(PROJECT, "tsconfig.package.json"), "--outDir", `${TYPES}.all`]);
  const copied = new Set<string>();
  const copy = (file: string) => {
    if (copied.has(file)) {
      return;
    }
    copied.add(file);
    mkdirSync(path.dirname(path.join(TYPES, file)), { recursive: true });
    copyFileSync(path.join(`${TYPES}.all`, file), path.join(TYPES, file));
    const text = readFileSync(path.join(TYPES, file), "utf8");
    for (const [, specifier = ""] of text.matchAll(/(?:\bfrom|\bimport\(?) ?"(\.[^"]*)"/g)) {
      const target = path.join(path.dirname(file), specifier);
      const candidates = [`${target}.d.ts`, path.join(target, "index.d.ts")];
      copy(candidates.find((candidate) => existsSync(path.join(`${TYPES}.all`, candidate))) as string);
    }
  };
  for (const name of [...IMPORTED, "jest"]) {
    copy(declarationOf(name));
  }
  rmSync(`${TYPES}.all`, { recursive: true });
  for (const name of IMPORTED) {
    const file = declarationOf(name);
    const specifier = `./${path.basename(file, ".d.ts")}.js`;
    writeFileSync(path.join(TYPES, file.replace(/\.d\.ts$/, ".d.mts")), `export * from "${specifier}";\n`);
  }
}

function declarationOf(entry: string): string {
  return (ENTRIES[entry] as string).replace(/\.ts$/, ".d.ts");
}

rmSync(DIST, { recursive: true, force: true });
void bundle().then(declare);
