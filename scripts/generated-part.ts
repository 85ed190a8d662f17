/** The part of a document that a script writes, between two marks that stay where they were put. */

/** What the marks are called, and by which command the part is written. */
export interface GeneratedPart {
  readonly name: string;
  readonly command: string;
}

/**
 * Puts the content between the marks.
 *
 * @param file where the text is from, for the error
 * @throws Error when the text lacks the marks
 */
export function withGeneratedPart(
  text: string,
  { name, command }: GeneratedPart,
  content: string,
  file: string,
): string {
  const [first, last] = [`<!-- ${name}: written by \`${command}\` -->`, `<!-- end of ${name} -->`];
  const start = text.indexOf(first);
  const end = text.indexOf(last);
  if (start < 0 || end < start) {
    throw new Error(`${file} lacks the marks around what is generated: ${first} … ${last}`);
  }
  return `${text.slice(0, start + first.length)}\n\n${content}\n\n${text.slice(end)}`;
}
