/** A copy's first line, which says what it is a copy of, and what can be told from it later. */
import { createHash } from "node:crypto";
import { provenance, sourceOf } from "./catalog";

/** What a copy remembers. */
export interface Origin {
  /** Name of the project that it was copied from. */
  readonly project: string;
  readonly version: string;
  /** Relative to that project, with `/`. */
  readonly file: string;
  /** Of the file as it was there: the first 16 hexadecimal digits of its SHA-256. */
  readonly hash: string;
}

/** What became of a copy: whether its original has changed since, whether somebody edited it, or both, or neither. */
export type CopyState =
  | "current"
  | "behind"
  | "edited by hand"
  | "behind and edited by hand"
  | "original removed";

/** A copy, told apart into what it remembers and what was copied. */
export interface CopiedFile {
  readonly origin: Origin;
  /** Without the line that remembers. */
  readonly content: string;
}

const HEADER = /^\/\/ Copied from (\S+) (\S+): (\S+) \(sha256 ([0-9a-f]{16})\)$/m;

/**
 * Makes the text of a copy.
 *
 * @param file what is copied, relative to this project, with `/`
 */
export function asCopy(file: string, content = sourceOf(file)): string {
  const { name, version } = provenance();
  return `// Copied from ${name} ${version}: ${file} (sha256 ${hashOf(content)})\n${content}`;
}

/** Reads a file as a copy; undefined when it isn't one. Line ends count for nothing: git may change them. */
export function readCopy(text: string): CopiedFile | undefined {
  const lines = text.replaceAll("\r\n", "\n");
  const found = HEADER.exec(lines);
  if (found === null || found[1] !== provenance().name) {
    return undefined;
  }
  const [header, project = "", version = "", file = "", hash = ""] = found;
  return { origin: { project, version, file, hash }, content: lines.replace(`${header}\n`, "") };
}

/**
 * Tells what became of a copy.
 *
 * @param original the file as it is in this project today; undefined when it is there no more
 */
export function stateOf({ origin, content }: CopiedFile, original: string | undefined): CopyState {
  if (original === undefined) {
    return "original removed";
  }
  const edited = hashOf(content) !== origin.hash;
  // A copy that somebody brought up to date by hand is as good as a new one.
  if (content === original) {
    return "current";
  }
  if (hashOf(original) === origin.hash) {
    return "edited by hand";
  }
  return edited ? "behind and edited by hand" : "behind";
}

function hashOf(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}
