/** The blocks of docs/recipes.md, and of other pages, so that a test runs what a reader copies. */
import { readFileSync } from "node:fs";
import path from "node:path";
import MarkdownIt from "markdown-it";

const DOCS = path.resolve(__dirname, "..", "..", "docs");

/**
 * The text of the block whose fence says the name after the language: ```` ```js login.mjs ````.
 *
 * @param replaced the examples in it that stand for a reader's own values, and what to put in their place
 * @param page the page's name in docs/
 * @throws Error unless there is exactly one such block, with each of the examples in it
 */
export function recipe(
  name: string,
  replaced: Readonly<Record<string, string>> = {},
  page = "recipes.md",
): string {
  const blocks = new MarkdownIt()
    .parse(readFileSync(path.join(DOCS, page), "utf8"), {})
    .filter(({ type, info }) => type === "fence" && info.split(" ")[1] === name);
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) {
    throw new Error(`docs/${page} has ${blocks.length} blocks called ${name}; it must have one.`);
  }
  return Object.entries(replaced).reduce((text, [example, value]) => {
    if (!text.includes(example)) {
      throw new Error(`The block ${name} of docs/${page} doesn't have ${example}, which a test replaces.`);
    }
    return text.replaceAll(example, value);
  }, block.content);
}
