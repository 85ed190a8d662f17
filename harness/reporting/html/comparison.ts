/** Expected against actual, with what differs marked. */
import { type Markup, markup } from "./markup";

/** With a smaller share of the longer text in common, marking would mark nearly all and tell nothing. */
const WORTH_MARKING = 0.3;

export function comparison(expected: string | null, actual: string | null): Markup {
  const [left, right] = differing(expected ?? "", actual ?? "");
  return markup`<dl class="comparison"><div class="expected"><dt>Expected</dt><dd><code>${left("del")}</code></dd></div>
<div class="actual"><dt>Actual</dt><dd><code>${right("ins")}</code></dd></div></dl>`;
}

type Side = (element: "del" | "ins") => Markup;

/** Both texts have their common words at the beginning and at the end; what lies between differs. */
function differing(expected: string, actual: string): [Side, Side] {
  const a = words(expected);
  const b = words(actual);
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) {
    head += 1;
  }
  let tail = 0;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) {
    tail += 1;
  }
  const common = a.slice(0, head).join("").length + a.slice(a.length - tail).join("").length;
  const worth = common > 0 && common >= WORTH_MARKING * Math.max(expected.length, actual.length);
  const side =
    (parts: readonly string[]): Side =>
    (element) => {
      const middle = parts.slice(head, parts.length - tail).join("");
      if (!worth || middle === "") {
        return markup`${parts.join("")}`;
      }
      const marked = element === "del" ? markup`<del>${middle}</del>` : markup`<ins>${middle}</ins>`;
      return markup`${parts.slice(0, head).join("")}${marked}${parts.slice(parts.length - tail).join("")}`;
    };
  return [side(a), side(b)];
}

function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+|[^\p{L}\p{N}]/gu) ?? [];
}
