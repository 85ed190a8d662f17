/** Makes every character of a server's answer visible, so that none can break a report or disguise what it says. */

/**
 * What XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets, lone surrogates among it), the C1 controls, and
 * the characters that turn the direction of the text around them (https://www.unicode.org/reports/tr9/).
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/** The text with such characters written as `\uXXXX`, and with line feeds only. */
export function printable(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
