/** The package's commands in one file each, as `npm pack` makes them: what users of the package start, without a compiler. */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { buildSync } from "esbuild";
import { PROJECT } from "../workspace";

/** A command's file and what it imports when it starts. */
export interface Bundled {
  readonly file: string;
  /** Packages, by the name they are imported under. */
  readonly imports: readonly string[];
}

/** Bundles an entry, e.g. `harness/cli/main.ts`, to where its packages are found. @param beside files that it reads from beside itself */
export function bundled(entry: string, beside: readonly string[] = []): Bundled {
  const directory = path.join(PROJECT, "node_modules", ".cache", "bench");
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, `${entry.replaceAll("/", "-")}.js`);
  const { dependencies } = JSON.parse(readFileSync(path.join(PROJECT, "package.json"), "utf8"));
  const { metafile } = buildSync({
    absWorkingDir: PROJECT,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: "node",
    target: "node20.18",
    external: Object.keys(dependencies),
    metafile: true,
    logLevel: "error",
  });
  for (const name of beside) {
    copyFileSync(path.join(PROJECT, name), path.join(directory, path.basename(name)));
  }
  const [output] = Object.values(metafile.outputs);
  const imports = (output?.imports ?? []).filter(
    ({ kind, path: name }) => kind !== "dynamic-import" && !isBuiltin(name),
  );
  return { file, imports: [...new Set(imports.map(({ path: name }) => name))] };
}
