/** The blocks of docs/recipes.md, so that a test runs what a reader copies. */
import { readFileSync } from "node:fs";
import path from "node:path";
import MarkdownIt from "markdown-it";

const PAGE = path.resolve(__dirname, "..", "..", "docs", "recipes.md");

/**
 * The text of the block whose fence says the name after the language: ```` ```js login.mjs ````.
 *
 * @param replaced the examples in it that stand for a reader's own values, and what to put in their place
 * @throws Error unless there is exactly one such block, with each of the examples in it
 */
export function recipe(name: string, replaced: Readonly<Record<string, string>> = {}): string {
  const blocks = new MarkdownIt()
    .parse(readFileSync(PAGE, "utf8"), {})
    .filter(({ type, info }) => type === "fence" && info.split(" ")[1] === name);
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) {
    throw new Error(`docs/recipes.md has ${blocks.length} blocks called ${name}; it must have one.`);
  }
  return Object.entries(replaced).reduce((text, [example, value]) => {
    if (!text.includes(example)) {
      throw new Error(`The block ${name} of docs/recipes.md doesn't have ${example}, which a test replaces.`);
    }
    return text.replaceAll(example, value);
  }, block.content);
}
