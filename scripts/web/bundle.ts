/** The page's files, bundled by Vite into memory: nothing is written that could be out of date. */
import path from "node:path";
import type { Rollup } from "vite";
import { PROJECT } from "../workspace";

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly content: Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Bundles `web/`; the files by the path under which the page asks for them. */
export async function bundlePage(): Promise<ReadonlyMap<string, PageFile>> {
  const { build } = await import("vite");
  const result = (await build({
    root: path.join(PROJECT, "web"),
    configFile: false,
    envFile: false,
    logLevel: "error",
    publicDir: false,
    build: {
      write: false,
      target: "es2022",
      // The policy of the page allows neither inline scripts nor data: URLs.
      modulePreload: false,
      assetsInlineLimit: 0,
    },
  })) as Rollup.RollupOutput;
  return new Map(
    result.output.map((file) => {
      const content = file.type === "chunk" ? file.code : file.source;
      const name = file.fileName === "index.html" ? "/" : `/${file.fileName}`;
      const type = TYPES[path.extname(file.fileName)] ?? "application/octet-stream";
      return [name, { type, content: Buffer.from(content) }];
    }),
  );
}
