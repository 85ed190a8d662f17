/** Percent-encoding as signatures and policies have it, which is stricter than JavaScript's. */

/** Percent-encodes all but the unreserved characters: https://www.rfc-editor.org/rfc/rfc3986#section-2.3 */
export function percentEncode(text: string): string {
  const encode = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, encode);
}
