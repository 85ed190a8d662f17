/** Reads JSON that came over a network, where it may be cut off or another page in its place. */

/** What the text says; undefined, which JSON cannot say, when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
