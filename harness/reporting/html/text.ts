/** What servers and people wrote, made readable: the status bold, every ARN on a line of its own, and breaks between words only. */
import { type Filling, type Markup, markup } from "./markup";

/** Longer ones may not fit a phone's width. */
const LONGEST_WORD = 18;
/** Characters of a name that has room on the narrowest of phones. */
const LONGEST_NAME = 30;

/** Where a long word may be broken: after a separator. */
const SEPARATORS = /(?<=[/:.,=?&_@-])(?=[^\s/:.,=?&_@-])/;
/** And a name that is too long all the same, before the next of its words. */
const HUMPS = /(?<=[a-z\d])(?=[A-Z][a-z])/;

/**
 * Lets long words break where they may. What has no such place is broken by the style sheet, rather than be wider than the page.
 *
 * @param longest of names, in characters
 */
export function breakable(text: string, longest = LONGEST_NAME): Filling[] {
  const parts = (word: string) =>
    word.split(SEPARATORS).flatMap((part) => (part.length > longest ? part.split(HUMPS) : part));
  return text
    .split(/(\s+)/)
    .map((word) =>
      word.length <= LONGEST_WORD
        ? word
        : parts(word).map((part, index) => (index === 0 ? part : markup`<wbr>${part}`)),
    );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const ARNS = /(\barn:aws[\w-]*:[^\s"'<>;,()]*[\w*}][;,.:]?)/;

/** A status at an answer's beginning, or after what was looked at. */
const STATUS = /^((?:.*?: )?)([1-5]\d\d)(?=[ :;,]|$)/;

/** Writes what was expected, what came, or what was found. */
export function evidence(text: string): Markup {
  const [whole = "", before = "", status] = STATUS.exec(text) ?? [];
  const bold = status === undefined ? undefined : markup`${breakable(before)}<b>${status}</b>`;
  const parts = text
    .slice(whole.length)
    .split(ARNS)
    .map((part, index) =>
      index % 2 === 1 ? markup`<span class="arn">${breakable(part)}</span>` : breakable(part),
    );
  return markup`<code>${bold}${parts}</code>`;
}
