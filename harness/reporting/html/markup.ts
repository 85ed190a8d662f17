/** HTML and SVG in template literals, and tables of them, where whatever is filled in is escaped unless it is markup itself. */
import { printable } from "../words";

/** HTML or SVG, which needs no escaping any more. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What markup may be filled in with. */
export type Filling = Markup | string | number | undefined | readonly Filling[];

/** Makes markup. Nothing is shown for undefined. Attributes must be quoted with `"`. */
export function markup(literals: TemplateStringsArray, ...fillings: readonly Filling[]): Markup {
  return new Markup(
    literals.map((literal, index) => (index === 0 ? "" : fill(fillings[index - 1])) + literal).join(""),
  );
}

function fill(filling: Filling = ""): string {
  if (filling instanceof Markup) {
    return filling.text;
  }
  return typeof filling === "object" ? filling.map(fill).join("") : escapeHtml(String(filling));
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

/**
 * Makes a table. On a narrow screen its cells stand one under the other; the roles keep it a table there, in browsers that go by
 * the layout.
 *
 * @param name its class
 */
export function table(name: string, columns: readonly string[], rows: Markup[], caption?: Markup): Markup {
  const heads = columns.map((column) => markup`<th role="columnheader" scope="col">${column}</th>`);
  return markup`<table class="${name}" role="table">${caption}<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">${rows}</tbody></table>`;
}

/** Makes a row. @param name its class @param cells `td` elements with the role `cell` */
export function row(name: string, head: Markup, cells: Markup): Markup {
  return markup`<tr role="row" class="${name}"><th role="rowheader" scope="row">${head}</th>
${cells}</tr>
`;
}
