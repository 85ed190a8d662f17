/** The npm packages that files import, at the versions with which they are tested here. */
import { isBuiltin } from "node:module";
import { sourceOf } from "./catalog";

/** Packages as npm takes them, `NAME@VERSION`: for the program, and for its types and its build. */
export interface RequiredPackages {
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

/** What Node has without an import. */
const NODE_GLOBAL = /\b(process|Buffer)\./;

/** An import of values or of types alone, and what is looked for at run time: `.resolve("esbuild")`. */
const IMPORT = /^(import type|import|export)\b[^;]*?\bfrom "([^"]+)";|\.resolve\("([^"]+)"\)/gm;

export function requiredPackages(sources: readonly string[]): RequiredPackages {
  const { dependencies, devDependencies } = JSON.parse(sourceOf("package.json"));
  const versions: Readonly<Record<string, string>> = { ...devDependencies, ...dependencies };
  const program = new Set<string>();
  const build = new Set<string>();
  for (const source of sources) {
    const code = source.replace(/\/\*\*[\s\S]*?\*\//g, "");
    if (NODE_GLOBAL.test(code)) {
      build.add("@types/node");
    }
    for (const [, keyword, imported, resolved] of code.matchAll(IMPORT)) {
      if (resolved !== undefined) {
        build.add(resolved);
      } else if (imported !== undefined && isBuiltin(imported)) {
        build.add("@types/node");
      } else if (imported !== undefined && !imported.startsWith(".")) {
        const name = packageOf(imported);
        const types = `@types/${name.replace("@", "").replace("/", "__")}`;
        (keyword === "import type" ? build : program).add(name in versions ? name : types);
        if (name in versions && types in versions) {
          build.add(types);
        }
      }
    }
  }
  // The bindings need it beside them, also under an alias that brings its original along under another name.
  if (program.has("@cdktf/provider-aws")) {
    program.add("cdktf");
  }
  const pinned = (names: ReadonlySet<string>) => [...names].sort().map((name) => `${name}@${versions[name]}`);
  return {
    dependencies: pinned(program),
    devDependencies: pinned(new Set([...build].filter((name) => !program.has(name)))),
  };
}

/** `@scope/name/lib/file` is of `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
