/** Elements out of data: text is always text, so that nothing a server says can become markup. */

type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Makes an HTML element; attributes that are undefined are left out. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  return filled(document.createElement(name), attributes, children);
}

/** Makes an element of SVG. */
export function drawing<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

/** Draws a mark of those in `index.html`; what it means stands beside it in words. */
export function mark(name: "passed" | "failed" | "skipped" | "refused"): SVGElement {
  const attributes = { class: `mark ${name}`, width: 16, height: 16, "aria-hidden": "true" };
  return drawing("svg", attributes, drawing("use", { href: `#${name}` }));
}

/** @throws Error when the page has no such element */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`index.html has no #${id}.`);
  }
  return found;
}

function filled<T extends Element>(made: T, attributes: Attributes, children: readonly Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) {
      made.setAttribute(name, String(value));
    }
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}
