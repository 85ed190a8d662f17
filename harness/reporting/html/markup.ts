/** HTML and SVG in template literals, where whatever is filled in is escaped unless it is markup itself. */
import { printable } from "../words";

/** HTML or SVG, which needs no escaping any more. */
export class Markup {
  constructor(readonly text: string) {}
}

type Filling = Markup | string | number | undefined | readonly Filling[];

/** Makes markup. Nothing is shown for undefined. Attributes must be quoted with `"`. */
export function markup(literals: TemplateStringsArray, ...fillings: readonly Filling[]): Markup {
  return new Markup(
    literals.map((literal, index) => (index === 0 ? "" : fill(fillings[index - 1])) + literal).join(""),
  );
}

function fill(filling: Filling): string {
  if (filling === undefined) {
    return "";
  }
  if (filling instanceof Markup) {
    return filling.text;
  }
  return typeof filling === "object" ? filling.map(fill).join("") : escapeHtml(String(filling));
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
