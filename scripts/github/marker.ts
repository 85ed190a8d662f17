/** What an issue or a comment remembers from one run to the next: data in a comment of its Markdown, which nobody sees. */
import { z } from "zod";

/** At the end of a text, so that nothing that is told in it can pass for it. */
const MARKER = /<!-- npm run github (\{[^<>-]*\}) -->\s*$/;

const memory = z.object({
  /** The deployment that it is about. */
  deployment: z.string(),
  /** ISO 8601: when the first run failed. */
  since: z.iso.datetime().optional(),
  /** Runs that failed. */
  runs: z.int().positive().optional(),
  /** The last of them. */
  lastRun: z.string().optional(),
  /** Digest of what failed in it, by which a change is seen. */
  failure: z.string().optional(),
  /** How it was told. */
  headline: z.string().optional(),
});

/** What is remembered. */
export type Memory = Readonly<z.infer<typeof memory>>;

/** Writes it so that nothing in it can end the comment. What JSON has escaped by a backslash stays as it is. */
export function remember(what: Memory): string {
  const json = JSON.stringify(what).replace(
    /[^\w{}":,./[\]\\ ]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `<!-- npm run github ${json} -->`;
}

/** Reads what the text remembers; undefined when it isn't one of this command's, or somebody broke it. */
export function recall(text: string | null): Memory | undefined {
  try {
    return memory.parse(JSON.parse(MARKER.exec(text ?? "")?.[1] ?? ""));
  } catch {
    return undefined;
  }
}
