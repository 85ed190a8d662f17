/** Of answers that run over many lines, as AWS's on a wrong signature, the first says it all. */

/** The first line, with an ellipsis for those after it. */
export function firstLine(text: string): string {
  const [first = "", ...rest] = text.trim().split(/\r?\n/);
  return rest.length === 0 ? first : `${first} …`;
}
